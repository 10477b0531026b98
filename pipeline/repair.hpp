#pragma once

#include "core/padded_buffer.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast {

/// A copy of a page in which no byte fails the JSON parser by its mere value. Offsets are those of
/// the original.
struct repaired_text {
  padded_buffer text;
  std::vector<std::size_t> damage; ///< ascending offsets of the bytes that were replaced
  bool open_string = false;        ///< it ends within a string

  /// True if a replaced byte lies in [from, to).
  bool damaged(std::size_t from, std::size_t to) const;
  /// The same for a part of `text`; false for a part of an undamaged page.
  bool replaced_in(std::string_view part) const;
  /// A part of `text`, or of the page if that is undamaged, as the page had it.
  std::string_view as_it_came(std::string_view part, std::string_view page) const;
};

/// Replaces each byte of invalid UTF-8 by '?' and each raw control character inside a string by a
/// space. `secret`: the copy is overwritten before it is freed.
repaired_text repair_text(std::string_view page, bool secret = false);

/// True if the page does not end as one does, with the number of its documents: it was cut on the
/// way, and none of its documents is to blame.
bool cut_short(std::string_view page) noexcept;

/// Length of the valid UTF-8 sequence at the start of `text`, which is not empty; 0 if there is
/// none.
std::size_t utf8_length(std::string_view text);

} // namespace feedcast
