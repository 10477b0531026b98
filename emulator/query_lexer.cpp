#include "emulator/query_lexer.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace feedcast::emulator {
namespace {

using kind = query_token::kind;

constexpr std::string_view blanks = " \t\r\n\f\v";
constexpr std::string_view digit_characters = "0123456789";

bool is_word_start(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
         || static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_word(char c) noexcept {
  return is_word_start(c) || is_digit(c);
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3f));
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  }
}

/// Four hex digits at the start of `text`; -1 if they are not there.
std::int32_t hex4(std::string_view text) {
  std::uint32_t unit = 0;
  if (text.size() < 4)
    return -1;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + 4, unit, 16);
  return failure == std::errc{} && end == text.data() + 4 ? static_cast<std::int32_t>(unit) : -1;
}

} // namespace

bool query_lexer::at(std::size_t ahead, std::string_view any_of) const noexcept {
  return at_ + ahead < sql_.size() && any_of.find(sql_[at_ + ahead]) != std::string_view::npos;
}

void query_lexer::skip_blanks() {
  while (at_ < sql_.size()) {
    if (at(0, blanks))
      ++at_;
    else if (sql_.substr(at_, 2) == "--")
      at_ = std::min(sql_.find('\n', at_), sql_.size());
    else
      return;
  }
}

/// The escape behind a backslash; at_ is on its letter and ends behind it.
void query_lexer::append_escape(std::string& out) {
  constexpr std::string_view letters = "bfnrt";
  constexpr std::string_view meanings = "\b\f\n\r\t";
  const char c = sql_[at_++];
  if (const auto i = letters.find(c); i != std::string_view::npos) {
    out += meanings[i];
    return;
  }
  const std::int32_t unit = c == 'u' ? hex4(sql_.substr(at_)) : -1;
  if (unit < 0) {
    out += c;
    return;
  }
  at_ += 4;
  auto point = static_cast<std::uint32_t>(unit);
  if (point >= 0xd800 && point < 0xe000) { // one half of a pair, or half of nothing
    const std::int32_t low =
        point < 0xdc00 && sql_.substr(at_, 2) == "\\u" ? hex4(sql_.substr(at_ + 2)) : -1;
    if (low >= 0xdc00 && low < 0xe000) {
      at_ += 6;
      point = 0x10000 + ((point - 0xd800) << 10) + (static_cast<std::uint32_t>(low) - 0xdc00);
    } else {
      point = 0xfffd;
    }
  }
  append_utf8(out, point);
}

query_token query_lexer::quoted(char quote) {
  query_token token{kind::text, {}, at_, at_};
  for (++at_; at_ < sql_.size() && sql_[at_] != quote;) {
    if (sql_[at_] != '\\') {
      token.text += sql_[at_++];
    } else if (++at_ < sql_.size()) {
      append_escape(token.text);
    }
  }
  if (at_ >= sql_.size()) {
    at_ = sql_.size();
    token.what = kind::broken;
    token.text = "a string without its closing quote";
  } else {
    ++at_;
  }
  return token;
}

std::size_t query_lexer::digits() {
  const std::size_t begin = at_;
  while (at(0, digit_characters))
    ++at_;
  return at_ - begin;
}

query_token query_lexer::number() {
  query_token token{kind::number, {}, at_, at_};
  bool good = digits() > 0;
  if (at(0, ".")) {
    ++at_;
    good = digits() > 0 && good;
  }
  if (good && at(0, "eE")) {
    ++at_;
    if (at(0, "+-"))
      ++at_;
    good = digits() > 0;
  }
  // 1a and 1.2.3 are no numbers, and not two tokens either.
  while (at_ < sql_.size() && (is_word(sql_[at_]) || sql_[at_] == '.')) {
    good = false;
    ++at_;
  }
  token.text = sql_.substr(token.begin, at_ - token.begin);
  if (!good) {
    token.what = kind::broken;
    token.text = "a number that is none";
  }
  return token;
}

query_token query_lexer::symbol() {
  constexpr std::array<std::string_view, 7> pairs = {"<>", "!=", "<=", ">=", "||", "??", "<<"};
  constexpr std::string_view singles = "*,.()[]{}:=<>+-/%?&|^~!;";
  query_token token{kind::symbol, {}, at_, at_};
  const std::string_view two = sql_.substr(at_, 2);
  if (std::find(pairs.begin(), pairs.end(), two) != pairs.end()) {
    token.text = two;
    at_ += 2;
    return token;
  }
  if (at(0, singles)) {
    token.text = sql_[at_++];
    return token;
  }
  ++at_;
  token.what = kind::broken;
  token.text = "a character that no query has";
  return token;
}

query_token query_lexer::next() {
  skip_blanks();
  query_token token{kind::end, {}, at_, at_};
  if (at_ == sql_.size())
    return token;
  const char c = sql_[at_];
  if (c == '\'' || c == '"') {
    token = quoted(c);
  } else if (is_digit(c)) {
    token = number();
  } else if (is_word_start(c) || (c == '@' && at_ + 1 < sql_.size() && is_word(sql_[at_ + 1]))) {
    token.what = c == '@' ? kind::parameter : kind::word;
    for (++at_; at_ < sql_.size() && is_word(sql_[at_]);)
      ++at_;
    token.text = sql_.substr(token.begin, at_ - token.begin);
  } else {
    token = symbol();
  }
  token.end = at_;
  return token;
}

std::string query_excerpt(std::string_view text) {
  constexpr std::size_t longest = 40;
  std::size_t size = std::min(text.size(), longest);
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80)
    --size;
  return '\'' + std::string(text.substr(0, size)) + '\'';
}

std::string query_place(std::string_view sql, std::size_t position) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (const char c : sql.substr(0, position)) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) { // not inside a character
      ++column;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

} // namespace feedcast::emulator
