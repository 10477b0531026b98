#include "leases/bootstrap.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace feedcast {

namespace {

using lease_map = std::map<std::string, const lease*>;

range_start at_position(const std::string& continuation) {
  return {range_start::kind::position, continuation, {}};
}

range_start as_configured(const configured_start& start) {
  switch (start.from) {
  case settings::start_kind::beginning:
    return {range_start::kind::beginning, "", {}};
  case settings::start_kind::time:
    return {range_start::kind::time, "", start.at};
  case settings::start_kind::now:
    break;
  }
  return {range_start::kind::now, "", {}};
}

range_start from_anchor(const std::optional<wall_time>& anchor) {
  if (!anchor || *anchor <= wall_time{})
    return {range_start::kind::beginning, "", {}};
  return {range_start::kind::time, "", *anchor};
}

/// The one position that all leased parents share; nullopt if there is none or they differ.
std::optional<std::string> inherited(const known_range& range, const lease_map& by_range) {
  std::optional<std::string> shared;
  for (const auto& parent : range.parents) {
    const auto found = by_range.find(parent);
    if (found == by_range.end())
      continue;
    const auto& position = found->second->continuation;
    if (position.empty() || (shared && *shared != position))
      return std::nullopt;
    shared = position;
  }
  return shared;
}

} // namespace

lease_plan plan_leases(const std::vector<known_range>& ranges, const std::vector<lease>& leases,
                       const lease_store_state& state, const configured_start& start) {
  lease_map by_range;
  for (const auto& l : leases)
    by_range.emplace(l.range_id, &l);
  const bool read_before = std::any_of(leases.begin(), leases.end(),
                                       [](const lease& l) { return !l.continuation.empty(); });
  const bool first_start = !state.initialised && !read_before;

  lease_plan plan;
  std::set<std::string> current;
  std::set<std::string> parents;
  for (const auto& range : ranges) {
    current.insert(range.id);
    parents.insert(range.parents.begin(), range.parents.end());
    const auto own = by_range.find(range.id);
    planned_range planned{range.id, own == by_range.end(), {}};
    if (!planned.create && !own->second->continuation.empty())
      planned.start = at_position(own->second->continuation);
    else if (const auto position = inherited(range, by_range))
      planned.start = at_position(*position);
    else
      planned.start = first_start ? as_configured(start) : from_anchor(state.started_at);
    plan.ranges.push_back(std::move(planned));
  }
  for (const auto& l : leases) {
    if (current.contains(l.range_id))
      continue;
    if (parents.contains(l.range_id))
      plan.remove_after.push_back(l);
    else
      plan.unexplained.push_back(l.range_id);
  }
  return plan;
}

wall_time repair_anchor(const configured_start& start, wall_time now) {
  switch (start.from) {
  case settings::start_kind::beginning:
    return wall_time{};
  case settings::start_kind::time:
    return start.at;
  case settings::start_kind::now:
    break;
  }
  return now;
}

} // namespace feedcast
