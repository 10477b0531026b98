#include "emulator/query_evaluator.hpp"

#include "emulator/query_functions.hpp"

namespace feedcast::emulator {
namespace {

using kind = query_expression::kind;

const bool* truth(const query_value& value) {
  return std::get_if<bool>(&value);
}

/// Ordering is defined within one type only, and not for arrays and objects.
query_value ordered(kind what, const query_value& a, const query_value& b) {
  const query_type type = type_of(a);
  if (type != type_of(b) || type == query_type::undefined || type >= query_type::array)
    return {};
  const int order = compare_scalars(a, b);
  switch (what) {
  case kind::less:
    return order < 0;
  case kind::less_equal:
    return order <= 0;
  case kind::greater:
    return order > 0;
  default:
    return order >= 0;
  }
}

} // namespace

answer<void> query_evaluator::for_each_row(std::string_view json, std::size_t first,
                                           const std::function<bool(std::size_t)>& row) {
  simdjson::dom::element root;
  if (parser_.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS)
    return {}; // never stored by a client
  arena_.clear();
  bound_[0] = query_json{root, json};
  row_ = &row;
  first_ = first;
  next_ = 0;
  elements_ = 0;
  visit(1);
  return within_limits();
}

answer<void> query_evaluator::within_limits() const {
  if (next_ > max_rows)
    return refuse(400, "the JOINs of the query make more than " + std::to_string(max_rows)
                           + " rows of one document");
  if (elements_ > max_elements)
    return refuse(400, "the JOINs of the query go through more than " + std::to_string(max_elements)
                           + " elements of one document");
  if (row_too_large_)
    return refuse(400, "a row of the query is larger than " + std::to_string(max_row_size >> 20)
                           + " MiB");
  if (arena_.overflowed())
    return refuse(400, "the functions of the query make more than "
                           + std::to_string(query_arena::most_text >> 20) + " MiB of one row");
  return {};
}

/// All rows that begin with what is bound so far. False to stop.
bool query_evaluator::visit(std::size_t source) {
  if (source < query_.sources.size()) {
    const auto mark = arena_.here();
    const query_value elements = evaluate(*query_.sources[source].elements);
    const bool more = for_each_element(elements, [&](const query_value& element) {
      if (++elements_ > max_elements)
        return false;
      bound_[source] = element;
      return visit(source + 1);
    });
    arena_.release(mark);
    return more;
  }
  const std::size_t number = next_++;
  if (next_ > max_rows)
    return false;
  if (number < first_)
    return true;
  const auto mark = arena_.here();
  const bool more = !passes() || (*row_)(number);
  arena_.release(mark);
  return more;
}

bool query_evaluator::passes() {
  if (!query_.where)
    return true;
  const query_value value = evaluate(*query_.where);
  const bool* yes = truth(value);
  return yes != nullptr && *yes;
}

query_value query_evaluator::evaluate(const query_expression& e) {
  switch (e.what) {
  case kind::constant:
    return e.value;
  case kind::source:
    return bound_[e.number];
  case kind::path:
    return path(e);
  case kind::array:
    return array(e);
  case kind::object:
    return object(e);
  case kind::negation: {
    const query_value value = evaluate(*e.operands[0]);
    const bool* yes = truth(value);
    return yes == nullptr ? query_value{} : query_value(!*yes);
  }
  case kind::minus: {
    const query_value value = evaluate(*e.operands[0]);
    const auto* n = std::get_if<query_number>(&value);
    return n == nullptr ? query_value{} : query_value(query_number{-n->value, 0, false});
  }
  case kind::all:
    return all(e);
  case kind::any:
    return any(e);
  case kind::equal:
  case kind::not_equal:
    return equality(e);
  case kind::less:
  case kind::less_equal:
  case kind::greater:
  case kind::greater_equal:
    return order(e);
  case kind::in:
    return one_of(e);
  case kind::between:
    return between(e);
  case kind::call:
    return call(e);
  case kind::aggregate:
    return e.number < aggregates_.size() ? aggregates_[e.number] : query_value{};
  }
  return {};
}

query_value query_evaluator::path(const query_expression& e) {
  query_value value = evaluate(*e.operands[0]);
  for (const query_step& step : e.steps) {
    if (step.computed) {
      const query_value key = evaluate(*step.computed);
      const auto* name = std::get_if<std::string_view>(&key);
      const auto* n = std::get_if<query_number>(&key);
      if (name != nullptr)
        value = member_of(value, *name);
      else if (n != nullptr && n->exact && n->whole >= 0)
        value = element_of(value, static_cast<std::size_t>(n->whole));
      else
        return {};
    } else {
      value = step.index ? element_of(value, *step.index) : member_of(value, step.name);
    }
  }
  return value;
}

/// An element that is undefined keeps its place, and is written as null.
query_value query_evaluator::array(const query_expression& e) {
  query_composite& made = arena_.make(false);
  for (const auto& operand : e.operands)
    made.values.push_back(evaluate(*operand));
  return &made;
}

query_value query_evaluator::object(const query_expression& e) {
  query_composite& made = arena_.make(true);
  for (std::size_t i = 0; i < e.operands.size(); ++i) {
    query_value value = evaluate(*e.operands[i]);
    if (type_of(value) == query_type::undefined)
      continue;
    made.names.push_back(e.names[i]);
    made.values.push_back(value);
  }
  return &made;
}

/// False beats undefined, which beats true.
query_value query_evaluator::all(const query_expression& e) {
  bool known = true;
  for (const auto& operand : e.operands) {
    const query_value value = evaluate(*operand);
    const bool* yes = truth(value);
    if (yes != nullptr && !*yes)
      return false;
    known = known && yes != nullptr;
  }
  return known ? query_value(true) : query_value{};
}

/// True beats undefined, which beats false.
query_value query_evaluator::any(const query_expression& e) {
  bool known = true;
  for (const auto& operand : e.operands) {
    const query_value value = evaluate(*operand);
    const bool* yes = truth(value);
    if (yes != nullptr && *yes)
      return true;
    known = known && yes != nullptr;
  }
  return known ? query_value(false) : query_value{};
}

/// Values of two types are not equal, which lease libraries rely upon (c.token <> null); what is
/// undefined is neither equal nor not.
query_value query_evaluator::equality(const query_expression& e) {
  const query_value a = evaluate(*e.operands[0]);
  const query_value b = evaluate(*e.operands[1]);
  if (type_of(a) == query_type::undefined || type_of(b) == query_type::undefined)
    return {};
  return is_equal(a, b) == (e.what == kind::equal);
}

query_value query_evaluator::order(const query_expression& e) {
  return ordered(e.what, evaluate(*e.operands[0]), evaluate(*e.operands[1]));
}

/// As the OR of equalities that it is.
query_value query_evaluator::one_of(const query_expression& e) {
  const query_value wanted = evaluate(*e.operands[0]);
  if (type_of(wanted) == query_type::undefined)
    return {};
  bool known = true;
  for (std::size_t i = 1; i < e.operands.size(); ++i) {
    const query_value value = evaluate(*e.operands[i]);
    if (type_of(value) == query_type::undefined)
      known = false;
    else if (is_equal(wanted, value))
      return true;
  }
  return known ? query_value(false) : query_value{};
}

query_value query_evaluator::between(const query_expression& e) {
  const query_value value = evaluate(*e.operands[0]);
  const query_value low = ordered(kind::greater_equal, value, evaluate(*e.operands[1]));
  const query_value high = ordered(kind::less_equal, value, evaluate(*e.operands[2]));
  const bool* above = truth(low);
  const bool* below = truth(high);
  if ((above != nullptr && !*above) || (below != nullptr && !*below))
    return false;
  return above != nullptr && below != nullptr ? query_value(true) : query_value{};
}

query_value query_evaluator::call(const query_expression& e) {
  std::vector<query_value> arguments;
  arguments.reserve(e.operands.size());
  for (const auto& operand : e.operands)
    arguments.push_back(evaluate(*operand));
  return call_query_function(e.function, arguments, arena_);
}

std::optional<std::string> query_evaluator::write_row() {
  std::string out;
  if (query_.select == query::projection::all) {
    write_value(bound_[0], out);
  } else if (query_.select == query::projection::value) {
    const query_value value = evaluate(*query_.columns.front().value);
    if (type_of(value) == query_type::undefined)
      return std::nullopt;
    write_value(value, out, max_row_size);
  } else {
    out = write_columns();
  }
  row_too_large_ = row_too_large_ || out.size() > max_row_size;
  return out;
}

std::string query_evaluator::write_columns() {
  std::string out = "{";
  for (const query_column& column : query_.columns) {
    const query_value value = evaluate(*column.value);
    if (type_of(value) == query_type::undefined)
      continue;
    if (out.size() > max_row_size)
      break;
    if (out.size() > 1)
      out += ',';
    write_text(column.name, out);
    out += ':';
    write_value(value, out, max_row_size);
  }
  return out + '}';
}

} // namespace feedcast::emulator
