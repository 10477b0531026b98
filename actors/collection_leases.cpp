// What the lease keeper wants done: its questions to the lease store and the feed, its orders, its
// news. Each question carries the keeper's ticket there and back.
#include "actors/answers.hpp"
#include "actors/collection.hpp"
#include "core/log.hpp"

#include <utility>

namespace feedcast {

using metrics::checkpoint_outcome;
using metrics::lease_change;

void collection_state::open(ticket t) {
  leases_->open(answer_to(collection_actor{self_}, to_opened{{t, {}}}));
}

void collection_state::list(ticket t) {
  leases_->list(answer_to(collection_actor{self_}, to_leases{{t, {}}}));
}

void collection_state::lock(ticket t) {
  leases_->lock(answer_to(collection_actor{self_}, to_lock{{t, {}}}));
}

void collection_state::unlock(ticket t) {
  leases_->unlock(answer_to(collection_actor{self_}, to_done{{t, {}}}));
}

void collection_state::mark(ticket t, wall_time anchor) {
  leases_->mark_initialised(anchor, answer_to(collection_actor{self_}, to_done{{t, {}}}));
}

void collection_state::create(ticket t, lease l) {
  leases_->create(std::move(l), answer_to(collection_actor{self_}, to_lease{{t, {}}}));
}

void collection_state::replace(ticket t, lease l) {
  leases_->replace(std::move(l), answer_to(collection_actor{self_}, to_lease{{t, {}}}));
}

void collection_state::read(ticket t, std::string range_id) {
  leases_->read(std::move(range_id), answer_to(collection_actor{self_}, to_lease{{t, {}}}));
}

void collection_state::remove(ticket t, lease l) {
  leases_->remove(std::move(l), answer_to(collection_actor{self_}, to_done{{t, {}}}));
}

void collection_state::read_ranges(ticket t) {
  source_->ranges(answer_to(collection_actor{self_}, to_ranges{{t, {}}}));
}

void collection_state::on_ranges(ranges_answer a) {
  if (!a.ranges)
    return keeper_->on_ranges(a.step, a.ranges.error());
  std::vector<known_range> known;
  for (auto& r : *a.ranges)
    known.push_back(
        {std::move(r.id), std::move(r.parents), {std::move(r.min_key), std::move(r.max_key)}});
  keeper_->on_ranges(a.step, std::move(known));
}

void collection_state::resolve_now(ticket t, const planned_lease& range) {
  source_->fetch({range.range_id, start_point{start_point::kind::now, {}}, 1,
                  range.form == lease_form::pk ? std::nullopt : std::optional{range.keys}},
                 answer_to(collection_actor{self_}, to_start{{t, {}}}));
}

void collection_state::start(const lease& l, const range_start& /*from: the slot has it*/) {
  auto& r = readers_[l.range_id];
  r = reader{};
  if (l.form != lease_form::pk)
    r.keys = l.keys;
  start_partition(l.range_id);
}

void collection_state::stop(const std::string& range_id) {
  readers_.erase(range_id);
  partitions_->remove("partition " + range_id);
  args_.probe->forget_range(range_id);
  args_.watch.health->drop_range({args_.options.partition.target, args_.options.partition.feed},
                                 range_id);
}

void collection_state::tell(lease_event what, const std::string& range_id,
                            const std::string& detail) {
  const auto& p = args_.options.partition;
  const auto changed = [&](lease_change c) { args_.probe->lease_changes[c].add(); };
  switch (what) {
  case lease_event::acquired:
    return changed(lease_change::acquired);
  case lease_event::stolen_in:
    return changed(lease_change::stolen_in);
  case lease_event::split:
    readers_.erase(range_id);
    return changed(lease_change::split);
  case lease_event::shutdown:
    return changed(lease_change::shutdown);
  case lease_event::stolen_out: {
    static log::limiter taken{milliseconds{10'000}};
    if (const auto pass = taken.admit())
      log::info("lease was taken over, the range is no longer read here", {{"target", p.target},
                                                                           {"feed", p.feed},
                                                                           {"range", range_id},
                                                                           {"owner", detail},
                                                                           {"suppressed", *pass}});
    return changed(lease_change::stolen_out);
  }
  case lease_event::stored:
    return args_.probe->checkpoints[checkpoint_outcome::stored].add();
  case lease_event::conflict:
  case lease_event::store_error:
    break;
  }
  args_.probe
      ->checkpoints[what == lease_event::conflict ? checkpoint_outcome::conflict
                                                  : checkpoint_outcome::error]
      .add();
  static log::limiter once{milliseconds{10'000}};
  if (const auto pass = once.admit())
    log::warn("position can't be stored, delivery goes on", {{"target", p.target},
                                                             {"feed", p.feed},
                                                             {"range", range_id},
                                                             {"error", detail},
                                                             {"suppressed", *pass}});
}

void collection_state::trouble(const std::string& step, const error& e, milliseconds wait) {
  args_.probe->feed_errors[metrics::classify(e.code)].add();
  if (std::exchange(last_trouble_, to_string(e)) == to_string(e))
    return;
  log::warn("leases can't be looked after, trying again",
            {{"target", args_.options.partition.target},
             {"feed", args_.options.partition.feed},
             {"step", step},
             {"class", to_string(e.code)},
             {"error", e.detail},
             {"next_try_ms", wait.count()}});
}

void collection_state::twin(const std::string& range_id, const std::string& their_boot) {
  const auto& p = args_.options.partition;
  const auto why = "another process runs under the instance name '" + args_.options.leases.instance
                   + "' and was started later (it took range " + range_id + " of target " + p.target
                   + ", feed " + p.feed + "; boot " + their_boot
                   + "): give each process its own `instance`";
  static log::limiter once{milliseconds{10'000}};
  if (const auto pass = once.admit()) // each of its ranges says so
    log::error("twin instance", {{"error", why}, {"suppressed", *pass}});
  if (args_.on_twin)
    args_.on_twin(why);
}

} // namespace feedcast
