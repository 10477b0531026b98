#pragma once

#include "emulator/epk.hpp"
#include "emulator/refusal.hpp"
#include "emulator/rid.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

/// Largest document that the service takes.
inline constexpr std::size_t max_document_size = std::size_t{2} << 20;

/// One stored version of a document, with its bytes ready to be sent. Immutable, shared.
struct document {
  // What a walk along the feed looks at comes first: it shares a line of cache.
  /// Form of the change feed: the user's bytes, then the system members, `_lsn` last.
  std::string feed_text;
  std::optional<std::int64_t>
      ttl;             ///< its own; seconds, -1 = never; its container has the last word
  bool raw = false;    ///< appended verbatim by a test: in the feed only, and not necessarily JSON
  std::int64_t ts = 0; ///< seconds since the epoch

  std::string id;
  std::string epk;
  rid address;
  std::uint64_t lsn = 0;
  std::string etag; ///< with its quotes
  /// feed_text up to here plus "}" is the form of every other read.
  std::size_t plain_size = 0;

  std::string_view plain_part() const noexcept {
    return std::string_view(feed_text).substr(0, plain_size);
  }

  std::string plain_text() const { return std::string(plain_part()) + '}'; }

  /// What it costs of the memory limit, in bytes, with its share of the indexes.
  std::size_t footprint() const noexcept;
};

using document_ptr = std::shared_ptr<const document>;

/// A document as a client sent it, checked.
struct incoming_document {
  std::string id;
  key_value key;                   ///< the value at the container's partition key path
  std::optional<std::int64_t> ttl; ///< seconds; -1 = never
  /// The user's object up to, and without, its closing brace; system members taken out.
  std::string members;
};

/// "/a/b" -> {"a", "b"}; nothing if it is not such a path.
std::optional<std::vector<std::string>> parse_key_path(std::string_view path);

/// Refuses with 400 what is no JSON object, has no good `id`, a partition key that is an object or
/// array, or a bad `ttl`; with 413 what is over max_document_size.
answer<incoming_document> read_document(std::string_view json,
                                        const std::vector<std::string>& key_path);

/// {"pk":"x"}: the partition key of a stored document, which its name in the path leads to; {} if
/// it has none. `key_path` is that of its container.
std::string key_text(const document& stored, const std::vector<std::string>& key_path);

/// The value of the header `x-ms-documentdb-partitionkey`: a JSON array of one value; `[]` and
/// `[{}]` mean undefined.
answer<key_value> read_key_header(std::string_view text);

/// What the container decides about a version when it is written.
struct version_stamp {
  rid address;
  std::uint64_t lsn = 0;
  std::int64_t ts = 0;
};

document_ptr make_document(const incoming_document& in, std::string epk,
                           const version_stamp& stamp);

/// `"0000001a-0000-0000-0000-6956a1000000"`, quotes included; never the same for two LSNs.
std::string make_etag(std::uint64_t lsn, std::int64_t ts);

} // namespace feedcast::emulator
