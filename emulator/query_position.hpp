#pragma once

#include "emulator/query_value.hpp"
#include "emulator/refusal.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

/// A value of ORDER BY, kept beyond its document. Arrays are alike, and so are objects; texts are
/// told apart by their first `longest` bytes, so that a position fits into a header.
struct query_key {
  static constexpr std::size_t longest = 512;

  query_type type = query_type::undefined;
  double number = 0; ///< or 1 for true
  std::string text;

  static query_key of(const query_value& value);
};

/// Below, at or above zero; values of two types by type.
int compare_keys(const query_key& a, const query_key& b);

/// Where a query goes on. It names documents by the number in their resource id, which they keep
/// when they change and when their range is split or merged: so it stays good, and what was given
/// out is not given out again, nor is anything passed over.
struct query_position {
  std::uint64_t given = 0; ///< rows before it, those that OFFSET passes over among them
  /// Without ORDER BY: the first document that is not done, and how many of its rows are.
  /// With it: the last row that is done.
  std::uint64_t item = 0;
  std::uint64_t row = 0;
  std::vector<query_key> keys; ///< ORDER BY's of that row; none at the start

  std::string to_text() const;
};

/// 400 for what no query of this emulator with that many keys gave. Empty = the start.
answer<query_position> read_query_position(std::string_view text, std::size_t keys);

} // namespace feedcast::emulator
