#pragma once

#include "leases/balancer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace feedcast::testing {

enum class official_library : std::uint8_t { dotnet, java };

/// Which leases an official Change Feed Processor takes at one tick of its balancer. `random(n)` is
/// a number below n.
inline std::vector<std::string>
official_choice(official_library library, const std::string& me,
                const std::vector<lease_share>& leases,
                const std::function<std::size_t(std::size_t)>& random) {
  if (leases.empty())
    return {};
  std::map<std::string, std::size_t> count{{me, 0}};
  std::vector<std::string> expired;
  for (const auto& l : leases)
    if (l.owner.empty() || l.expired)
      expired.push_back(l.range_id);
    else
      ++count[l.owner];
  const auto workers = count.size();
  const auto target =
      leases.size() > workers ? (leases.size() + workers - 1) / workers : std::size_t{1};
  const auto mine = count[me];
  auto need = target > mine ? target - mine : 0;
  if (!expired.empty()) {
    if (library == official_library::java) {
      if (need == 0 || (need > 1 && workers > 1))
        need = 1;
      if (need == 1)
        return {expired[random(expired.size())]};
    }
    expired.resize(std::min(need, expired.size()));
    return expired;
  }
  if (need == 0)
    return {};
  auto largest = count.begin();
  for (auto it = count.begin(); it != count.end(); ++it)
    if (largest->second <= it->second)
      largest = it;
  if (largest->second <= target - (need > 1 ? 1 : 0))
    return {};
  for (const auto& l : leases)
    if (l.owner == largest->first && !l.expired)
      return {l.range_id};
  return {};
}

} // namespace feedcast::testing
