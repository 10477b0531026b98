#pragma once

#include "core/clock.hpp"
#include "settings/service_config.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::app {

/// What a forecast takes for granted, because the configuration does not say it.
struct cost_assumptions {
  double changes_per_second = 0; ///< in each collection, evenly over its ranges
  double document_bytes = 1024;
  std::uint32_t ranges = 1; ///< of each collection
  milliseconds round_trip{20};
};

enum class cost_kind : std::uint8_t {
  polls,        ///< requests that bring nothing
  changes,      ///< pages of changes
  lease_writes, ///< positions and renewals
  lease_looks,  ///< who owns what
};

std::string_view to_string(cost_kind kind) noexcept;

/// What one processor costs in one container.
struct cost_item {
  std::string account;
  std::string container; ///< "openwhisk/whisks"
  std::string target;
  std::string feed;
  cost_kind kind = cost_kind::polls;
  double units = 0; ///< request units a second
};

/// What all targets of the configuration cost, by processor and kind, one instance each; feeds of
/// databases that have no request units are left out. Charges
/// are those that Azure documents: a look at a feed 1 RU; reading 1 RU for the first KiB and 0.15
/// for each further one; replacing a lease 10.
std::vector<cost_item> forecast(const settings::service_config& config, const cost_assumptions& a);

/// Sum over a container.
double units_of(const std::vector<cost_item>& items, std::string_view account,
                std::string_view container);

/// Request units a second that polls of an idle range take.
double units_of_idle_range(const settings::tuning_config& tuning);

/// Hours of a month, as Azure counts.
inline constexpr double hours_of_month = 730;
inline constexpr double seconds_of_month = hours_of_month * 3600;

/// "1250", "12.5", "0.200": three digits or more.
std::string spell_units(double units);

} // namespace feedcast::app
