#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace feedcast::emulator {

/// What a request asks for, as fault rules and statistics name it.
enum class operation : std::uint8_t {
  account,
  database,
  container,
  pkranges,
  feed,
  list,
  create,
  upsert,
  read,
  replace,
  remove,
  query,
  query_plan,
  offers,
  control, ///< the emulator's own paths, never faulted
};

inline constexpr std::array<std::string_view, 15> operation_names = {
    "account", "database", "container", "pkranges", "feed",       "list",   "create", "upsert",
    "read",    "replace",  "delete",    "query",    "query_plan", "offers", "control"};

constexpr std::string_view to_string(operation o) noexcept {
  return operation_names[static_cast<std::size_t>(o)];
}

constexpr std::optional<operation> parse_operation(std::string_view name) noexcept {
  for (std::size_t i = 0; i < operation_names.size(); ++i)
    if (operation_names[i] == name)
      return static_cast<operation>(i);
  return std::nullopt;
}

} // namespace feedcast::emulator
