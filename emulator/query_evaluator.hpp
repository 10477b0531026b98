#pragma once

#include "emulator/document.hpp"
#include "emulator/query.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

/// Runs the expressions of one query over one document after the other. Owns what they yield: a
/// value is good until the next row. Not thread-safe; the query outlives it.
class query_evaluator {
 public:
  explicit query_evaluator(const query& q) : query_(q), bound_(q.sources.size()) {}

  /// Rows that one document may make by its JOINs before WHERE, and elements that these go through.
  static constexpr std::size_t max_rows = 100'000;
  static constexpr std::size_t max_elements = 1'000'000;
  /// Bytes of one row that goes out.
  static constexpr std::size_t max_row_size = std::size_t{16} << 20;

  /// Calls `row` for each row of the document that WHERE lets pass, with its number among the rows
  /// before WHERE, counted from 0, until it returns false. Begins with row `first`. 400 as by
  /// within_limits: then what the rows have yielded is worth nothing.
  answer<void> for_each_row(std::string_view json, std::size_t first,
                            const std::function<bool(std::size_t)>& row);

  query_value evaluate(const query_expression& e);

  /// What SELECT makes of the current row; nothing if that is undefined.
  std::optional<std::string> write_row();

  /// 400 if the last document made too many rows, or a row was too large.
  answer<void> within_limits() const;

  /// What the aggregates yield from here on, by number.
  void set_aggregates(std::vector<query_value> values) { aggregates_ = std::move(values); }

 private:
  bool visit(std::size_t source);
  bool passes();
  std::string write_columns();
  query_value path(const query_expression& e);
  query_value array(const query_expression& e);
  query_value object(const query_expression& e);
  query_value all(const query_expression& e);
  query_value any(const query_expression& e);
  query_value equality(const query_expression& e);
  query_value order(const query_expression& e);
  query_value one_of(const query_expression& e);
  query_value between(const query_expression& e);
  query_value call(const query_expression& e);

  const query& query_;
  simdjson::dom::parser parser_;
  query_arena arena_;
  std::vector<query_value> bound_; ///< what FROM's names stand for
  std::vector<query_value> aggregates_;

  // of the walk over one document's rows
  const std::function<bool(std::size_t)>* row_ = nullptr;
  std::size_t first_ = 0;
  std::size_t next_ = 0;
  std::size_t elements_ = 0;
  bool row_too_large_ = false;
};

} // namespace feedcast::emulator
