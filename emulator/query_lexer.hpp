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
  std::size_t position = 0;
};

/// Cuts a query into tokens. Not thread-safe; `sql` outlives it.
class query_lexer {
 public:
  explicit query_lexer(std::string_view sql) : sql_(sql) {}

  query_token next();

 private:
  query_token quoted(char quote);
  std::string_view run_of(std::string_view more);

  std::string_view sql_;
  std::size_t at_ = 0;
};

} // namespace feedcast::emulator
