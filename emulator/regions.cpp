#include "emulator/regions.hpp"

#include <algorithm>
#include <array>

namespace feedcast::emulator {
namespace {

refusal no_such_region() {
  return refuse(404, "there is no such region in the account");
}

} // namespace

std::string_view to_string(consistency_level level) noexcept {
  constexpr std::array<std::string_view, 4> names = {"Strong", "Session", "ConsistentPrefix",
                                                     "Eventual"};
  return names[static_cast<std::size_t>(level)];
}

regions::regions(const clock_source& clock, const std::vector<std::string>& names,
                 std::uint32_t seed)
    : clock_(clock), count_(names.size()), random_(seed) {
  for (const std::string& name : names) {
    entry r;
    r.state.name = name;
    r.floors.assign(1, clock.steady());
    r.had = clock.steady();
    all_.push_back(std::move(r));
  }
  all_.front().state.writes = true;
}

std::size_t regions::write_region() const {
  const std::lock_guard lock(mutex_);
  return write_region_;
}

std::optional<std::size_t> regions::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto at =
      std::find_if(all_.begin(), all_.end(), [&](const entry& r) { return r.state.name == name; });
  if (at == all_.end())
    return std::nullopt;
  return static_cast<std::size_t>(at - all_.begin());
}

std::string regions::name(std::size_t which) const {
  const std::lock_guard lock(mutex_);
  return all_[which].state.name;
}

std::vector<region_state> regions::states() const {
  const std::lock_guard lock(mutex_);
  std::vector<region_state> states;
  for (const entry& r : all_)
    states.push_back(r.state);
  return states;
}

account_rules regions::rules() const {
  const std::lock_guard lock(mutex_);
  return rules_;
}

void regions::set_rules(account_rules rules) {
  const std::lock_guard lock(mutex_);
  rules_ = rules;
}

void regions::set_address(std::size_t which, std::string host, std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  all_[which].state.host = std::move(host);
  all_[which].state.port = port;
}

steady_time regions::arrived(const entry& r, steady_time now) const {
  if (r.state.writes)
    return now;
  return std::max(r.had, r.stood_at.value_or(now - r.state.delay));
}

steady_time regions::shown(const entry& r, std::size_t replica, steady_time now) const {
  return std::max(r.floors[replica], arrived(r, now) - r.state.replicas[replica]);
}

/// Before anything changes: no replica may show less afterwards.
void regions::hold_positions(steady_time now) {
  for (entry& r : all_) {
    for (std::size_t i = 0; i < r.floors.size(); ++i)
      r.floors[i] = shown(r, i, now);
    r.had = arrived(r, now);
  }
}

/// After a change: who is cut off from the write region stands still, and readers are told whether
/// they must look.
void regions::settle(steady_time now) {
  const bool source_works = all_[write_region_].state.outage == outage_kind::none;
  milliseconds keep{0};
  bool any = false;
  bool trouble = false;
  for (entry& r : all_) {
    const region_state& s = r.state;
    const bool cut_off = !s.writes && (!source_works || s.held || s.outage != outage_kind::none);
    if (cut_off && !r.stood_at)
      r.stood_at = now - s.delay;
    else if (!cut_off)
      r.stood_at.reset();
    const milliseconds lag = *std::max_element(s.replicas.begin(), s.replicas.end());
    const milliseconds behind = lag + (s.writes ? milliseconds{0} : s.delay);
    keep = std::max(keep, cut_off ? milliseconds::max() : behind);
    any = any || cut_off || behind.count() > 0;
    trouble = trouble || s.removed || s.outage != outage_kind::none;
  }
  any_behind_ = any;
  any_trouble_ = trouble;
  keep_ = keep.count();
}

answer<void> regions::change(std::size_t which, const region_change& wanted) {
  const std::lock_guard lock(mutex_);
  if (which >= all_.size())
    return no_such_region();
  if (wanted.removed == true && which == write_region_)
    return refuse(400, "the write region can't be taken out of the account: fail over first");
  const steady_time now = clock_.steady();
  hold_positions(now);
  region_state& state = all_[which].state;
  auto& floors = all_[which].floors;
  state.delay = wanted.delay.value_or(state.delay);
  if (wanted.replicas) {
    const steady_time least = *std::min_element(floors.begin(), floors.end());
    state.replicas = *wanted.replicas;
    floors.resize(state.replicas.size(), least);
  }
  state.outage = wanted.outage.value_or(state.outage);
  state.held = wanted.held.value_or(state.held);
  state.removed = wanted.removed.value_or(state.removed);
  settle(now);
  return {};
}

void regions::hand_writes_to(std::size_t which) {
  all_[write_region_].state.writes = false;
  write_region_ = which;
  all_[which].state.writes = true;
}

answer<void> regions::planned_failover(std::size_t which) {
  const std::lock_guard lock(mutex_);
  if (which >= all_.size() || all_[which].state.removed)
    return no_such_region();
  if (all_[write_region_].state.outage != outage_kind::none
      || all_[which].state.outage != outage_kind::none)
    return refuse(409, "a planned failover needs both regions: one of them has an outage");
  const steady_time now = clock_.steady();
  hold_positions(now);
  std::fill(all_[which].floors.begin(), all_[which].floors.end(), now);
  hand_writes_to(which);
  all_[which].state.held = false;
  settle(now);
  return {};
}

answer<steady_time> regions::lose_write_region(std::size_t which) {
  const std::lock_guard lock(mutex_);
  if (which >= all_.size() || all_[which].state.removed)
    return no_such_region();
  if (which == write_region_)
    return refuse(409, "that region has the writes already");
  if (all_[which].state.outage != outage_kind::none)
    return refuse(409, "the writes can't move to a region that has an outage");
  const steady_time now = clock_.steady();
  const steady_time cut = arrived(all_[which], now);
  hold_positions(now);
  if (all_[write_region_].state.outage == outage_kind::none)
    all_[write_region_].state.outage = outage_kind::unavailable;
  settle(now);
  return cut;
}

void regions::take_over(std::size_t which) {
  const std::lock_guard lock(mutex_);
  const steady_time now = clock_.steady();
  hold_positions(now);
  hand_writes_to(which);
  all_[which].state.held = false;
  session_version_ = std::max<std::int64_t>(session_version_, 0) + 1;
  settle(now);
}

std::vector<replica_position> regions::positions(std::size_t which) {
  const std::lock_guard lock(mutex_);
  const entry& r = all_[which];
  const steady_time now = clock_.steady();
  random_ = random_ * 6364136223846793005ULL + 1442695040888963407ULL;
  const std::size_t count = r.floors.size();
  const std::size_t first = (random_ >> 33) % count;
  std::vector<replica_position> all;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t replica = (first + i) % count;
    replica_position position{shown(r, replica, now), {}};
    if (!r.stood_at)
      position.behind =
          r.state.replicas[replica] + (r.state.writes ? milliseconds{0} : r.state.delay);
    all.push_back(position);
  }
  return all;
}

} // namespace feedcast::emulator
