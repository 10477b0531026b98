#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace feedcast {

using steady_time = std::chrono::steady_clock::time_point;
using wall_time = std::chrono::system_clock::time_point;
using std::chrono::milliseconds;

/// Time as a dependency, so that tests own it. Intervals use `steady()`, only timestamps use
/// `wall()`. Thread-safe.
class clock_source {
 public:
  virtual ~clock_source() = default;
  virtual steady_time steady() const = 0;
  virtual wall_time wall() const = 0;
};

/// The clocks of this machine.
const clock_source& system_clock_source();

/// "Thu, 01 Jan 2026 00:00:00 GMT" (RFC 1123, UTC, locale-independent).
std::string format_http_date(wall_time t);
std::optional<wall_time> parse_http_date(std::string_view text);

/// "2026-01-01T00:00:00.123Z". Milliseconds are always written.
std::string format_iso8601(wall_time t);
/// Accepts `Z`, `+hh:mm` and `-hh:mm` offsets, 0-9 fractional digits, and a trailing `[UTC]` as
/// Java writes it.
std::optional<wall_time> parse_iso8601(std::string_view text);

} // namespace feedcast
