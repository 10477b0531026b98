#pragma once

#include "pipeline/feed.hpp"

#include <cstdint>
#include <deque>
#include <optional>

namespace feedcast {

/// Which position of a range may be stored: the one behind the last batch of the gapless settled
/// prefix. Batches are opened in feed order and settled message by message, in any order; one
/// acknowledged message settles all the changes that it stands for. A batch with nothing to deliver
/// is settled by being opened, but still waits for the ones before it. Owned by one range; not
/// thread-safe.
class ack_tracker {
 public:
  using sequence = std::uint64_t;

  /// A batch of `messages` messages whose acknowledgement lets the position move to `next`.
  /// Consecutive batches without messages share one entry, so that a feed of filtered changes needs
  /// no memory while an old batch waits.
  sequence open(continuation next, std::uint32_t messages);

  /// `messages` more of batch `s` are settled. False (and no effect) if there are not so many open:
  /// a report that comes twice, or for a batch long gone, is a bug elsewhere and must not move the
  /// position.
  bool settle(sequence s, std::uint32_t messages = 1);

  /// Removes the settled prefix and answers the position behind it; nullopt if it did not grow
  /// since the last call.
  std::optional<continuation> take_prefix();

  /// Entries that are not part of the settled prefix.
  std::size_t open_batches() const noexcept { return entries_.size(); }

  bool idle() const noexcept { return entries_.empty(); }

 private:
  struct entry {
    continuation next;
    std::uint32_t open = 0;
  };

  std::deque<entry> entries_;
  sequence first_ = 0; ///< sequence of entries_.front(); sequences are contiguous
};

} // namespace feedcast
