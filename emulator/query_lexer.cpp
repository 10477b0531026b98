#include "emulator/query_lexer.hpp"

namespace feedcast::emulator {
namespace {

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

} // namespace

/// Letters and digits from here on, and the characters of `more`.
std::string_view query_lexer::run_of(std::string_view more) {
  const std::size_t begin = at_;
  while (at_ < sql_.size()
         && (is_letter(sql_[at_]) || is_digit(sql_[at_])
             || more.find(sql_[at_]) != std::string_view::npos))
    ++at_;
  return sql_.substr(begin, at_ - begin);
}

query_token query_lexer::quoted(char quote) {
  query_token token{query_token::kind::text, {}, at_};
  for (++at_; at_ < sql_.size() && sql_[at_] != quote; ++at_) {
    if (sql_[at_] == '\\' && at_ + 1 < sql_.size())
      ++at_;
    token.text += sql_[at_];
  }
  if (at_ == sql_.size())
    token.what = query_token::kind::broken;
  else
    ++at_;
  return token;
}

query_token query_lexer::next() {
  while (at_ < sql_.size() && std::string_view(" \t\r\n").find(sql_[at_]) != std::string_view::npos)
    ++at_;
  if (at_ == sql_.size())
    return {query_token::kind::end, {}, at_};

  const std::size_t begin = at_;
  const char c = sql_[at_];
  if (c == '\'' || c == '"')
    return quoted(c);
  if (is_letter(c))
    return {query_token::kind::word, std::string(run_of("")), begin};
  if (c == '@' || c == '$') {
    ++at_;
    return {query_token::kind::parameter, c + std::string(run_of("")), begin};
  }
  if (is_digit(c) || (c == '-' && at_ + 1 < sql_.size() && is_digit(sql_[at_ + 1]))) {
    ++at_;
    run_of(".+-");
    return {query_token::kind::number, std::string(sql_.substr(begin, at_ - begin)), begin};
  }
  const std::string_view two = sql_.substr(at_, 2);
  at_ += two == "<>" || two == "!=" ? 2 : 1;
  return {query_token::kind::symbol, std::string(sql_.substr(begin, at_ - begin)), begin};
}

} // namespace feedcast::emulator
