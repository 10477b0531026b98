// One look: list the leases, plan, create and replace, take.
#include "leases/keeper.hpp"

#include <algorithm>
#include <utility>

namespace feedcast {

namespace {

/// Times of the store are whole seconds, so a difference of them may be up to one too large.
constexpr milliseconds clock_grain{1'000};

} // namespace

void lease_keeper::on_listed(ticket t, result<lease_listing> r) {
  const auto q = answered(t);
  if (!q)
    return;
  if (!r)
    return later("list the leases", r.error(), [this] { look(); });
  listed_wall_ = r->now;
  listed_steady_ = clock_.steady();
  range_form_ = r->range_form;
  span_form_ = r->span_form;
  note_listed(std::move(r->leases), q->asked);
  if (ranges_needed())
    port_.read_ranges(ask(question::ranges));
  else
    plan();
}

void lease_keeper::note_listed(std::vector<lease> leases, steady_time asked) {
  std::set<std::string> listed;
  for (auto& l : leases) {
    listed.insert(l.range_id);
    auto& s = slots_[l.range_id];
    if (s.heard > asked)
      continue; // the list may be older than what we know
    if (!s.owned) {
      s.reread = false;
      s.expired = listed_wall_ - l.stored_at > options_.expiry + clock_grain;
      s.stored = std::move(l);
    } else if (s.asked == 0 && l.version != s.stored.version && !is_ours(l)) {
      // Our write may be on its way, so it is a doubt and no more.
      s.reread = true;
    }
  }
  std::erase_if(slots_, [&](const auto& s) {
    return !s.second.owned && !listed.contains(s.first) && !started_.contains(s.first);
  });
}

bool lease_keeper::ranges_needed() const {
  if (ranges_stale_ || !gaps_seen_.empty())
    return true;
  return std::any_of(slots_.begin(), slots_.end(), [this](const auto& s) {
    return s.second.stored.form == lease_form::pk && !s.second.unexplained
           && std::none_of(ranges_.begin(), ranges_.end(),
                           [&](const known_range& r) { return r.id == s.first; });
  });
}

void lease_keeper::on_ranges(ticket t, result<std::vector<known_range>> r) {
  if (!answered(t))
    return;
  if (!r)
    return later("read the ranges", r.error(), [this] { look(); });
  ranges_ = std::move(*r);
  ranges_stale_ = false;
  for (const auto& range : ranges_)
    remembered_.insert_or_assign(range.id, range.keys);
  plan();
}

tiling_facts lease_keeper::facts() const {
  tiling_facts f{ranges_, {}, state_, options_.start, range_form_, span_form_, remembered_};
  if (!state_.initialised && anchor_)
    // Our own first start goes on: what has no lease yet was never read, nor anything since then.
    f.state.started_at = anchor_;
  for (const auto& [id, s] : slots_) {
    if (s.stored.version.empty())
      continue;
    f.leases.push_back(s.stored);
    // Children go on from what is settled, which the stored lease may not say yet.
    if (s.owned)
      f.leases.back().continuation = s.settled.continuation;
  }
  return f;
}

/// A lease of ours that is no more was deleted by mistake, or replaced by somebody who owned it for
/// a while. Then others have its keys, and putting it back would read them twice.
void lease_keeper::judge_missing() {
  const auto is_missing = [](const slot& s) { return s.owned && s.missing; };
  if (std::none_of(slots_.begin(), slots_.end(),
                   [&](const auto& s) { return is_missing(s.second); }))
    return;
  auto f = facts();
  std::erase_if(f.leases, [&](const lease& l) { return is_missing(slots_.at(l.range_id)); });
  const auto gaps = plan_leases(f).gaps;
  for (auto at = slots_.begin(); at != slots_.end();) {
    const auto next = std::next(at);
    auto& [id, s] = *at;
    if (is_missing(s)) {
      const auto known = remembered_.find(id);
      const auto keys = s.stored.keys                ? s.stored.keys
                        : known != remembered_.end() ? std::optional{known->second}
                                                     : std::nullopt;
      s.missing = false;
      s.put_back = !keys || std::any_of(gaps.begin(), gaps.end(), [&](const planned_lease& g) {
        return intersection(g.keys, *keys).has_value();
      });
      if (!s.put_back) {
        port_.tell(lease_event::stolen_out, id, "");
        disown(id, s);
        slots_.erase(at);
      }
    }
    at = next;
  }
}

void lease_keeper::plan() {
  judge_missing();
  const auto f = facts();
  const auto p = plan_leases(f);
  coverage_ = p.coverage;
  for (auto& [id, s] : slots_)
    s.unexplained = false;
  for (const auto& id : p.unexplained)
    slots_[id].unexplained = true;
  soon_ = false;
  first_start_ = is_first_start(f.leases, state_);
  if (!state_.initialised) {
    if (!locked_) {
      port_.lock(ask(question::lock));
      return;
    }
    if (!anchor_)
      // A lease that is lost later is repaired from here, so it is taken before any start is
      // resolved. Positions of an earlier life began at an unknown time.
      anchor_ = first_start_ ? repair_anchor(options_.start, store_time()) : wall_time{};
    gaps_seen_.clear();
    for (const auto& gap : p.gaps)
      add_creation(gap);
  } else {
    plan_gaps(p);
  }
  plan_replacements(p);
  creating_ = true;
  run_tasks();
}

void lease_keeper::on_locked(ticket t, result<milliseconds> r) {
  if (!answered(t))
    return;
  if (!r)
    return later("take the lock for the first leases", r.error(), [this] { begin(); });
  if (r->count() > 0)
    return later("take the lock for the first leases",
                 error{errc::throttled, "another instance is making the first leases", *r},
                 [this] { begin(); });
  locked_ = true;
  begin(); // somebody may have made the leases, and the marker, before the lock was ours
}

void lease_keeper::plan_gaps(const lease_plan& p) {
  // A list is no snapshot: while another instance replaces a lease, the old one may be missing from
  // it already and the new ones still. So a gap counts when it is seen twice.
  std::set<std::string> seen;
  for (const auto& gap : p.gaps) {
    seen.insert(gap.range_id);
    if (gaps_seen_.contains(gap.range_id))
      add_creation(gap);
    else
      soon_ = true;
  }
  gaps_seen_ = std::move(seen);
}

void lease_keeper::plan_replacements(const lease_plan& p) {
  replacing_.clear();
  std::set<std::string> lost;
  for (const auto& r : p.replace) {
    lost.insert(r.range_id);
    const auto& s = slots_.at(r.range_id);
    if (!s.owned || !(s.gone || r.overlapped) || s.reread)
      continue; // its owner's affair; or its partition has not said yet that nothing is in flight
    for (const auto& c : r.create)
      add_creation(c);
    replacing_[r.range_id] = r.by;
  }
  bool any_gone = false;
  for (auto& [id, s] : slots_) {
    if (!s.owned || !s.gone)
      continue;
    any_gone = true;
    if (lost.contains(id))
      continue;
    // It was called gone before its children can be seen, or the keys are read elsewhere now: back
    // to reading it.
    s.gone = false;
    port_.start(s.stored, s.settled);
  }
  if (!any_gone)
    gone_delay_.reset();
}

void lease_keeper::add_creation(const planned_lease& p) {
  lease l;
  l.range_id = p.range_id;
  l.form = p.form;
  l.keys = p.keys;
  l.continuation = p.start.continuation;
  tasks_.push_back({question::create, std::move(l), p.start, lease_event::acquired});
}

void lease_keeper::run_tasks() {
  while (!tasks_.empty() && started_.size() < options_.parallel) {
    auto t = std::move(tasks_.front());
    tasks_.pop_front();
    if (!started_.contains(t.to_write.range_id))
      start_task(std::move(t));
  }
  if (started_.empty() && std::exchange(creating_, false))
    created_all();
}

void lease_keeper::start_task(task t) {
  const auto id = t.to_write.range_id;
  const auto& kept = started_.insert_or_assign(id, std::move(t)).first->second;
  if (kept.from.from == range_start::kind::now) {
    // `now` becomes a position once, and is written down before anything behind it is read.
    port_.resolve_now(ask(question::resolve, id),
                      {id, kept.to_write.form, kept.to_write.keys.value_or(key_span{}), kept.from});
    return;
  }
  const auto number = ask(kept.what, id);
  if (kept.what == question::create)
    port_.create(number, claimed(kept.to_write));
  else
    port_.replace(number, claimed(kept.to_write));
}

void lease_keeper::on_resolved(ticket t, result<std::string> r) {
  const auto q = answered(t);
  if (!q)
    return;
  const auto node = started_.extract(q->range_id);
  if (node.empty())
    return;
  auto at_hand = std::move(node.mapped());
  if (!r) {
    ranges_stale_ |= r.error().code == errc::gone;
    return later("resolve the start", r.error(), [this] { look(); });
  }
  at_hand.from = {range_start::kind::position, *r, {}};
  at_hand.to_write.continuation = std::move(*r);
  start_task(std::move(at_hand));
}

void lease_keeper::on_created(task t, result<lease> r) {
  const auto& id = t.to_write.range_id;
  const auto code = r ? errc::internal : r.error().code;
  if (r)
    own(id, std::move(*r), std::move(t.from), lease_event::acquired, clock_.steady());
  else if (code == errc::conflict)
    soon_ = true; // somebody was faster, or our own answer was lost: the next look tells
  else {
    return later("create a lease", r.error(), [this] { look(); });
  }
  run_tasks();
}

void lease_keeper::on_taken(task t, result<lease> r) {
  const auto& id = t.to_write.range_id;
  if (r) {
    own(id, std::move(*r), std::move(t.from), t.how, clock_.steady());
  } else {
    // Somebody was faster, or it is gone, or the answer was lost: the next look tells.
    shares_.owns_not(options_.processor, id);
    const auto code = r.error().code;
    if (const auto at = slots_.find(id); at != slots_.end() && code == errc::conflict) {
      at->second.reread = true; // not taken again before a newer list has come
      at->second.heard = clock_.steady();
    }
    if (code != errc::conflict && code != errc::not_found)
      return later("take a lease", r.error(), [this] { look(); });
    if (!looking_)
      next_look_ = std::min(next_look_, clock_.steady() + options_.look_soon);
  }
  run_tasks();
}

void lease_keeper::created_all() {
  if (!state_.initialised) {
    port_.mark(ask(question::mark), *anchor_);
    return;
  }
  for (const auto& [old, by] : std::exchange(replacing_, {})) {
    const auto at = slots_.find(old);
    const bool complete = std::all_of(by.begin(), by.end(), [this](const std::string& id) {
      const auto s = slots_.find(id);
      return s != slots_.end() && !s->second.stored.version.empty();
    });
    soon_ = true;
    if (at == slots_.end() || !at->second.owned || at->second.asked != 0 || !complete)
      continue; // the next look goes on with it
    at->second.asked = ask(question::remove, old);
    port_.remove(at->second.asked, at->second.stored);
  }
  if (std::exchange(locked_, false))
    port_.unlock(ask(question::unlock)); // its answer changes nothing
  share_out();
}

void lease_keeper::share_out() {
  balance_view view{options_.processor, options_.near, {}};
  bool others = false;
  for (const auto& [id, s] : slots_) {
    if (s.unexplained || s.stored.version.empty())
      continue;
    view.leases.push_back(
        {id, s.owned ? options_.instance : s.stored.owner, !s.owned && s.expired, s.stored.away});
    others |=
        !s.owned && !s.expired && !s.stored.owner.empty() && s.stored.owner != options_.instance;
  }
  std::vector<std::string> take;
  for (const auto& l : view.leases)
    if (l.owner == options_.instance && !slots_.at(l.range_id).owned)
      take.push_back(l.range_id); // ours of an earlier life: taken back at once
  if (!sharing_ && others) {
    // Instances that are started together should not all take at the same moment.
    sharing_ = true;
    next_look_ = clock_.steady()
                 + std::chrono::duration_cast<milliseconds>(options_.start_jitter * random_unit());
  } else {
    sharing_ = true;
    auto decision = shares_.decide(view);
    take.insert(take.end(), decision.take.begin(), decision.take.end());
    soon_ |= decision.look_soon;
    next_look_ = clock_.steady() + options_.look_interval;
  }
  looking_ = false;
  running_ = true;
  trouble_.clear();
  retry_delay_.reset();
  for (const auto& id : take) {
    auto& s = slots_.at(id);
    if (s.owned)
      continue;
    if (s.reread) {
      shares_.owns_not(options_.processor, id);
      continue;
    }
    const bool stolen =
        !s.stored.owner.empty() && !s.expired && s.stored.owner != options_.instance;
    auto from = start_of(s.stored, state_, options_.start, first_start_);
    if (s.stored.form == lease_form::pk && !s.stored.keys)
      if (const auto at = remembered_.find(id); at != remembered_.end())
        s.stored.keys = at->second;
    tasks_.push_back({question::take, s.stored, std::move(from),
                      stolen ? lease_event::stolen_in : lease_event::acquired});
  }
  if (soon_)
    next_look_ = std::min(next_look_, clock_.steady() + options_.look_soon);
  run_tasks();
}

} // namespace feedcast
