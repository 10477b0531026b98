#include "emulator/query_parser.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace feedcast::emulator {

/// One level of nesting, as long as it lives.
struct query_parser::deeper {
  explicit deeper(query_parser& p) : parser(p) {
    if (++parser.depth_ > max_query_depth)
      parser.fail(parser.token_.begin,
                  "is nested deeper than " + std::to_string(max_query_depth) + " levels");
  }

  ~deeper() { --parser.depth_; }

  deeper(const deeper&) = delete;
  deeper& operator=(const deeper&) = delete;

  query_parser& parser;
};

query_parser::node_ptr query_parser::make(node::kind what) {
  if (++nodes_ > max_query_nodes)
    fail(token_.begin, "is larger than " + std::to_string(max_query_nodes) + " terms");
  auto made = std::make_unique<node>();
  made->what = what;
  return made;
}

query_parser::node_ptr query_parser::constant(query_value value) {
  node_ptr made = make(node::kind::constant);
  made->value = value;
  return made;
}

/// OR of ...
query_parser::node_ptr query_parser::read_expression() {
  const deeper level(*this);
  node_ptr left = read_all();
  if (!is_word("OR"))
    return left;
  node_ptr any = make(node::kind::any);
  any->operands.push_back(std::move(left));
  while (accept_word("OR")) {
    if (++ors_ > max_query_logical)
      fail(token_.begin, "has more than " + std::to_string(max_query_logical) + " OR");
    any->operands.push_back(read_all());
  }
  return any;
}

/// AND of ...
query_parser::node_ptr query_parser::read_all() {
  node_ptr left = read_not();
  if (!is_word("AND"))
    return left;
  node_ptr all = make(node::kind::all);
  all->operands.push_back(std::move(left));
  while (accept_word("AND")) {
    if (++ands_ > max_query_logical)
      fail(token_.begin, "has more than " + std::to_string(max_query_logical) + " AND");
    all->operands.push_back(read_not());
  }
  return all;
}

query_parser::node_ptr query_parser::read_not() {
  if (!is_word("NOT"))
    return read_comparison();
  const deeper level(*this);
  advance();
  node_ptr negation = make(node::kind::negation);
  negation->operands.push_back(read_not());
  return negation;
}

query_parser::node_ptr query_parser::read_comparison() {
  struct comparison {
    std::string_view symbol;
    node::kind what;
  };

  static constexpr std::array<comparison, 7> comparisons = {{
      {"=", node::kind::equal},
      {"!=", node::kind::not_equal},
      {"<>", node::kind::not_equal},
      {"<", node::kind::less},
      {"<=", node::kind::less_equal},
      {">", node::kind::greater},
      {">=", node::kind::greater_equal},
  }};

  node_ptr left = read_unary();
  const bool negated = is_word("NOT");
  if (negated)
    advance();
  node_ptr test;
  if (accept_word("IN")) {
    test = read_in(std::move(left));
  } else if (accept_word("BETWEEN")) {
    test = read_between(std::move(left));
  } else if (negated) {
    if (is_word("LIKE"))
      unsupported("LIKE");
    unexpected("IN or BETWEEN");
    return left;
  } else if (token_.what == query_token::kind::symbol) {
    const auto at = std::find_if(comparisons.begin(), comparisons.end(),
                                 [&](const comparison& c) { return c.symbol == token_.text; });
    if (at == comparisons.end()) {
      refuse_operator();
      return left;
    }
    advance();
    test = make(at->what);
    test->operands.push_back(std::move(left));
    test->operands.push_back(read_unary());
    refuse_operator();
    return test;
  } else {
    refuse_operator();
    return left;
  }
  if (!negated)
    return test;
  node_ptr negation = make(node::kind::negation);
  negation->operands.push_back(std::move(test));
  return negation;
}

query_parser::node_ptr query_parser::read_in(node_ptr left) {
  node_ptr in = make(node::kind::in);
  in->operands.push_back(std::move(left));
  expect_symbol("(");
  if (is_word("SELECT"))
    unsupported("a subquery");
  do {
    if (in->operands.size() > max_query_in_items)
      fail(token_.begin,
           "has more than " + std::to_string(max_query_in_items) + " items in one IN");
    in->operands.push_back(read_expression());
  } while (accept_symbol(","));
  expect_symbol(")");
  return in;
}

query_parser::node_ptr query_parser::read_between(node_ptr left) {
  node_ptr between = make(node::kind::between);
  between->operands.push_back(std::move(left));
  between->operands.push_back(read_unary());
  expect_word("AND"); // binds to BETWEEN before any other AND
  between->operands.push_back(read_unary());
  return between;
}

/// True, and the query refused, if here is an operator that others know.
bool query_parser::refuse_operator() {
  static constexpr std::array<std::string_view, 13> operators = {
      "+", "-", "*", "/", "%", "|", "&", "^", "||", "?", "??", "<<", "~"};
  if (is_word("LIKE"))
    unsupported("LIKE");
  else if (token_.what == query_token::kind::symbol
           && std::find(operators.begin(), operators.end(), token_.text) != operators.end())
    unsupported("the operator " + token_.text);
  else
    return false;
  return true;
}

query_parser::node_ptr query_parser::read_unary() {
  if (is_symbol("+") || is_symbol("~")) {
    unsupported("the operator " + token_.text);
    return constant({});
  }
  if (!is_symbol("-"))
    return read_postfix();
  const deeper level(*this);
  advance();
  node_ptr operand = read_unary();
  if (auto* number = std::get_if<query_number>(&operand->value);
      number != nullptr && operand->what == node::kind::constant) {
    number->exact = number->exact && number->whole != std::numeric_limits<std::int64_t>::min();
    number->value = -number->value;
    number->whole = number->exact ? -number->whole : 0;
    return operand;
  }
  node_ptr minus = make(node::kind::minus);
  minus->operands.push_back(std::move(operand));
  return minus;
}

query_parser::node_ptr query_parser::read_postfix() {
  const std::size_t begin = token_.begin;
  node_ptr base = read_primary();
  while (is_symbol(".") || is_symbol("["))
    base = is_symbol(".") ? read_member(std::move(base)) : read_index(std::move(base));
  const bool is_plain =
      base->what == node::kind::source
      || (base->what == node::kind::path && base->operands.front()->what == node::kind::source);
  if (in_select_ && !inside_aggregate_ && is_plain && !plain_path_)
    plain_path_ = begin;
  return base;
}

query_parser::node_ptr query_parser::read_member(node_ptr base) {
  advance();
  query_step step{take_name("the name of a property"), {}, nullptr};
  if (base->what != node::kind::path) {
    node_ptr path = make(node::kind::path);
    path->operands.push_back(std::move(base));
    base = std::move(path);
  }
  ++nodes_;
  base->steps.push_back(std::move(step));
  return base;
}

query_parser::node_ptr query_parser::read_index(node_ptr base) {
  advance();
  const std::size_t begin = token_.begin;
  node_ptr index = read_expression();
  expect_symbol("]");
  query_step step;
  if (index->what != node::kind::constant
      || std::holds_alternative<undefined_value>(index->value)) {
    step.computed = std::move(index);
  } else if (const auto* name = std::get_if<std::string_view>(&index->value)) {
    step.name = *name;
  } else if (const auto* n = std::get_if<query_number>(&index->value);
             n != nullptr && n->exact && n->whole >= 0) {
    step.index = static_cast<std::size_t>(n->whole);
  } else {
    fail(begin, "has something in brackets that is neither a name in quotes nor a whole number");
  }
  if (base->what != node::kind::path) {
    node_ptr path = make(node::kind::path);
    path->operands.push_back(std::move(base));
    base = std::move(path);
  }
  base->steps.push_back(std::move(step));
  return base;
}

} // namespace feedcast::emulator
