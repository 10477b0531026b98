// What happens to one lease that is ours: positions, renewals, conflicts, loss, giving back.
#include "leases/keeper.hpp"

#include <algorithm>
#include <utility>

namespace feedcast {

namespace {

constexpr milliseconds reread_delay{100};
constexpr milliseconds release_retry{300};

/// A renewal that waits for the budget goes out all the same when it is so late.
constexpr double latest_renewal = 1.5; // times renew_after

} // namespace

void lease_keeper::own(const std::string& range_id, lease stored, range_start from, lease_event how,
                       steady_time written) {
  auto& s = slots_[range_id];
  s = slot{};
  s.positions = std::make_unique<checkpointer>(options_.checkpoint, stored.continuation, written);
  s.stored = std::move(stored);
  s.settled = std::move(from);
  s.owned = true;
  s.heard = clock_.steady();
  shares_.owns(options_.processor, range_id);
  port_.tell(how, range_id, "");
  if (draining_)
    s.positions->flush(); // it came too late: given back unread
  else
    port_.start(s.stored, s.settled);
}

void lease_keeper::disown(const std::string& range_id, slot& s) {
  s.owned = false;
  s.gone = false;
  s.heard = clock_.steady();
  s.positions.reset();
  replacing_.erase(range_id);
  shares_.owns_not(options_.processor, range_id);
  port_.stop(range_id);
}

void lease_keeper::write_what_is_due() {
  const auto now = clock_.steady();
  // Every owner of leases of this processor spends an equal part of the budget.
  const auto rate = options_.budget / static_cast<double>(shares_.instances(options_.processor));
  tokens_ = std::min(tokens_ + rate * std::chrono::duration<double>(now - tokens_at_).count(),
                     std::max(rate, write_cost_));
  tokens_at_ = now;

  std::vector<std::pair<steady_time, std::string>> due;
  for (auto& [id, s] : slots_) {
    if (!s.owned || s.asked != 0 || s.given_back || now < s.not_before)
      continue;
    if (s.missing && draining_) {
      s.missing = false;
      s.put_back = true; // no look comes any more
    }
    if (s.missing)
      continue;
    if (s.reread || s.put_back) {
      ask_about(id, s);
    } else if (giving_back_) {
      release(id, s);
    } else if (!s.gone) {
      if (const auto when = s.positions->next_due(); when && *when <= now)
        due.emplace_back(s.positions->held_since(), id);
    }
  }
  std::sort(due.begin(), due.end()); // the one that waited longest first
  const auto latest =
      std::chrono::duration_cast<milliseconds>(options_.checkpoint.renew_after * latest_renewal);
  for (const auto& [held_since, id] : due) {
    const bool free_of_budget = options_.budget <= 0 || draining_ || now - held_since >= latest;
    if (!free_of_budget && tokens_ < write_cost_)
      break;
    // What had to go out all the same is no debt for hours to come.
    tokens_ = std::max(tokens_ - write_cost_, -std::max(rate, write_cost_));
    auto& s = slots_.at(id);
    auto position = s.positions->take(now);
    if (!position)
      continue;
    auto l = s.stored;
    l.continuation = std::move(*position);
    s.asked = ask(question::write, id);
    port_.replace(s.asked, claimed(std::move(l)));
  }
}

void lease_keeper::ask_about(const std::string& range_id, slot& s) {
  if (!s.put_back) {
    s.asked = ask(question::reread, range_id);
    port_.read(s.asked, range_id);
    return;
  }
  auto l = s.stored;
  l.version.clear();
  l.continuation = s.settled.continuation;
  s.asked = ask(question::put_back, range_id);
  port_.create(s.asked, claimed(std::move(l)));
}

void lease_keeper::release(const std::string& range_id, slot& s) {
  // Everything is settled: one write stores the last position and gives the lease back.
  auto l = s.stored;
  l.continuation = s.settled.continuation;
  l = claimed(std::move(l));
  l.owner.clear();
  l.boot.clear();
  l.away = false;
  s.asked = ask(question::release, range_id);
  port_.replace(s.asked, std::move(l));
}

void lease_keeper::on_lease(ticket t, result<lease> r) {
  const auto q = answered(t);
  if (!q)
    return;
  if (q->what == question::create || q->what == question::take) {
    const auto node = started_.extract(q->range_id);
    if (node.empty())
      return;
    if (q->what == question::create)
      on_created(std::move(node.mapped()), std::move(r));
    else
      on_taken(std::move(node.mapped()), std::move(r));
    return;
  }
  const auto at = slots_.find(q->range_id);
  if (at == slots_.end() || at->second.asked != t)
    return;
  auto& s = at->second;
  s.asked = 0;
  if (!s.owned)
    return;
  switch (q->what) {
  case question::write:
    return on_written(at->first, s, std::move(r));
  case question::reread:
    return on_reread(at->first, s, std::move(r));
  case question::put_back:
    return on_put_back(s, std::move(r));
  case question::release:
    return on_released(at->first, s, std::move(r));
  default:
    return;
  }
}

void lease_keeper::on_written(const std::string& range_id, slot& s, result<lease> r) {
  const auto now = clock_.steady();
  if (r) {
    s.stored = std::move(*r);
    s.positions->on_written(now);
    port_.tell(lease_event::stored, range_id, "");
    return;
  }
  const auto& e = r.error();
  s.positions->on_failed(e, now);
  const bool conflict = e.code == errc::conflict || e.code == errc::not_found;
  port_.tell(conflict ? lease_event::conflict : lease_event::store_error, range_id, to_string(e));
  if (e.code == errc::not_found)
    miss(s);
  s.reread = e.code == errc::conflict;
}

/// Deleted while its range is read here. What is settled is known, so it can be put back.
void lease_keeper::miss(slot& s) {
  s.missing = true;
  ranges_stale_ = true;
  next_look_ = std::min(next_look_, clock_.steady());
}

void lease_keeper::on_put_back(slot& s, result<lease> r) {
  if (r) {
    s.put_back = false;
    s.stored = std::move(*r);
  } else if (r.error().code == errc::conflict) {
    s.put_back = false; // somebody did it before, or our own answer was lost
    s.reread = true;
  } else {
    s.not_before = clock_.steady() + std::max(reread_delay * 5, r.error().retry_after);
  }
}

void lease_keeper::on_reread(const std::string& range_id, slot& s, result<lease> r) {
  if (!r) {
    if (r.error().code == errc::not_found) {
      s.reread = false;
      if (!giving_back_)
        miss(s);
      s.given_back = giving_back_;
    }
    s.not_before = clock_.steady() + std::max(reread_delay * 5, r.error().retry_after);
    return;
  }
  s.reread = false;
  if (is_ours(*r)) { // our own write whose answer was lost, or a foreign touch that left the owner
    s.stored = std::move(*r);
    return;
  }
  if (giving_back_ && r->owner.empty()) { // the answer to an earlier try was lost
    s.stored = std::move(*r);
    s.given_back = true;
    return;
  }
  if (r->owner == options_.instance && r->boot < options_.boot) {
    // An earlier life of this instance that is not dead yet: what it wrote is overwritten.
    s.stored = std::move(*r);
    return;
  }
  const bool is_twin = r->owner == options_.instance;
  const auto theirs = r->boot;
  port_.tell(lease_event::stolen_out, range_id, r->owner);
  s.stored = std::move(*r);
  s.expired = false;
  disown(range_id, s);
  if (is_twin)
    port_.twin(range_id, theirs);
}

void lease_keeper::on_released(const std::string& range_id, slot& s, result<lease> r) {
  // Gone, or free already: both are what was wanted.
  if (r || r.error().code == errc::not_found) {
    s.given_back = true;
    shares_.owns_not(options_.processor, range_id);
    port_.tell(lease_event::shutdown, range_id, "");
    return;
  }
  s.reread = r.error().code == errc::conflict;
  s.not_before = clock_.steady() + std::max(release_retry, r.error().retry_after);
}

void lease_keeper::on_removed(const std::string& range_id, const result<bool>& r) {
  const auto at = slots_.find(range_id);
  if (at == slots_.end())
    return;
  at->second.asked = 0;
  if (!r) {
    port_.trouble("remove a lease", r.error(), options_.look_soon); // the next look tries again
    return;
  }
  shares_.owns_not(options_.processor, range_id);
  port_.stop(range_id);
  slots_.erase(at);
}

void lease_keeper::on_done(ticket t, result<bool> r) {
  const auto q = answered(t);
  if (!q)
    return;
  if (q->what == question::remove)
    return on_removed(q->range_id, r);
  if (q->what != question::mark)
    return;
  if (!r)
    return later("write the marker", r.error(), [this] { look(); });
  state_.initialised = true;
  state_.started_at = anchor_;
  created_all();
}

} // namespace feedcast
