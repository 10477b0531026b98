#pragma once

#include "core/clock.hpp"
#include "pipeline/feed.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast {

/// Where one message lies in its batch's buffer.
struct message_ref {
  std::uint32_t offset = 0; ///< of the value
  std::uint32_t size = 0;   ///< of the value, bytes
  std::uint32_t key_offset = 0;
  std::uint32_t key_size = 0;
  std::uint32_t changes = 0; ///< how many changes of this page the message stands for
  bool later = false;        ///< only the target's own changes: not before they are confirmed
  std::int64_t ts = 0;       ///< oldest `_ts` of those changes, epoch seconds; 0 if unknown
  std::uint64_t lsn = 0;     ///< newest `_lsn` of those changes; 0 if unknown
};

/// Where a page comes from: enough to find it again.
struct page_origin {
  std::string feed;
  std::string range;
  read_position before; ///< the position that it was read from
  wall_time read{};
};

/// What became of the changes of one page. Each change is counted in exactly one of `changes` of
/// the messages, the two filter counters, `coalesced` and `unusable`, so that their sum is
/// `changes`.
struct batch_counts {
  std::uint32_t changes = 0;
  std::uint32_t own = 0;       ///< written by the target's own cluster
  std::uint32_t filtered = 0;  ///< kind, namespace or design document
  std::uint32_t coalesced = 0; ///< covered by another message of the same key
  std::uint32_t unusable = 0;  ///< no key can be derived from it, and there are no dead letters
  std::uint32_t repaired = 0;  ///< delivered although the document was damaged
};

/// What one page shows of deletes; for warnings only.
struct delete_counts {
  std::uint32_t tombstones = 0; ///< documents that are marked as deleted
  std::uint32_t untimed = 0;    ///< of them, those that don't say when they go away
  std::uint32_t removed = 0;    ///< hard deletes and expiries
  std::int32_t least_ttl = 0;   ///< seconds; the shortest of the tombstones; 0 = none says one
};

/// The messages of one page of one range, sealed: all bytes in one buffer, shared by pointer, never
/// copied.
struct batch {
  std::string bytes;
  std::vector<message_ref> messages;
  std::uint32_t later = 0;        ///< so many of `messages`, the first ones, are `later`
  std::uint32_t dead_letters = 0; ///< so many of `messages`, the last ones, are no invalidations
  batch_counts counts;
  page_origin origin;
  continuation next;           ///< the position behind the page
  steady_time received{};      ///< when the page came in
  std::int64_t oldest_ts = 0;  ///< of all changes in `messages`; 0 if there are none
  std::uint64_t first_lsn = 0; ///< smallest of the page; 0 = it names none
  std::uint64_t last_lsn = 0;
  bool covered = false; ///< messages of older batches that wait stand for some of its keys
  bool damaged = false; ///< the page held bytes that no JSON may hold
  delete_counts deletes;

  std::string_view value(const message_ref& m) const noexcept {
    return std::string_view{bytes}.substr(m.offset, m.size);
  }

  std::string_view key(const message_ref& m) const noexcept {
    return std::string_view{bytes}.substr(m.key_offset, m.key_size);
  }

  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(messages.size()); }

  /// How many of `messages` are invalidations: the first ones.
  std::size_t invalidations() const noexcept { return messages.size() - dead_letters; }

  /// Bytes this batch holds in memory.
  std::size_t footprint() const noexcept {
    return sizeof(batch) + bytes.capacity() + messages.capacity() * sizeof(message_ref);
  }
};

using batch_ptr = std::shared_ptr<const batch>;

} // namespace feedcast
