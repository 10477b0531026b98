// The collection's dealings with the lease store: from an empty store to owned leases.
//
// The way to the first page of a range:  open -> list leases -> read ranges -> plan -> for each
// range without a lease: resolve its start, create the lease -> write the marker -> acquire ->
// partition. Each step is one question; its answer carries the question's number, and a failed
// question is asked again with backoff.
#include "actors/answers.hpp"
#include "actors/collection.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>

namespace feedcast {

namespace {

read_position start_position(const range_start& s) {
  switch (s.from) {
  case range_start::kind::position:
    return continuation{s.continuation};
  case range_start::kind::beginning:
    return start_point{start_point::kind::beginning, {}};
  case range_start::kind::now:
    return start_point{start_point::kind::now, {}};
  case range_start::kind::time:
    break;
  }
  return start_point{start_point::kind::time, s.at};
}

} // namespace

void collection_state::failed(const char* what, const error& e) {
  const auto wait = retry_delay_.next(e.retry_after);
  if (trouble_ != to_string(e)) {
    log::warn("processor can't start, trying again", {{"target", args_.options.partition.target},
                                                      {"feed", args_.options.partition.feed},
                                                      {"step", what},
                                                      {"class", to_string(e.code)},
                                                      {"error", e.detail},
                                                      {"next_try_ms", wait.count()}});
    trouble_ = to_string(e);
  }
  args_.probe->feed_errors[metrics::classify(e.code)].add();
  self_->delayed_send(self_, wait, retry_atom_v, step_);
}

void collection_state::on_retry(std::uint64_t step) {
  if (step != step_ || draining_ || !ask_)
    return;
  beats_asked_ = 0;
  const auto again = ask_; // asking sets `ask_` anew, which destroys what the old one captured
  again();
}

void collection_state::ask_open() {
  ask_ = [this] { ask_open(); };
  leases_->open(answer_to(collection_actor{self_}, to_opened{{++step_, {}}}));
}

void collection_state::on_opened(opened_answer a) {
  if (a.step != step_)
    return;
  beats_asked_ = 0;
  if (!a.state)
    return failed("open the lease store", a.state.error());
  store_ = *a.state;
  marked_ = store_.initialised;
  ask_leases();
}

void collection_state::ask_leases() {
  ask_ = [this] { ask_leases(); };
  leases_->list(answer_to(collection_actor{self_}, to_leases{{++step_, {}}}));
}

void collection_state::on_leases(leases_answer a) {
  if (a.step != step_)
    return;
  beats_asked_ = 0;
  if (!a.leases)
    return failed("list the leases", a.leases.error());
  for (auto& l : *a.leases) {
    auto& entry = ranges_[l.range_id];
    if (!entry.owned) // of our own leases we know more than the store does
      entry.stored = std::move(l);
  }
  ask_ranges();
}

void collection_state::ask_ranges() {
  ask_ = [this] { ask_ranges(); };
  source_->ranges(answer_to(collection_actor{self_}, to_ranges{{++step_, {}}}));
}

void collection_state::on_ranges(ranges_answer a) {
  if (a.step != step_)
    return;
  beats_asked_ = 0;
  if (!a.ranges)
    return failed("read the ranges", a.ranges.error());
  std::vector<known_range> known;
  for (const auto& r : *a.ranges)
    known.push_back({r.id, r.parents});
  std::vector<lease> stored;
  for (const auto& [id, entry] : ranges_)
    if (!entry.stored.version.empty()) {
      stored.push_back(entry.stored);
      // Children go on from what is settled, which the stored lease may not say yet.
      if (entry.owned)
        stored.back().continuation = token_of(entry.settled);
    }
  if (!marked_ && !anchor_) {
    // A lease that is lost later is repaired from here, so it is taken before any start is
    // resolved. Positions of an earlier life began at an unknown time.
    const bool read_before = std::any_of(stored.begin(), stored.end(),
                                         [](const auto& l) { return !l.continuation.empty(); });
    anchor_ =
        read_before ? wall_time{} : repair_anchor(args_.options.start, args_.watch.clock->wall());
  }
  auto plan = plan_leases(known, stored, store_, args_.options.start);
  for (const auto& id : plan.unexplained)
    if (!std::exchange(ranges_[id].unexplained, true))
      log::warn("lease of a range that does not exist is left alone",
                {{"target", args_.options.partition.target},
                 {"feed", args_.options.partition.feed},
                 {"range", id}});
  plan_.assign(plan.ranges.begin(), plan.ranges.end());
  remove_ = std::move(plan.remove_after);
  next_task();
}

void collection_state::next_task() {
  retry_delay_.reset();
  trouble_.clear();
  while (!plan_.empty()) {
    at_hand_ = std::move(plan_.front());
    plan_.pop_front();
    auto& entry = ranges_[at_hand_.range_id];
    const bool was_gone = !std::exchange(entry.exists, true);
    if (entry.owned) {
      // Reported as gone before its children can be seen: back to reading it until they are.
      if (was_gone)
        start_partition(at_hand_.range_id);
      continue;
    }
    if (at_hand_.create || may_take(entry.stored))
      return resolve_start(at_hand_);
  }
  if (!marked_) {
    ask_ = [this] {
      leases_->mark_initialised(*anchor_,
                                answer_to(collection_actor{self_}, to_done{{++step_, "mark", {}}}));
    };
    return ask_();
  }
  if (!remove_.empty()) {
    ask_ = [this] {
      leases_->remove(remove_.back(),
                      answer_to(collection_actor{self_}, to_done{{++step_, "remove", {}}}));
    };
    return ask_();
  }
  ask_ = nullptr;
  running_ = true;
  // A range may have gone while we were busy.
  if (std::any_of(ranges_.begin(), ranges_.end(), [](const auto& r) { return !r.second.exists; })) {
    running_ = false;
    ask_ = [this] { ask_ranges(); };
    self_->delayed_send(self_, retry_delay_.next(), retry_atom_v, step_);
  }
}

bool collection_state::may_take(const lease& l) const {
  return l.owner.empty() || l.owner == args_.options.instance
         || args_.watch.clock->wall() - l.timestamp > args_.options.lease_expiry;
}

void collection_state::resolve_start(const planned_range& planned) {
  if (planned.start.from != range_start::kind::now)
    return take_lease(planned.range_id, start_position(planned.start));
  // `now` becomes a position once, and is written down before anything behind it is read.
  ask_ = [this] { resolve_start(at_hand_); };
  source_->fetch({planned.range_id, start_point{start_point::kind::now, {}}, 1},
                 answer_to(collection_actor{self_}, to_start{{++step_, {}}}));
}

void collection_state::on_start(start_answer a) {
  if (a.step != step_)
    return;
  beats_asked_ = 0;
  if (!a.page) {
    if (a.page.error().code == errc::gone)
      ask_ = [this] { ask_ranges(); };
    return failed("resolve the start", a.page.error());
  }
  take_lease(at_hand_.range_id, (*a.page)->next);
}

void collection_state::take_lease(const std::string& range_id, read_position from) {
  ask_ = [this, range_id, from] { take_lease(range_id, from); };
  auto& entry = ranges_[range_id];
  auto l = entry.stored;
  l.range_id = range_id;
  l.owner = args_.options.instance;
  l.continuation = token_of(from);
  l.timestamp = args_.watch.clock->wall();
  entry.settled = std::move(from);
  auto done = answer_to(collection_actor{self_}, to_lease{{++step_, range_id, {}}});
  if (l.version.empty())
    leases_->create(std::move(l), std::move(done));
  else
    leases_->replace(std::move(l), std::move(done));
}

void collection_state::on_lease(lease_answer a) {
  if (a.step == 0) {
    const auto at = ranges_.find(a.range_id);
    if (at == ranges_.end() || !at->second.owned)
      return;
    if (at->second.releasing)
      on_released(at->second, a);
    else if (at->second.reread)
      on_reread(a.range_id, at->second, a);
    else
      on_written(a.range_id, at->second, a);
    return;
  }
  if (a.step != step_)
    return;
  beats_asked_ = 0;
  on_task_lease(a);
}

void collection_state::on_task_lease(lease_answer& a) {
  if (a.stored) {
    args_.probe->lease_changes[metrics::lease_change::acquired].add();
    own(a.range_id, std::move(*a.stored), ranges_[a.range_id].settled);
    return next_task();
  }
  const auto code = a.stored.error().code;
  // Somebody was faster: look at what is there now.
  if (code == errc::conflict || code == errc::not_found) {
    if (code == errc::not_found)
      ranges_.erase(a.range_id);
    ask_ = [this] { ask_leases(); };
  }
  failed("write a lease", a.stored.error());
}

void collection_state::own(const std::string& range_id, lease stored, read_position from) {
  auto& entry = ranges_[range_id];
  entry.positions = std::make_unique<checkpointer>(args_.options.checkpoint, stored.continuation,
                                                   self_->clock().now());
  entry.stored = std::move(stored);
  entry.settled = std::move(from);
  entry.owned = true;
  entry.exists = true;
  start_partition(range_id);
}

void collection_state::on_done(const done_answer& a) {
  if (a.step != step_)
    return;
  beats_asked_ = 0;
  if (!a.done)
    return failed(a.what == "mark" ? "write the marker" : "remove a lease", a.done.error());
  if (a.what == "mark") {
    marked_ = true;
    store_.initialised = true;
    store_.started_at = anchor_;
  } else {
    const auto& gone = remove_.back().range_id;
    forget(gone);
    ranges_.erase(gone);
    remove_.pop_back();
  }
  next_task();
}

} // namespace feedcast
