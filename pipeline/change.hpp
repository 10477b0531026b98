#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast {

/// What kind of entity a document describes (`entityType`). `unknown` covers a missing or new
/// value.
enum class entity_kind : std::uint8_t { unknown, action, package, trigger, rule };

entity_kind parse_entity_kind(std::string_view name) noexcept;

/// One document version from a feed page. The views point into the decoder and live until its next
/// page.
struct change {
  std::string_view id;         ///< as stored: `|` stands for `/`
  std::string_view cluster_id; ///< who wrote it; empty = unknown, which counts as foreign
  std::int64_t ts = 0;         ///< `_ts`, epoch seconds; 0 = missing
  std::uint64_t lsn = 0;       ///< `_lsn`; 0 = missing; for lag only
  entity_kind kind = entity_kind::unknown;
  std::int32_t ttl = 0;  ///< seconds from `ts` on that the database keeps it; 0 = it does not say
  bool deleted = false;  ///< a tombstone, or removed
  bool removed = false;  ///< it is gone: a hard delete or an expiry, of a feed of all versions
  bool repaired = false; ///< the document was damaged, its id was not
  /// The namespaces of a subject: `count` entries of decoded_page::elements from `first` on.
  std::uint32_t elements_first = 0;
  std::uint32_t elements_count = 0;
  bool elements_doubtful = false; ///< there may be more of them than could be read
};

/// The longest text that is taken for a uuid, in bytes. A longer one is none: perhaps somebody
/// wrote the secret in its place.
inline constexpr std::size_t max_uuid_bytes = 36;

/// A namespace of a subject. Its key, which is secret, is never looked at.
struct subject_element {
  std::string_view name; ///< as stored; may be empty
  std::string_view uuid; ///< if it was asked for; may be empty

  bool operator==(const subject_element&) const = default;
};

/// The longest id, in bytes, that a Cosmos DB account holds.
inline constexpr std::size_t max_id_bytes = 1023;

/// A document from which no key can be derived. Named as well as possible, its body nowhere.
struct unusable_document {
  enum class reason : std::uint8_t {
    no_id,    ///< not an object, or one without an id
    bad_id,   ///< the id is no text, is empty, or holds half a character
    too_long, ///< the id has more than `max_id_bytes`
    damaged,  ///< the id holds bytes that are no text, or the document can't be read at all
  };
  reason why = reason::no_id;
  std::uint32_t index = 0; ///< in its page
  std::uint64_t lsn = 0;   ///< 0 = unknown
  std::int64_t ts = 0;     ///< 0 = unknown
  std::string_view id{};   ///< if there is one all the same; lives as long as a change's
  std::string_view text{}; ///< all of it, as it came; empty if its end is unknown; for hashing only
};

std::string_view to_string(unusable_document::reason why) noexcept;

struct decoded_page {
  std::span<const subject_element> elements_of(const change& c) const {
    return std::span{elements}.subspan(c.elements_first, c.elements_count);
  }

  std::vector<change> changes;
  std::vector<subject_element> elements;
  std::vector<unusable_document> unusable;
  bool damaged =
      false; ///< bytes that no JSON may hold were replaced: on the way, or in the database
};

} // namespace feedcast
