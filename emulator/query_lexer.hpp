#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace feedcast::emulator {

/// A word of a query.
struct query_token {
  enum class kind : std::uint8_t { end, word, parameter, text, number, symbol, broken };

  kind what = kind::end;
  std::string text; ///< a string literal is unescaped; a parameter keeps its '@'
  std::size_t begin = 0;
  std::size_t end = 0; ///< of its bytes in the query
};

/// Cuts a query into tokens; passes over white space and comments (`--` to the end of the line).
/// Not thread-safe; `sql` outlives it.
class query_lexer {
 public:
  explicit query_lexer(std::string_view sql) : sql_(sql) {}

  /// `broken`, with what is wrong as its text, for a string without an end, a number that is none
  /// and characters that no query has.
  query_token next();

 private:
  void skip_blanks();
  query_token quoted(char quote);
  query_token number();
  query_token symbol();
  std::size_t digits();
  void append_escape(std::string& out);
  bool at(std::size_t ahead, std::string_view any_of) const noexcept;

  std::string_view sql_;
  std::size_t at_ = 0;
};

/// In quotes, cut to 40 bytes of whole characters: for a message.
std::string query_excerpt(std::string_view text);

/// "line 1, column 34" of the byte at `position`, both counted from 1, columns in characters.
std::string query_place(std::string_view sql, std::size_t position);

} // namespace feedcast::emulator
