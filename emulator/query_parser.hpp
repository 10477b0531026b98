#pragma once

#include "emulator/query.hpp"
#include "emulator/query_lexer.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace feedcast::emulator {

/// Recursive descent over one query. The first refusal stays: then all tokens are the end, which
/// stops every loop. Made for one query and thrown away; `sql` and `parameters` outlive it.
/// query_parser.cpp has the clauses, query_expressions.cpp the operators, query_terms.cpp what they
/// stand between.
class query_parser {
 public:
  query_parser(std::string_view sql, const query_parameters& parameters);

  /// All of `q` but its text and parameters.
  answer<void> parse(query& q);

  /// Those of the query that was parsed, in order.
  std::vector<const query_expression*> take_aggregates() { return std::move(aggregates_); }

 private:
  using node = query_expression;
  using node_ptr = query_expression_ptr;

  // tokens
  void advance();
  bool is_word(std::string_view word) const;
  bool is_symbol(std::string_view symbol) const;
  bool accept_word(std::string_view word);
  bool accept_symbol(std::string_view symbol);
  void expect_word(std::string_view word);
  void expect_symbol(std::string_view symbol);
  std::string take_name(std::string_view expected);
  std::string take_source(std::string_view expected);
  void fail(std::size_t position, std::string why);
  void unexpected(std::string_view expected);
  void unsupported(std::string_view what);

  // clauses
  void read_select(query& q);
  void read_value(query& q);
  void read_columns(query& q);
  void read_from(query& q);
  void read_join(query& q);
  void resolve(const query& q);
  void read_order(query& q);
  void read_offset(query& q);
  std::uint64_t read_count(std::string_view clause);
  void refuse_other_clauses();
  void check_aggregates(const query& q);

  // expressions, from the loosest to the tightest
  node_ptr read_expression();
  node_ptr read_all();
  node_ptr read_not();
  node_ptr read_comparison();
  node_ptr read_in(node_ptr left);
  node_ptr read_between(node_ptr left);
  node_ptr read_unary();
  node_ptr read_postfix();
  node_ptr read_primary();
  node_ptr read_number();
  node_ptr read_parameter();
  node_ptr read_word();
  node_ptr read_call(const query_token& name);
  node_ptr read_aggregate(query_aggregate which, const query_token& name);
  node_ptr read_array();
  node_ptr read_object();
  node_ptr read_member(node_ptr base);
  node_ptr read_index(node_ptr base);
  node_ptr make(node::kind what);
  node_ptr constant(query_value value);
  bool refuse_operator();

  std::string_view sql_;
  const query_parameters& parameters_;
  query_lexer lexer_;
  query_token token_;
  std::size_t last_end_ = 0; ///< end of the token before
  std::optional<refusal> failure_;

  struct name_use {
    node* where = nullptr; ///< a node of kind `source` that does not know its number yet
    std::size_t position = 0;
  };

  std::vector<name_use> unresolved_; ///< SELECT comes before FROM
  std::vector<const node*> aggregates_;
  std::optional<std::size_t> plain_path_; ///< where SELECT has a path outside of any aggregate
  bool in_select_ = false;
  bool inside_aggregate_ = false;
  std::size_t depth_ = 0;
  std::size_t nodes_ = 0;
  std::size_t ands_ = 0;
  std::size_t ors_ = 0;

  struct deeper;
};

} // namespace feedcast::emulator
