#pragma once

#include "emulator/query_value.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace feedcast::emulator {

/// Functions of one row.
enum class query_function : std::uint8_t {
  array_contains,
  array_length,
  contains,
  ends_with,
  is_array,
  is_boolean,
  is_defined,
  is_null,
  is_number,
  is_object,
  is_primitive,
  is_text,
  length,
  lower,
  starts_with,
  upper,
};

/// Functions of all rows.
enum class query_aggregate : std::uint8_t { average, count, maximum, minimum, sum };

/// A part of the query's text.
struct query_slice {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct query_expression;
using query_expression_ptr = std::unique_ptr<query_expression>;

/// One step of a path: a name, a number, or what an expression in brackets yields.
struct query_step {
  std::string name;
  std::optional<std::size_t> index;
  query_expression_ptr computed;
};

/// A node of a query. Its depth is bounded by the parser, so that all may recurse over it.
struct query_expression {
  enum class kind : std::uint8_t {
    constant, ///< `value`, which points to `text` or the parameters
    source,   ///< the value bound to FROM's name number `number`
    path,     ///< `steps` from operands[0]
    array,    ///< of the operands
    object,   ///< of `names` and operands
    negation, ///< NOT
    minus,    ///< the sign
    all,      ///< AND of the operands
    any,      ///< OR
    equal,    ///< two operands, as the next ones
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    in,        ///< operands[0] is one of the others
    between,   ///< operands[1] <= operands[0] <= operands[2]
    call,      ///< `function` of the operands
    aggregate, ///< `aggregate` of operands[0]; `number` counts the query's aggregates
  };

  kind what = kind::constant;
  query_value value;
  std::string text;
  std::size_t number = 0;
  query_function function = query_function::is_defined;
  query_aggregate aggregate = query_aggregate::count;
  query_slice slice; ///< of an aggregate's argument
  std::vector<query_step> steps;
  std::vector<std::string> names;
  std::vector<query_expression_ptr> operands;
};

/// A column of SELECT.
struct query_column {
  std::string name;
  query_expression_ptr value;
  query_slice slice;
};

/// A name of FROM. The first one is the document; those of JOINs are each of the `elements`.
struct query_source {
  std::string name;
  query_expression_ptr elements;
};

/// A key of ORDER BY.
struct query_order {
  query_expression_ptr key;
  bool descending = false;
  query_slice slice;
};

} // namespace feedcast::emulator
