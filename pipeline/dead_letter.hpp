#pragma once

#include "pipeline/batch.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace feedcast {

/// Version of the record's form. docs/dead-letters.md describes it.
inline constexpr int dead_letter_version = 1;

/// What all dead letters of one target have in common.
struct dead_letter_form {
  std::string target;
  /// The SHA-256 of some bytes, in hexadecimal.
  std::function<std::string(std::string_view)> fingerprint;
};

/// A change that can't be delivered, as far as it is known.
struct dead_letter {
  std::string_view reason;              ///< one word
  std::string_view error;               ///< the same for people
  std::string_view id{};                ///< as a cache key or as stored; empty = unknown
  std::uint64_t lsn = 0;                ///< 0 = unknown
  std::optional<std::uint32_t> index{}; ///< of the document in its page
  std::string_view document{};          ///< is hashed and never written; empty = unknown
};

/// Appends the record of a dead letter: one line of JSON without the line's end, and without the
/// document. An id longer than `max_id_bytes` is cut, and the record says so.
void append_dead_letter(std::string& out, const dead_letter_form& form, const page_origin& page,
                        const continuation& behind, wall_time now, const dead_letter& what);

} // namespace feedcast
