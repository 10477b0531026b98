#include "emulator/query.hpp"
#include "emulator/query_lexer.hpp"
#include "http/message.hpp"

#include <boost/json.hpp>

#include <charconv>
#include <map>

namespace feedcast::emulator {
namespace {

namespace json = boost::json;
using token_kind = query_token::kind;
using parameter_map = std::map<std::string, key_value, std::less<>>;

constexpr std::size_t max_query_size = std::size_t{512} << 10;
constexpr std::size_t max_conditions = 100;

/// Recursive descent over one query. The first refusal stays.
class parser {
 public:
  parser(std::string_view sql, const parameter_map& parameters)
      : lexer_(sql), parameters_(parameters) {
    advance();
  }

  answer<query> parse() {
    query q;
    expect_word("SELECT");
    if (accept_word("TOP"))
      q.top = read_top();
    expect_symbol("*");
    expect_word("FROM");
    alias_ = take(token_kind::word, "the name of the container");
    if (accept_word("AS"))
      alias_ = take(token_kind::word, "an alias");
    else if (token_.what == token_kind::word && !http::iequals(token_.text, "WHERE"))
      alias_ = take(token_kind::word, "an alias");
    if (accept_word("WHERE")) {
      do
        q.conditions.push_back(read_condition());
      while (accept_word("AND") && q.conditions.size() < max_conditions);
    }
    if (token_.what != token_kind::end)
      fail("the end of the query");
    if (failure_)
      return *failure_;
    return q;
  }

 private:
  void advance() { token_ = lexer_.next(); }

  void fail(std::string_view expected) {
    if (!failure_)
      failure_ = refuse(
          400,
          "this emulator does not understand the query at position "
              + std::to_string(token_.position) + ": expected " + std::string(expected)
              + ". It knows SELECT [TOP n] * FROM c [WHERE STARTSWITH(c.id, 'x') AND c.a = 1 AND "
                "c.b <> null]");
    token_ = {token_kind::end, {}, token_.position}; // stops every loop
  }

  bool accept_word(std::string_view word) {
    if (token_.what != token_kind::word || !http::iequals(token_.text, word))
      return false;
    advance();
    return true;
  }

  void expect_word(std::string_view word) {
    if (!accept_word(word))
      fail(word);
  }

  bool accept_symbol(std::string_view symbol) {
    if (token_.what != token_kind::symbol || token_.text != symbol)
      return false;
    advance();
    return true;
  }

  void expect_symbol(std::string_view symbol) {
    if (!accept_symbol(symbol))
      fail(symbol);
  }

  std::string take(token_kind kind, std::string_view expected) {
    if (token_.what != kind) {
      fail(expected);
      return {};
    }
    std::string text = std::move(token_.text);
    advance();
    return text;
  }

  std::uint64_t read_top() {
    const key_value value = read_value();
    const auto* number = std::get_if<double>(&value);
    constexpr double most = 1e9;
    if (number == nullptr || !(*number >= 0 && *number <= most)) {
      fail("a whole number after TOP");
      return 0;
    }
    return static_cast<std::uint64_t>(*number);
  }

  query_condition read_condition() {
    query_condition c;
    if (accept_word("STARTSWITH")) {
      c.test = query_condition::kind::starts_with;
      expect_symbol("(");
      c.path = read_path();
      expect_symbol(",");
      c.value = read_value();
      if (!failure_ && !std::holds_alternative<std::string>(c.value))
        fail("a string as second argument of STARTSWITH");
      expect_symbol(")");
      return c;
    }
    c.path = read_path();
    if (accept_symbol("<>") || accept_symbol("!="))
      c.test = query_condition::kind::not_equal;
    else
      expect_symbol("=");
    c.value = read_value();
    return c;
  }

  std::vector<std::string> read_path() {
    std::vector<std::string> path;
    if (take(token_kind::word, "a condition on the container's alias") != alias_)
      fail("the alias '" + alias_ + "'");
    while (!failure_) {
      if (accept_symbol(".")) {
        path.push_back(take(token_kind::word, "a property name"));
      } else if (accept_symbol("[")) {
        path.push_back(take(token_kind::text, "a property name in quotes"));
        expect_symbol("]");
      } else {
        break;
      }
    }
    if (path.empty())
      fail("a property, such as " + alias_ + ".id");
    return path;
  }

  key_value read_value() {
    switch (token_.what) {
    case token_kind::text:
      return take(token_kind::text, "");
    case token_kind::number: {
      double number = 0;
      const std::string& text = token_.text;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc{} || end != text.data() + text.size())
        break;
      advance();
      return number;
    }
    case token_kind::parameter: {
      const auto at = parameters_.find(token_.text);
      if (at == parameters_.end()) {
        fail("a parameter that is given");
        return undefined_value{};
      }
      advance();
      return at->second;
    }
    default:
      if (accept_word("null"))
        return null_value{};
      if (accept_word("true"))
        return true;
      if (accept_word("false"))
        return false;
      break;
    }
    fail("a string, number, true, false, null or parameter");
    return undefined_value{};
  }

  query_lexer lexer_;
  const parameter_map& parameters_;
  query_token token_;
  std::string alias_;
  std::optional<refusal> failure_;
};

std::optional<key_value> to_scalar(const json::value& v) {
  switch (v.kind()) {
  case json::kind::null:
    return null_value{};
  case json::kind::bool_:
    return v.get_bool();
  case json::kind::string:
    return std::string(v.get_string());
  case json::kind::int64:
  case json::kind::uint64:
  case json::kind::double_:
    return v.to_number<double>();
  default:
    return std::nullopt;
  }
}

answer<parameter_map> read_parameters(const json::object& body) {
  parameter_map parameters;
  const json::value* list = body.if_contains("parameters");
  if (list == nullptr || list->is_null())
    return parameters;
  const refusal malformed =
      refuse(400, "'parameters' must be a list of {\"name\":\"@p\",\"value\":...}");
  if (!list->is_array())
    return malformed;
  for (const json::value& entry : list->get_array()) {
    const json::object* o = entry.if_object();
    const json::value* name = o == nullptr ? nullptr : o->if_contains("name");
    const json::value* value = o == nullptr ? nullptr : o->if_contains("value");
    if (name == nullptr || !name->is_string() || value == nullptr)
      return malformed;
    if (auto scalar = to_scalar(
            *value)) // a list or object can't be compared with here: unknown when it is used
      parameters.insert_or_assign(std::string(name->get_string()), std::move(*scalar));
  }
  return parameters;
}

} // namespace

answer<query> parse_query(std::string_view body) {
  json::error_code failure;
  const json::value parsed = json::parse(body, failure);
  const json::object* o = failure ? nullptr : parsed.if_object();
  const json::value* sql = o == nullptr ? nullptr : o->if_contains("query");
  if (sql == nullptr || !sql->is_string())
    return refuse(400,
                  "the body of a query must be {\"query\":\"SELECT ...\",\"parameters\":[...]}");
  if (sql->get_string().size() > max_query_size)
    return refuse(400, "the query is longer than 512 KiB");
  auto parameters = read_parameters(*o);
  if (!parameters)
    return parameters.error();
  return parser(sql->get_string(), *parameters).parse();
}

} // namespace feedcast::emulator
