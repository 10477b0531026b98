#pragma once

#include "emulator/document.hpp"
#include "emulator/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

/// One test of a WHERE clause.
struct query_condition {
  enum class kind : std::uint8_t { starts_with, equal, not_equal };

  kind test = kind::equal;
  std::vector<std::string> path; ///< c.a.b -> {"a", "b"}
  key_value value;
};

/// SELECT [TOP n] * FROM c [WHERE condition [AND condition]...], where a condition is
/// STARTSWITH(c.path, value), c.path = value or c.path <> value (!=), and a value is a literal or a
/// parameter.
struct query {
  std::optional<std::uint64_t> top;
  std::vector<query_condition> conditions;

  bool matches(const document& candidate) const;
  bool matches(std::string_view id, std::string_view json) const;
};

/// From the body {"query":"...","parameters":[{"name":"@p","value":...}]}. 400 for anything else,
/// with what was expected at which position of the text.
answer<query> parse_query(std::string_view body);

} // namespace feedcast::emulator
