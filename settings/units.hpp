#pragma once

#include "core/clock.hpp"
#include "settings/service_config.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace feedcast::settings {

/// "500ms", "5s", "2m", "1h" (whole numbers; "0" needs no unit). Nothing for anything else or if it
/// overflows.
std::optional<milliseconds> parse_duration(std::string_view text);
/// "1000", "64KiB", "16MiB", "1GiB". Nothing for anything else or if it overflows.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// "20%" (a whole number), or "off", which is zero; "0%" is neither.
std::optional<percent> parse_percent(std::string_view text);
/// Decimal digits only.
std::optional<std::uint64_t> parse_count(std::string_view text);

/// The shortest spelling that reads back as the same value.
std::string format_duration(milliseconds value);
std::string format_size(std::uint64_t bytes);
std::string format_percent(percent value);

} // namespace feedcast::settings
