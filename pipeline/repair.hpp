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

  /// True if a replaced byte lies in [from, to).
  bool damaged(std::size_t from, std::size_t to) const;
};

/// Replaces each byte of invalid UTF-8 by '?' and each raw control character inside a string by a
/// space.
repaired_text repair_text(std::string_view page);

/// True if the page does not end as one does, with the number of its documents: it was cut on the
/// way, and none of its documents is to blame.
bool cut_short(std::string_view page) noexcept;

/// Every string value that follows a member named "id", unescaped, in order of appearance. Works on
/// broken JSON.
std::vector<std::string> salvage_ids(std::string_view page);

} // namespace feedcast
