#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace feedcast::settings {

/// What the configuration may hold at one place, without any value.
struct shape {
  enum class kind : std::uint8_t {
    group,      ///< a map of known keys: `members`
    table,      ///< a map of names to the one entry of `members`
    text,       ///< any text, or one of `choices`
    list,       ///< of texts, or of `choices`
    flag,       ///< true, false
    number,     ///< from `low` to `high`
    size,       ///< 16MiB, from `low` to `high` bytes
    duration,   ///< 500ms, from `low` to `high` milliseconds
    share,      ///< 20%, from `low` to `high` percent, or off
    secret,     ///< text, {from_file}, {from_env}
    properties, ///< librdkafka's
    start,      ///< now, beginning, a time
  };

  kind type = kind::group;
  std::string key; ///< "*" for the entry of a table
  bool required = false;
  std::vector<shape> members;
  std::vector<std::string> choices;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

std::string_view to_string(shape::kind type) noexcept;

/// Everything that fields.hpp describes. Thread-safe.
const shape& service_shape();

} // namespace feedcast::settings
