#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace feedcast::log {

enum class level : std::uint8_t { debug, info, warn, error, off };
enum class format : std::uint8_t { automatic, logfmt, json };

/// One `key=value`. Values are quoted and escaped as the format needs. Never a document body, never
/// a secret.
struct field {
  field(std::string_view k, std::string_view v) : key(k), value(v) {}

  field(std::string_view k, const char* v) : key(k), value(v) {}

  field(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  template <class Number>

  requires std::is_arithmetic_v<Number> field(std::string_view k, Number v)
      : key(k), value(std::to_string(v)), bare(true) {}

  std::string_view key;
  std::string value;
  bool bare = false; ///< a number: JSON writes it without quotes
};

/// Sends all lines to stderr. `automatic` is logfmt on a terminal, JSON otherwise. Call once,
/// before threads start.
void configure(level threshold, format how);
level parse_level(std::string_view name); ///< unknown names mean info

bool enabled(level l) noexcept;
/// Thread-safe. Lines are written whole, or dropped if stderr takes no more: no caller ever waits
/// for whoever reads the log.
void write(level l, std::string_view message, std::initializer_list<field> fields);

/// Lines dropped since the process began. Thread-safe.
std::uint64_t dropped_lines() noexcept;

inline void debug(std::string_view message, std::initializer_list<field> fields = {}) {
  if (enabled(level::debug))
    write(level::debug, message, fields);
}

inline void info(std::string_view message, std::initializer_list<field> fields = {}) {
  if (enabled(level::info))
    write(level::info, message, fields);
}

inline void warn(std::string_view message, std::initializer_list<field> fields = {}) {
  if (enabled(level::warn))
    write(level::warn, message, fields);
}

inline void error(std::string_view message, std::initializer_list<field> fields = {}) {
  if (enabled(level::error))
    write(level::error, message, fields);
}

/// Lets one line through per interval and counts the rest, for call sites that a fault may hit
/// thousands of times:
///     static log::limiter once{10s};
///     if (auto n = once.admit()) log::warn("...", {{"suppressed", *n}});
/// Thread-safe.
class limiter {
 public:
  explicit limiter(std::chrono::milliseconds interval) : interval_(interval) {}

  struct pass {
    bool admitted = false;
    std::uint64_t suppressed = 0; ///< lines held back since the last one that passed

    explicit operator bool() const noexcept { return admitted; }

    std::uint64_t operator*() const noexcept { return suppressed; }
  };

  pass admit() noexcept;

 private:
  std::chrono::milliseconds interval_;
  std::atomic<std::int64_t> next_{0};
  std::atomic<std::uint64_t> suppressed_{0};
};

} // namespace feedcast::log
