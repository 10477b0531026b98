#pragma once

#include "emulator/query_ast.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

struct query_signature {
  std::string_view name;
  query_function function = query_function::is_defined;
  std::size_t fewest = 1; ///< arguments
  std::size_t most = 1;
};

/// By name, whatever its case; null if there is none.
const query_signature* find_query_function(std::string_view name);
std::optional<query_aggregate> find_query_aggregate(std::string_view name);

/// "Count", as a query plan names it.
std::string_view plan_name(query_aggregate aggregate) noexcept;

/// Undefined if the arguments are of the wrong types. Lower and upper case are those of ASCII.
query_value call_query_function(query_function function, const std::vector<query_value>& arguments,
                                query_arena& arena);

} // namespace feedcast::emulator
