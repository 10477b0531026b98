#pragma once

#include "emulator/query_ast.hpp"

#include <cstddef>
#include <string>

namespace feedcast::emulator {

/// One aggregate of a query, over all its rows. What is undefined does not count. What can't be
/// summed (no number) or ordered (an array, an object) makes the result undefined; so is that of no
/// rows, but for COUNT and SUM, which are 0 then. Not thread-safe.
class query_accumulator {
 public:
  explicit query_accumulator(query_aggregate which) : which_(which) {}

  void add(const query_value& value);

  /// How many values it took.
  std::size_t seen() const noexcept { return seen_; }

  /// Good as long as the accumulator is, and unchanged.
  query_value result() const;

 private:
  void keep(const query_value& value);

  query_aggregate which_;
  std::size_t seen_ = 0;
  double sum_ = 0;
  bool spoiled_ = false;
  query_value best_;
  std::string best_text_; ///< what best_ points to if it is a text
};

} // namespace feedcast::emulator
