#pragma once

#include "pipeline/ack_tracker.hpp"
#include "pipeline/batch.hpp"
#include "pipeline/stages.hpp"

#include <cstdint>
#include <deque>
#include <optional>

namespace feedcast {

struct window_limits {
  std::uint64_t bytes = 16U << 20U; ///< held in batches that are not settled
  std::uint32_t keys = 100'000;     ///< messages not settled
  std::uint32_t batches = 16;       ///< handed to the target and not settled (its credit)
  std::uint32_t held = 1024;        ///< settled, but behind one that is not
};

/// The batches of one range between feed and broker: first waiting, then handed over, until every
/// message is settled. Its room is what the range may read ahead; nothing else on the way is
/// unbounded. Waiting batches offer their keys for coalescing. Owned by one range; not thread-safe.
class range_window {
 public:
  explicit range_window(window_limits limits) : limits_(limits) {}

  /// True if another page may be read. An empty window always has room, however large its next
  /// batch will be.
  bool has_room() const noexcept {
    return unsettled_.empty()
           || (bytes_ < limits_.bytes && keys_ < limits_.keys
               && tracker_.open_batches() - unsettled_.size() < limits_.held);
  }

  /// Takes a sealed batch, in feed order.
  void add(std::shared_ptr<batch> b);

  struct handover {
    batch_ptr what;
    ack_tracker::sequence sequence;
  };

  /// The next batch to hand to the target, or nullopt if there is none or the credit is used up.
  /// Its keys are not offered for coalescing any more: from here on it may be produced at any
  /// moment.
  std::optional<handover> take();

  /// Every message of a handed-over batch is settled; answers the batch, or null if there is no
  /// such batch (then nothing changed).
  batch_ptr settle_all(ack_tracker::sequence s);

  /// See ack_tracker::take_prefix.
  std::optional<continuation> take_prefix() { return tracker_.take_prefix(); }

  /// To coalesce into; the messages may be changed until their batch is handed over.
  const waiting_messages& waiting() const noexcept { return waiting_; }

  bool idle() const noexcept { return tracker_.idle(); }

  std::uint64_t bytes() const noexcept { return bytes_; }

  std::uint32_t keys() const noexcept { return keys_; }

  /// Changes in unsettled batches that have a message of their own.
  std::uint32_t changes() const noexcept;

  /// First LSN of the oldest unsettled batch; 0 if there is none.
  std::uint64_t first_lsn() const noexcept {
    return unsettled_.empty() ? 0 : unsettled_.front().what->first_lsn;
  }

  /// Oldest `_ts` among unsettled batches; 0 if there is none.
  std::int64_t oldest_ts() const noexcept;

 private:
  struct slot {
    std::shared_ptr<batch> what;
    ack_tracker::sequence sequence;
    bool offers_keys;
    bool handed_over;
  };

  window_limits limits_;
  ack_tracker tracker_;
  std::deque<slot> unsettled_; ///< batches with messages, in feed order; `handed_over` is a prefix
  std::size_t in_target_ = 0;  ///< handed over and not settled
  std::size_t next_ = 0;       ///< index of the first waiting slot
  waiting_messages waiting_;
  std::uint64_t bytes_ = 0;
  std::uint32_t keys_ = 0;
};

} // namespace feedcast
