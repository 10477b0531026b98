#pragma once

#include "core/padded_buffer.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace feedcast::couchdb {

/// How an answer holds its rows.
enum class row_form : std::uint8_t {
  lines, ///< continuous: one object after the other; blank lines say that the server is alive
  array, ///< normal: {"results":[row,...],"last_seq":...,"pending":...}
};

/// Finds the rows in the bytes of an answer, wherever these were cut on their way. Looks at braces
/// and strings only, so it depends neither on line ends nor on the order of members. Used by one
/// thread at a time.
class row_splitter {
 public:
  /// `max_row`: bytes of one row, and of what stands beside the rows.
  row_splitter(row_form form, std::size_t max_row, bool wipe);

  void append(std::string_view bytes);

  enum class found : std::uint8_t {
    nothing, ///< more bytes are needed
    row,
    end, ///< of an array: what stood beside the rows, as an object
  };

  struct item {
    found what = found::nothing;
    std::string_view text{}; ///< an object; padded as simdjson wants it; lives until the next call
  };

  /// The next item. `malformed` if this is no such answer, `too_large` beyond `max_row`: nothing
  /// more can be read then.
  result<item> next();

  /// True if nothing was begun that has not come to its end.
  bool complete() const noexcept;

 private:
  enum class place : std::uint8_t {
    before,  ///< of lines: between rows; of an array: before it
    beside,  ///< the rows: in the object that holds the array
    between, ///< rows of the array
    behind,  ///< the object
  };

  result<item> scan();
  /// From the row's opening brace on; npos if its end has not come.
  bool scan_row();
  bool scan_string();
  void step_beside(char c);
  void drop_consumed();

  const row_form form_;
  const std::size_t max_row_;
  padded_buffer buffer_;
  std::size_t begin_ = 0; ///< what lies before has been handed out
  std::size_t at_ = 0;    ///< what lies before has been looked at
  place place_ = place::before;
  std::size_t depth_ = 0; ///< of braces and brackets, within the row or beside
  bool in_row_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
  std::string beside_; ///< what stands beside the rows
  padded_buffer end_;  ///< the same, handed out
};

} // namespace feedcast::couchdb
