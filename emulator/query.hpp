#pragma once

#include "emulator/query_ast.hpp"
#include "emulator/refusal.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

/// A query that was read, with its parameters. Movable; constant once made, so that several threads
/// may run it.
///
///     SELECT [TOP n] * | VALUE e | e [[AS] name], ...
///     FROM c [[AS] alias] [JOIN n IN c.path]...
///     [WHERE e] [ORDER BY e [ASC|DESC], ...] [OFFSET n LIMIT m]
struct query {
  enum class projection : std::uint8_t { all, value, columns };

  std::string sql;
  std::optional<std::uint64_t> top;
  std::optional<std::uint64_t> offset; ///< never without limit, nor beside top
  std::optional<std::uint64_t> limit;
  projection select = projection::all;
  std::vector<query_column> columns; ///< one for projection::value, none for `all`
  std::vector<query_source> sources;
  query_expression_ptr where;
  std::vector<query_order> order;
  std::vector<const query_expression*> aggregates;

  // What rewriting it takes over as it stands.
  query_slice select_slice; ///< without TOP
  query_slice from_slice;
  query_slice where_slice;
  query_slice order_slice;

  std::shared_ptr<const void> parameters; ///< keeps what values of parameters point to

  std::string_view text_of(query_slice s) const {
    return std::string_view(sql).substr(s.begin, s.end - s.begin);
  }

  /// One range's answers can't just be put one after the other: each client merges them itself.
  bool needs_merging() const noexcept {
    return top || limit || !order.empty() || !aggregates.empty();
  }

  /// Rows that go out: of TOP or LIMIT.
  std::optional<std::uint64_t> most_rows() const noexcept { return top ? top : limit; }
};

/// Limits; the account document names the first four.
inline constexpr std::size_t max_query_size = std::size_t{512} << 10;
inline constexpr std::size_t max_query_joins = 10;
inline constexpr std::size_t max_query_logical = 2000; ///< operands of all AND, and of all OR
inline constexpr std::size_t max_query_in_items = 16'000;
inline constexpr std::size_t max_query_depth = 64;
inline constexpr std::size_t max_query_nodes = 100'000;
inline constexpr std::size_t max_query_order_keys = 8;
inline constexpr std::size_t max_query_columns = 1000;

/// From the body {"query":"...","parameters":[{"name":"@p","value":...}]}. 400 for anything else,
/// with what is wrong or unsupported, and in which line and column of the text.
answer<query> parse_query(std::string_view body);

/// SELECT * FROM c
query select_all();

// For the two halves of the parser.

using query_parameters = std::map<std::string, query_value, std::less<>>;

answer<query> parse_query_text(std::string sql, const query_parameters& parameters);

} // namespace feedcast::emulator
