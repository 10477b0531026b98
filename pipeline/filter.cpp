#include "pipeline/filter.hpp"

#include <algorithm>

namespace feedcast {

namespace {

std::uint8_t bit(entity_kind kind) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
}

} // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) noexcept {
  // Greedy matching with one point to fall back to: linear for one star, quadratic at worst.
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

change_filter::change_filter(filter_options options) : options_(std::move(options)) {
  for (const auto kind : options_.kinds)
    kind_mask_ = static_cast<std::uint8_t>(kind_mask_ | bit(kind));
  if (kind_mask_ != 0)
    kind_mask_ = static_cast<std::uint8_t>(kind_mask_ | bit(entity_kind::unknown));
  all_namespaces_ = options_.namespaces.empty()
                    || std::find(options_.namespaces.begin(), options_.namespaces.end(), "*")
                           != options_.namespaces.end();
}

verdict change_filter::operator()(const change& c) const noexcept {
  const bool own = !options_.own_cluster.empty() && c.cluster_id == options_.own_cluster;
  if (own && !options_.confirm_own)
    return verdict::own;
  const auto wanted_verdict = own ? verdict::confirm : verdict::deliver;
  if (c.id.starts_with("_design/") || c.id.starts_with("_design|"))
    return verdict::filtered;
  if (kind_mask_ != 0 && (kind_mask_ & bit(c.kind)) == 0)
    return verdict::filtered;
  if (all_namespaces_)
    return wanted_verdict;
  const auto space = c.id.substr(0, c.id.find_first_of("|/"));
  const auto wanted = [&](const std::string& pattern) { return matches_pattern(pattern, space); };
  return std::any_of(options_.namespaces.begin(), options_.namespaces.end(), wanted)
             ? wanted_verdict
             : verdict::filtered;
}

} // namespace feedcast
