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
  /// Every message is sent a second time, not earlier than this after its page was read, because a
  /// cache may have refilled from a replica that lagged behind the feed. 0 = once is enough.
  milliseconds confirm_after{0};
};

/// Changes of a batch whose message the broker will never take.
struct turn_loss {
  std::uint32_t undeliverable = 0;
  std::uint32_t dead_lettered = 0; ///< kept as dead letters
};

/// One turn of a batch at the target: these of its messages are to be produced now.
struct submission {
  batch_ptr what;
  ack_tracker::sequence sequence = 0;
  std::uint32_t first = 0; ///< index of the first message
  std::uint32_t last = 0;  ///< behind the last one
  /// Messages from this index on were acknowledged before: their second time.
  std::uint32_t repeats = UINT32_MAX;
};

/// The batches of one range between feed and broker: first waiting, then handed over, until every
/// message is settled. With `confirm_after` a batch rests after its first turn and is handed over
/// once more when its time has come; it is settled by the second turn alone. One that comes to its
/// first turn so late needs no second. Its room is what the range may read ahead; nothing else on
/// the way is unbounded. Waiting batches offer their keys for coalescing. Owned by one range; not
/// thread-safe.
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

  /// Takes a sealed batch, in feed order; `received` says when its page was read.
  void add(std::shared_ptr<batch> b);

  /// The next turn, or nullopt if there is none or the credit is used up. The batch's keys are not
  /// offered for coalescing any more: from here on it may be produced at any moment.
  std::optional<submission> take(steady_time now);

  struct turn_end {
    batch_ptr what;     ///< null if there is no such batch at the target (then nothing changed)
    bool first = false; ///< it was the batch's first turn
    bool last = false;  ///< and this the last one: the batch is settled
    turn_loss lost;     ///< of all its turns
  };

  /// The target is done with this batch's turn, in which so many changes were lost.
  turn_end finish(ack_tracker::sequence s, turn_loss lost = {});

  /// Takes no second turns any more: what rests is left to whoever reads the range next.
  void stop_confirming() noexcept { confirming_ = false; }

  /// When the next second turn is due; nullopt = none rests.
  std::optional<steady_time> next_due() const noexcept;

  /// See ack_tracker::take_prefix.
  std::optional<continuation> take_prefix() { return tracker_.take_prefix(); }

  /// To coalesce into; the messages may be changed until their batch is handed over.
  const waiting_messages& waiting() const noexcept { return waiting_; }

  bool idle() const noexcept { return tracker_.idle(); }

  /// Nothing waits and nothing is at the target. What rests for its second turn does not count.
  bool quiet() const noexcept { return in_target_ == 0 && next_ == unsettled_.size(); }

  std::uint64_t bytes() const noexcept { return bytes_; }

  std::uint32_t keys() const noexcept { return keys_; }

  /// Changes in unsettled batches that have a message of their own.
  std::uint32_t changes() const noexcept;

  /// First LSN of the oldest unsettled batch; 0 if there is none.
  std::uint64_t first_lsn() const noexcept {
    return unsettled_.empty() ? 0 : unsettled_.front().what->first_lsn;
  }

  /// Oldest `_ts` among batches that had no turn yet; 0 if there is none.
  std::int64_t oldest_ts() const noexcept;

 private:
  enum class stage : std::uint8_t {
    waiting,
    first, ///< at the target, and again
    rests,
    last, ///< at the target for the last time
  };

  struct slot {
    std::shared_ptr<batch> what;
    ack_tracker::sequence sequence;
    steady_time due; ///< a message produced before this has to be produced again
    bool offers_keys;
    stage at = stage::waiting;
    bool had_turn = false;
    turn_loss lost{};
  };

  std::optional<submission> take_confirmation(steady_time now);
  submission take_first(slot& s, steady_time now);

  bool confirms() const noexcept { return limits_.confirm_after.count() > 0; }

  window_limits limits_;
  ack_tracker tracker_;
  std::deque<slot> unsettled_; ///< batches with messages, in feed order; the waiting ones are last
  std::size_t in_target_ = 0;  ///< handed over, and their turn not over
  std::size_t resting_ = 0;
  bool confirming_ = true;
  std::size_t next_ = 0; ///< index of the first waiting slot
  waiting_messages waiting_;
  std::uint64_t bytes_ = 0;
  std::uint32_t keys_ = 0;
};

} // namespace feedcast
