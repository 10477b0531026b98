// The writing of settled positions into owned leases, and giving the leases back.
#include "actors/answers.hpp"
#include "actors/collection.hpp"
#include "core/log.hpp"

#include <utility>

namespace feedcast {

namespace {

constexpr milliseconds release_retry{300};

} // namespace

void collection_state::write_positions(steady_time now) {
  const bool last = draining_ && !partitions_->any_running();
  for (auto& [id, entry] : ranges_) {
    if (!entry.owned || entry.released || entry.reread)
      continue;
    if (last) { // also one that was split and whose children are left to the next run
      release(id, entry);
      continue;
    }
    if (!entry.exists)
      continue;
    if (auto position = entry.positions->take(now)) {
      auto l = entry.stored;
      l.continuation = std::move(*position);
      l.timestamp = args_.watch.clock->wall();
      leases_->replace(std::move(l), answer_to(collection_actor{self_}, to_lease{{0, id, {}}}));
    }
  }
}

void collection_state::release(const std::string& range_id, range_entry& entry) {
  // Everything is settled: one write stores the last position and gives the lease back.
  const auto now = self_->clock().now();
  if (entry.positions->in_flight() || entry.releasing || now < entry.release_at)
    return;
  entry.releasing = true;
  auto l = entry.stored;
  l.continuation = token_of(entry.settled);
  l.owner.clear();
  l.timestamp = args_.watch.clock->wall();
  leases_->replace(std::move(l), answer_to(collection_actor{self_}, to_lease{{0, range_id, {}}}));
}

void collection_state::on_released(range_entry& entry, lease_answer& a) {
  entry.releasing = false;
  // Gone, or free already because the answer to an earlier try was lost: both are what was wanted.
  entry.released = a.stored || a.stored.error().code == errc::not_found;
  if (!entry.released) {
    entry.release_at = self_->clock().now() + release_retry;
    if (a.stored.error().code == errc::conflict) {
      entry.reread = true;
      leases_->read(a.range_id, answer_to(collection_actor{self_}, to_lease{{0, a.range_id, {}}}));
    }
    return;
  }
  args_.probe->lease_changes[metrics::lease_change::shutdown].add();
  end_if_drained();
}

void collection_state::on_written(const std::string& range_id, range_entry& entry,
                                  lease_answer& a) {
  const auto now = self_->clock().now();
  if (a.stored) {
    args_.probe->checkpoints[metrics::checkpoint_outcome::stored].add();
    entry.stored = std::move(*a.stored);
    entry.positions->on_written(now);
    end_if_drained();
    return;
  }
  const auto& e = a.stored.error();
  const bool conflict = e.code == errc::conflict || e.code == errc::not_found;
  args_.probe
      ->checkpoints[conflict ? metrics::checkpoint_outcome::conflict
                             : metrics::checkpoint_outcome::error]
      .add();
  entry.positions->on_failed(e, now);
  static log::limiter once{milliseconds{10'000}};
  if (const auto pass = once.admit())
    log::warn("position can't be stored, delivery goes on",
              {{"target", args_.options.partition.target},
               {"feed", args_.options.partition.feed},
               {"range", range_id},
               {"error", to_string(e)},
               {"suppressed", *pass}});
  if (e.code == errc::not_found) {
    // Somebody deleted the lease of a range that is read here: what is settled is known, so put it
    // back.
    entry.reread = true;
    auto l = entry.stored;
    l.version.clear();
    l.continuation = token_of(entry.settled);
    l.timestamp = args_.watch.clock->wall();
    leases_->create(std::move(l), answer_to(collection_actor{self_}, to_lease{{0, range_id, {}}}));
  } else if (e.code == errc::conflict) {
    entry.reread = true;
    leases_->read(range_id, answer_to(collection_actor{self_}, to_lease{{0, range_id, {}}}));
  }
}

void collection_state::on_reread(const std::string& range_id, range_entry& entry, lease_answer& a) {
  entry.reread = false;
  if (!a.stored)
    return; // the next write fails the same way and asks again
  if (draining_ && a.stored->owner.empty()) {
    entry.released = true;
    return end_if_drained();
  }
  if (a.stored->owner != args_.options.instance)
    return lose_lease(range_id, entry, std::move(*a.stored));
  // Still ours: our own write whose answer was lost, or a foreign touch that left the owner alone.
  entry.stored = std::move(*a.stored);
}

void collection_state::lose_lease(const std::string& range_id, range_entry& entry, lease theirs) {
  log::warn("lease was taken over, the range is no longer read here",
            {{"target", args_.options.partition.target},
             {"feed", args_.options.partition.feed},
             {"range", range_id},
             {"owner", theirs.owner}});
  args_.probe->lease_changes[metrics::lease_change::stolen_out].add();
  entry.owned = false;
  entry.positions.reset();
  entry.stored = std::move(theirs);
  forget(range_id);
  end_if_drained();
}

} // namespace feedcast
