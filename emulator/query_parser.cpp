#include "emulator/query_parser.hpp"

#include "http/message.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace feedcast::emulator {
namespace {

constexpr std::string_view help =
    "; docs/emulator.md says which queries this emulator knows, such as SELECT * FROM c WHERE "
    "STARTSWITH(c.id, @p) ORDER BY c.n";

constexpr std::array<std::string_view, 13> clauses = {
    "AS",    "BY",     "FROM",  "GROUP",  "HAVING", "IN",   "JOIN",
    "LIMIT", "OFFSET", "ORDER", "SELECT", "UNION",  "WHERE"};
constexpr std::array<std::string_view, 15> other_keywords = {
    "AND",  "ARRAY", "ASC",  "BETWEEN", "DESC", "DISTINCT",  "EXISTS", "FALSE",
    "LIKE", "NOT",   "NULL", "OR",      "TOP",  "UNDEFINED", "VALUE"};

template <class Words>
bool is_one_of(const Words& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view w) { return http::iequals(w, word); });
}

/// Words that end a FROM clause, and so can't be an alias without AS.
bool is_clause(std::string_view word) {
  return is_one_of(clauses, word);
}

/// What can't name a source: where it is used it would mean something else.
bool is_reserved(std::string_view word) {
  return is_clause(word) || is_one_of(other_keywords, word) || http::iequals(word, "TRUE");
}

std::string shown(const query_token& token) {
  return token.what == query_token::kind::end ? "the end of the query" : query_excerpt(token.text);
}

/// The name that a column without AS goes by; empty if it has none.
std::string own_name(const query_expression& value) {
  if (value.what == query_expression::kind::source)
    return value.text;
  if (value.what == query_expression::kind::path && !value.steps.back().name.empty())
    return value.steps.back().name;
  return {};
}

} // namespace

query_parser::query_parser(std::string_view sql, const query_parameters& parameters)
    : sql_(sql), parameters_(parameters), lexer_(sql) {
  advance();
}

void query_parser::advance() {
  last_end_ = token_.end;
  if (!failure_)
    token_ = lexer_.next();
  if (token_.what == query_token::kind::broken)
    fail(token_.begin, "has " + token_.text);
}

void query_parser::fail(std::size_t position, std::string why) {
  if (!failure_)
    failure_ =
        refuse(400, "the query " + why + ", at " + query_place(sql_, position) + std::string(help));
  token_ = {query_token::kind::end, {}, token_.begin, token_.begin}; // stops every loop
}

void query_parser::unexpected(std::string_view expected) {
  fail(token_.begin, "has " + shown(token_) + " where " + std::string(expected) + " is expected");
}

void query_parser::unsupported(std::string_view what) {
  fail(token_.begin, "asks for " + std::string(what) + ", which this emulator does not support");
}

bool query_parser::is_word(std::string_view word) const {
  return token_.what == query_token::kind::word && http::iequals(token_.text, word);
}

bool query_parser::is_symbol(std::string_view symbol) const {
  return token_.what == query_token::kind::symbol && token_.text == symbol;
}

bool query_parser::accept_word(std::string_view word) {
  const bool found = is_word(word);
  if (found)
    advance();
  return found;
}

bool query_parser::accept_symbol(std::string_view symbol) {
  const bool found = is_symbol(symbol);
  if (found)
    advance();
  return found;
}

void query_parser::expect_word(std::string_view word) {
  if (!accept_word(word))
    unexpected(word);
}

void query_parser::expect_symbol(std::string_view symbol) {
  if (!accept_symbol(symbol))
    unexpected('\'' + std::string(symbol) + '\'');
}

/// Of a source.
std::string query_parser::take_source(std::string_view expected) {
  if (token_.what == query_token::kind::word && is_reserved(token_.text))
    unexpected(expected);
  return take_name(expected);
}

std::string query_parser::take_name(std::string_view expected) {
  if (token_.what != query_token::kind::word) {
    unexpected(expected);
    return {};
  }
  std::string name = std::move(token_.text);
  advance();
  return name;
}

answer<void> query_parser::parse(query& q) {
  read_select(q);
  read_from(q);
  if (accept_word("WHERE")) {
    q.where_slice.begin = token_.begin;
    q.where = read_expression();
    q.where_slice.end = last_end_;
  }
  if (accept_word("ORDER"))
    read_order(q);
  if (accept_word("OFFSET"))
    read_offset(q);
  refuse_other_clauses();
  resolve(q);
  check_aggregates(q);
  if (failure_)
    return *failure_;
  return {};
}

void query_parser::read_select(query& q) {
  expect_word("SELECT");
  if (is_word("DISTINCT"))
    unsupported("DISTINCT");
  if (accept_word("TOP"))
    q.top = read_count("TOP");
  q.select_slice.begin = token_.begin;
  in_select_ = true;
  if (accept_symbol("*"))
    q.select = query::projection::all;
  else if (accept_word("VALUE"))
    read_value(q);
  else
    read_columns(q);
  in_select_ = false;
  q.select_slice.end = last_end_;
}

void query_parser::read_value(query& q) {
  q.select = query::projection::value;
  query_column column{{}, nullptr, {token_.begin, 0}};
  column.value = read_expression();
  column.slice.end = last_end_;
  q.columns.push_back(std::move(column));
  if (accept_word("AS") || (token_.what == query_token::kind::word && !is_clause(token_.text)))
    take_name("an alias"); // allowed, without any effect
}

void query_parser::read_columns(query& q) {
  q.select = query::projection::columns;
  std::size_t nameless = 0;
  do {
    const std::size_t begin = token_.begin;
    query_column column{{}, read_expression(), {begin, last_end_}};
    if (accept_word("AS") || (token_.what == query_token::kind::word && !is_clause(token_.text)))
      column.name = take_name("an alias");
    else if (column.value)
      column.name = own_name(*column.value);
    if (column.name.empty())
      column.name = '$' + std::to_string(++nameless);
    const auto same = [&](const query_column& other) { return other.name == column.name; };
    if (std::any_of(q.columns.begin(), q.columns.end(), same))
      fail(begin, "has two columns named " + query_excerpt(column.name)
                      + ": give one of them an alias by AS");
    if (q.columns.size() == max_query_columns)
      fail(begin, "has more than " + std::to_string(max_query_columns) + " columns");
    q.columns.push_back(std::move(column));
  } while (accept_symbol(","));
}

void query_parser::read_from(query& q) {
  expect_word("FROM");
  q.from_slice.begin = token_.begin;
  query_source root{take_source("the name of the container"), nullptr};
  if (is_word("IN") || is_symbol(".") || is_symbol("["))
    unsupported("a part of the documents in FROM");
  if (accept_word("AS") || (token_.what == query_token::kind::word && !is_clause(token_.text)))
    root.name = take_source("an alias");
  q.sources.push_back(std::move(root));
  while (accept_word("JOIN"))
    read_join(q);
  if (is_symbol(","))
    unsupported("several sources in FROM");
  q.from_slice.end = last_end_;
  if (q.select == query::projection::all && q.sources.size() > 1)
    fail(q.from_slice.begin, "has SELECT * and a JOIN: name what it is to select");
}

void query_parser::read_join(query& q) {
  const std::size_t begin = token_.begin;
  std::string name = take_source("a name for the elements");
  expect_word("IN");
  // What it reads may use the names before it only.
  auto selected = std::move(unresolved_);
  unresolved_.clear();
  query_expression_ptr elements = read_expression();
  resolve(q);
  unresolved_ = std::move(selected);
  const auto same = [&](const query_source& other) { return other.name == name; };
  if (std::any_of(q.sources.begin(), q.sources.end(), same))
    fail(begin, "has two sources named " + query_excerpt(name));
  if (q.sources.size() > max_query_joins)
    fail(begin, "has more than " + std::to_string(max_query_joins) + " JOINs");
  q.sources.push_back({std::move(name), std::move(elements)});
}

/// Gives the names that were used the numbers of what FROM has bound.
void query_parser::resolve(const query& q) {
  if (failure_)
    return;
  for (const name_use& use : unresolved_) {
    const auto at = std::find_if(q.sources.begin(), q.sources.end(),
                                 [&](const query_source& s) { return s.name == use.where->text; });
    if (at == q.sources.end()) {
      fail(use.position,
           "has the name " + query_excerpt(use.where->text) + ", which FROM does not bind");
      return;
    }
    use.where->number = static_cast<std::size_t>(at - q.sources.begin());
  }
  unresolved_.clear();
}

void query_parser::read_order(query& q) {
  const std::size_t start = token_.begin;
  expect_word("BY");
  q.order_slice.begin = token_.begin;
  do {
    const std::size_t begin = token_.begin;
    query_order key{read_expression(), false, {begin, last_end_}};
    if (accept_word("DESC"))
      key.descending = true;
    else
      accept_word("ASC");
    if (key.key && key.key->what == node::kind::path)
      q.order.push_back(std::move(key));
    else
      fail(begin, "asks for ORDER BY of something that is no path, which this emulator does not "
                  "support");
    if (q.order.size() > max_query_order_keys)
      fail(start, "has more than " + std::to_string(max_query_order_keys) + " keys in ORDER BY");
  } while (accept_symbol(","));
  q.order_slice.end = last_end_;
}

void query_parser::read_offset(query& q) {
  q.offset = read_count("OFFSET");
  expect_word("LIMIT");
  q.limit = read_count("LIMIT");
  if (q.top)
    fail(last_end_, "has both TOP and OFFSET LIMIT");
}

/// A literal or a parameter.
std::uint64_t query_parser::read_count(std::string_view clause) {
  constexpr double most = 2147483647;
  const std::size_t begin = token_.begin;
  query_expression_ptr value;
  if (token_.what == query_token::kind::number)
    value = read_number();
  else if (token_.what == query_token::kind::parameter)
    value = read_parameter();
  const auto* number = value ? std::get_if<query_number>(&value->value) : nullptr;
  if (number != nullptr && number->value >= 0 && number->value <= most
      && number->value == std::trunc(number->value))
    return static_cast<std::uint64_t>(number->value);
  fail(begin, "lacks a whole number from 0 to 2147483647 behind " + std::string(clause));
  return 0;
}

void query_parser::refuse_other_clauses() {
  if (token_.what == query_token::kind::end)
    return;
  for (const std::string_view clause : {"GROUP", "HAVING", "UNION"})
    if (is_word(clause))
      return unsupported(clause == "GROUP" ? "GROUP BY" : clause);
  if (!refuse_operator())
    unexpected("the end of the query");
}

/// Without GROUP BY all rows make one, which holds nothing of a single row.
void query_parser::check_aggregates(const query& q) {
  if (aggregates_.empty())
    return;
  if (plain_path_)
    fail(*plain_path_, "has a path beside an aggregate function, and no GROUP BY, which this "
                       "emulator does not support");
  else if (!q.order.empty())
    fail(q.order_slice.begin, "has ORDER BY and an aggregate function");
}

answer<query> parse_query_text(std::string sql, const query_parameters& parameters) {
  if (sql.size() > max_query_size)
    return refuse(400, "the query is longer than 512 KiB");
  query q;
  q.sql = std::move(sql);
  query_parser parser(q.sql, parameters);
  if (auto done = parser.parse(q); !done)
    return done.error();
  q.aggregates = parser.take_aggregates();
  return q;
}

query select_all() {
  auto q = parse_query_text("SELECT * FROM c", {});
  return std::move(*q);
}

} // namespace feedcast::emulator
