#include "emulator/query_functions.hpp"
#include "emulator/query_parser.hpp"
#include "http/message.hpp"

#include <charconv>

namespace feedcast::emulator {

query_parser::node_ptr query_parser::read_primary() {
  switch (token_.what) {
  case query_token::kind::number:
    return read_number();
  case query_token::kind::parameter:
    return read_parameter();
  case query_token::kind::word:
    return read_word();
  case query_token::kind::text: {
    node_ptr made = make(node::kind::constant);
    made->text = std::move(token_.text);
    made->value = std::string_view(made->text);
    advance();
    return made;
  }
  default:
    break;
  }
  if (is_symbol("["))
    return read_array();
  if (is_symbol("{"))
    return read_object();
  if (accept_symbol("(")) {
    if (is_word("SELECT"))
      unsupported("a subquery");
    node_ptr inner = read_expression();
    expect_symbol(")");
    return inner;
  }
  unexpected("an expression");
  return constant({});
}

query_parser::node_ptr query_parser::read_number() {
  query_number n;
  const std::string& text = token_.text;
  const char* const end = text.data() + text.size();
  const auto whole = std::from_chars(text.data(), end, n.whole);
  n.exact = whole.ec == std::errc{} && whole.ptr == end;
  const auto read = std::from_chars(text.data(), end, n.value);
  if (read.ec != std::errc{})
    fail(token_.begin, "has a number that is beyond those of a double");
  advance();
  return constant(n);
}

/// One that is not given is undefined.
query_parser::node_ptr query_parser::read_parameter() {
  const auto at = parameters_.find(token_.text);
  advance();
  return constant(at == parameters_.end() ? query_value{} : at->second);
}

query_parser::node_ptr query_parser::read_word() {
  const query_token word = token_;
  if (is_word("EXISTS") || is_word("ARRAY")) {
    unsupported("a subquery");
    return constant({});
  }
  advance();
  if (http::iequals(word.text, "udf") && is_symbol(".")) {
    fail(word.begin, "asks for a user-defined function, which this emulator does not support");
    return constant({});
  }
  if (is_symbol("("))
    return read_call(word);
  if (http::iequals(word.text, "true"))
    return constant(true);
  if (http::iequals(word.text, "false"))
    return constant(false);
  if (http::iequals(word.text, "null"))
    return constant(null_value{});
  if (http::iequals(word.text, "undefined"))
    return constant({});
  node_ptr source = make(node::kind::source);
  source->text = word.text;
  unresolved_.push_back({source.get(), word.begin});
  return source;
}

query_parser::node_ptr query_parser::read_call(const query_token& name) {
  if (const auto which = find_query_aggregate(name.text))
    return read_aggregate(*which, name);
  const auto* signature = find_query_function(name.text);
  if (signature == nullptr) {
    fail(name.begin, "asks for the function " + query_excerpt(name.text)
                         + ", which this emulator does not support");
    return constant({});
  }
  advance();
  node_ptr call = make(node::kind::call);
  call->function = signature->function;
  if (!is_symbol(")"))
    do
      call->operands.push_back(read_expression());
    while (accept_symbol(","));
  if (!failure_
      && (call->operands.size() < signature->fewest || call->operands.size() > signature->most))
    fail(name.begin, "has " + std::to_string(call->operands.size()) + " arguments for "
                         + std::string(signature->name));
  expect_symbol(")");
  return call;
}

query_parser::node_ptr query_parser::read_aggregate(query_aggregate which,
                                                    const query_token& name) {
  if (!in_select_ || inside_aggregate_)
    fail(name.begin, "has an aggregate function outside of SELECT, or in another one");
  advance();
  node_ptr call = make(node::kind::aggregate);
  call->aggregate = which;
  call->number = aggregates_.size();
  aggregates_.push_back(call.get());
  inside_aggregate_ = true;
  call->slice.begin = token_.begin;
  call->operands.push_back(read_expression());
  call->slice.end = last_end_;
  inside_aggregate_ = false;
  expect_symbol(")");
  return call;
}

query_parser::node_ptr query_parser::read_array() {
  advance();
  node_ptr array = make(node::kind::array);
  if (!is_symbol("]"))
    do
      array->operands.push_back(read_expression());
    while (accept_symbol(","));
  expect_symbol("]");
  return array;
}

query_parser::node_ptr query_parser::read_object() {
  advance();
  node_ptr object = make(node::kind::object);
  if (!is_symbol("}"))
    do {
      if (token_.what != query_token::kind::text && token_.what != query_token::kind::word) {
        unexpected("the name of a member");
        break;
      }
      object->names.push_back(std::move(token_.text));
      advance();
      expect_symbol(":");
      object->operands.push_back(read_expression());
    } while (accept_symbol(","));
  expect_symbol("}");
  return object;
}

} // namespace feedcast::emulator
