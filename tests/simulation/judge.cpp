#include "tests/simulation/judge.hpp"

#include <algorithm>
#include <limits>

namespace feedcast::simulation {

namespace {

constexpr auto never = std::numeric_limits<moment>::min();

std::string text_of(const lease& l) {
  return "lease " + l.range_id + " of '" + l.owner + "' at '" + l.continuation + "'";
}

std::vector<bounds> without(std::vector<bounds> from, const bounds& taken) {
  std::vector<bounds> left;
  for (const auto& b : from) {
    if (!b.overlaps(taken)) {
      left.push_back(b);
      continue;
    }
    if (b.min < taken.min)
      left.push_back({b.min, taken.min});
    if (taken.max < b.max)
      left.push_back({taken.max, b.max});
  }
  return left;
}

} // namespace

std::int64_t lsn_of(const std::string& position) {
  return position.empty() ? 0 : std::stoll(position);
}

judge::judge(const timeline& time, const model_feed& feed, std::size_t processors,
             configured_start start)
    : time_{time}, feed_{feed}, start_{start}, of_(processors) {}

void judge::fail(const std::string& rule, const std::string& what) {
  violations_.push_back(rule + ": " + what + " (at " + std::to_string(time_.now()) + " ms)");
}

void judge::feed_grew() {
  const auto& all = feed_.changes();
  for (; known_changes_ < all.size(); ++known_changes_) {
    if (start_.from == settings::start_kind::time
        && server_wall(all[known_changes_].at) < start_.at)
      continue;
    for (auto& p : of_)
      p.unacked.push_back(static_cast<std::uint32_t>(known_changes_));
  }
}

void judge::acked(std::size_t processor, std::uint32_t change) {
  auto& list = of_[processor].unacked;
  const auto at = std::lower_bound(list.begin(), list.end(), change);
  if (at != list.end() && *at == change)
    list.erase(at);
  else
    ++seen["duplicate"];
}

bounds judge::keys_of(const lease& l) const {
  if (l.form == lease_form::pk)
    return feed_.keys_of(l.range_id).value_or(bounds{0, 0});
  return l.keys ? to_bounds(*l.keys) : bounds{0, 0};
}

std::vector<bounds> judge::missing(const lease_map& leases, const bounds& in) const {
  std::vector<bounds> left{in};
  for (const auto& [id, l] : leases)
    left = without(std::move(left), keys_of(l));
  return left;
}

void judge::must_not_pass(std::size_t processor, const std::string& rule, const std::string& who,
                          const lease& l, std::int64_t position) {
  const auto keys = keys_of(l);
  for (const auto i : of_[processor].unacked) {
    const auto& c = feed_.changes()[i];
    if (c.lsn <= position && keys.has(c.key))
      return fail(rule, who + " at " + std::to_string(position) + " with " + text_of(l)
                            + " passes change " + std::to_string(i) + " (LSN "
                            + std::to_string(c.lsn) + ", written at " + std::to_string(c.at)
                            + "), which nobody was told");
  }
}

/// The first lease of these keys: what was before its position or time does not count.
void judge::anchor(per_processor& p, const bounds& keys, std::int64_t position, moment before) {
  std::vector<bounds> fresh{keys};
  for (const auto& b : p.anchored)
    fresh = without(std::move(fresh), b);
  for (const auto& b : fresh) {
    std::erase_if(p.unacked, [&](auto i) {
      const auto& c = feed_.changes()[i];
      return b.has(c.key) && (c.lsn <= position || c.at < before);
    });
    p.anchored.push_back(b);
  }
}

void judge::created(std::size_t processor, const writer& w, const lease& l,
                    const lease_map& others) {
  auto& p = of_[processor];
  ++seen["lease created"];
  const auto keys = keys_of(l);
  const auto position = lsn_of(l.continuation);
  if (!p.marked && start_.from == settings::start_kind::now) {
    // Without a position a first start goes on that was interrupted: it has to say its time later.
    if (l.continuation.empty())
      ++seen["first start went on"];
    else
      anchor(p, keys, position, never);
  }
  must_not_pass(processor, "I1/I10", w.instance + " creates", l, position);
  // One that is put back, or stands in for one that was deleted, says what is known; an official
  // host may be late.
  if (!p.ever.insert(l.range_id).second || w.official || late || !p.holes.empty())
    return;
  for (const auto& [id, o] : others)
    if (id != l.range_id && o.boot == w.boot && keys_of(o).covers(keys)
        && position < lsn_of(o.continuation) && p.marked)
      fail("I7", w.instance + " creates " + text_of(l) + " behind its parent, " + text_of(o));
}

void judge::replaced(std::size_t processor, const writer& w, const lease& before,
                     const lease& after) {
  auto& p = of_[processor];
  // Twins that have not met yet may undo each other's positions: repeats, no loss.
  const bool twins = before.owner == after.owner && before.boot != after.boot;
  if (lsn_of(after.continuation) < lsn_of(before.continuation) && !twins)
    fail("I2", w.instance + " moves " + text_of(before) + " back to " + after.continuation);
  if (after.continuation != before.continuation) {
    ++seen["position stored"];
    if (before.owner != w.instance)
      fail("owner", w.instance + " stores a position into " + text_of(before));
    must_not_pass(processor, "I1", w.instance + " stores", after, lsn_of(after.continuation));
  }
  if (after.owner == before.owner)
    return;
  ++seen[after.owner.empty() ? "lease given back" : "lease taken"];
  if (!after.owner.empty())
    ++p.moves;
}

void judge::removed(std::size_t processor, const writer& w, const lease& l, const lease_map& rest) {
  auto& p = of_[processor];
  ++seen["lease removed"];
  auto left = missing(rest, keys_of(l));
  for (const auto& hole : p.holes)
    left = without(std::move(left), hole);
  if (!left.empty())
    fail("I6/I8", w.instance + " removes " + text_of(l) + " before its keys have other leases");
}

void judge::marked(std::size_t processor, const writer& w, const lease_map& leases) {
  auto& p = of_[processor];
  if (!missing(leases, {}).empty())
    fail("I6", w.instance + " writes the marker before every key has a lease");
  p.marked = true;
}

void judge::stolen_from_store(std::size_t processor, const lease& l) {
  of_[processor].holes.push_back(keys_of(l));
}

void judge::started(std::size_t processor, const std::string& who, const lease& l,
                    const range_start& from) {
  ++seen["range started"];
  if (!of_[processor].marked)
    ++seen["range started before the marker"];
  switch (from.from) {
  case range_start::kind::now:
    return fail("I10", who + " reads " + text_of(l) + " from now");
  case range_start::kind::beginning:
    anchor(of_[processor], keys_of(l), 0, never);
    return;
  case range_start::kind::position:
    return must_not_pass(processor, "I1", who + " starts", l, lsn_of(from.continuation));
  case range_start::kind::time:
    if (start_.from == settings::start_kind::now && moment_of(from.at) <= time_.now())
      anchor(of_[processor], keys_of(l), 0, moment_of(from.at) - 10'000);
    for (const auto i : of_[processor].unacked) {
      const auto& c = feed_.changes()[i];
      if (keys_of(l).has(c.key) && server_wall(c.at) < from.at - std::chrono::seconds{10})
        return fail("I9", who + " starts " + text_of(l) + " at a time after change "
                              + std::to_string(i) + ", which nobody was told");
    }
  }
}

} // namespace feedcast::simulation
