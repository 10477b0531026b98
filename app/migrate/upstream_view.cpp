#include "app/migrate/upstream_view.hpp"

#include "settings/text_rules.hpp"
#include "settings/units.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace feedcast::app {

namespace {

struct reason {
  std::string_view part; ///< what the name holds
  std::string_view why;
};

/// The first that fits counts.
constexpr std::array<reason, 11> reasons{{
    {".databases.WhiskActivation", "nobody caches activations"},
    {".collections.WhiskActivation", "nobody caches activations"},
    {".connection-mode", "feedcast always talks to the gateway"},
    {".consistency-level", "the change feed is read in the order of its replica"},
    {".connection-policy", "feedcast has its own, under tuning"},
    {".buffer-size", "tuning.window bounds what may wait"},
    {".throughput", "feedcast creates the leases' collection only"},
    {".time-to-live", "is for activations"},
    {"whisk.kafka.common.", "write librdkafka's equivalent as targets.default.kafka.properties"},
    {"kafka.producer.", "write librdkafka's equivalent as targets.default.kafka.properties"},
    {"", "has no counterpart"},
}};

constexpr std::array<std::string_view, 6> blocks{
    "whisk.couchdb.",      "whisk.cosmosdb.",       "whisk.cache-invalidator.",
    "whisk.kafka.common.", "pekko.kafka.producer.", "akka.kafka.producer."};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  if (text.starts_with('[') && text.ends_with(']'))
    text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    auto item = settings::trimmed(text.substr(0, comma));
    if (item.size() > 1 && item.front() == '"' && item.back() == '"')
      item = item.substr(1, item.size() - 2);
    if (!item.empty())
      out.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

} // namespace

const upstream_value* upstream_view::find(std::initializer_list<std::string> names) {
  const upstream_value* first = nullptr;
  for (const auto& name : names) {
    const auto found = all_.find(name);
    if (found == all_.end() || !found->second.items.empty())
      continue;
    used_.insert(name);
    if (first == nullptr && !found->second.text.empty())
      first = &found->second;
  }
  return first;
}

bool upstream_view::has(std::string_view prefix) const {
  const auto at = all_.lower_bound(prefix);
  return at != all_.end() && at->first.starts_with(prefix);
}

std::vector<std::string> upstream_view::list(const std::string& name) {
  if (const auto at = all_.find(name); at != all_.end()) {
    used_.insert(name);
    return at->second.items.empty() ? split(at->second.text) : at->second.items;
  }
  std::vector<std::string> out;
  while (const auto* v = find({name + '.' + std::to_string(out.size())}))
    out.push_back(v->text);
  return out;
}

std::vector<std::string> upstream_view::unused() const {
  std::vector<std::string> out;
  for (const auto& [name, value] : all_) {
    const bool ours = std::any_of(blocks.begin(), blocks.end(),
                                  [&name = name](auto b) { return name.starts_with(b); });
    if (!ours || used_.contains(name))
      continue;
    const auto why = std::find_if(reasons.begin(), reasons.end(), [&name = name](const auto& r) {
      return name.find(r.part) != std::string::npos;
    });
    out.push_back(name + " (" + value.origin + "): " + std::string{why->why});
  }
  return out;
}

std::string duration_of(std::string_view hocon) {
  struct unit {
    std::string_view name;
    std::uint64_t milliseconds;
  };

  constexpr std::array<unit, 21> units{{{"", 1},
                                        {"ms", 1},
                                        {"milli", 1},
                                        {"millis", 1},
                                        {"millisecond", 1},
                                        {"milliseconds", 1},
                                        {"s", 1000},
                                        {"second", 1000},
                                        {"seconds", 1000},
                                        {"m", 60'000},
                                        {"minute", 60'000},
                                        {"minutes", 60'000},
                                        {"h", 3'600'000},
                                        {"hour", 3'600'000},
                                        {"hours", 3'600'000},
                                        {"d", 86'400'000},
                                        {"day", 86'400'000},
                                        {"days", 86'400'000},
                                        {"w", 604'800'000},
                                        {"week", 604'800'000},
                                        {"weeks", 604'800'000}}};
  const auto text = settings::trimmed(hocon);
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = settings::parse_count(text.substr(0, digits));
  const auto name = settings::trimmed(text.substr(digits));
  const auto* found =
      std::find_if(units.begin(), units.end(), [name](const auto& u) { return u.name == name; });
  constexpr std::uint64_t longest = std::uint64_t{100'000} * 3'600'000;
  if (!count || found == units.end() || *count > longest / found->milliseconds)
    return {};
  return settings::format_duration(
      milliseconds{static_cast<std::int64_t>(*count * found->milliseconds)});
}

} // namespace feedcast::app
