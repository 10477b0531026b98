#pragma once

#include "core/backoff.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"

#include <optional>
#include <string>

namespace feedcast {

struct checkpoint_options {
  milliseconds interval{1'000}; ///< at most one write of a position per interval
  milliseconds renew_after{
      17'000}; ///< a lease that was not written for so long is written to keep it
  backoff_options retry{milliseconds{100}, milliseconds{5'000}};
};

/// Decides when the lease of one range is written, and with which position. Pure: no clock, no I/O;
/// the caller passes the time in and does what take() says. A checkpoint is a renewal too, so there
/// is one writer and one kind of write, and the two can't conflict with each other. Rules: one
/// write in flight; the latest offered position wins; positions at most once per interval, sooner
/// only to drain; without a new position a renewal once nothing was written for `renew_after`;
/// after a failure backoff, or the wait that the store asked for if that is longer. A position
/// counts as stored only when its own write succeeded. Not thread-safe.
class checkpointer {
 public:
  /// `stored` is the position in the lease as it was acquired, written at `now`.
  checkpointer(checkpoint_options options, std::string stored, steady_time now);

  /// Everything up to `position` is settled. Only the caller knows the order; positions are opaque
  /// here.
  void offer(std::string position);

  /// From now on positions are written without waiting for the interval; no renewals without a
  /// position.
  void flush() noexcept { draining_ = true; }

  /// When take() should be called next; nullopt while a write is in flight, or when nothing is left
  /// to do (drained).
  std::optional<steady_time> next_due() const;

  /// The position to write into the lease now (the stored one for a mere renewal); nullopt if none
  /// is due. The write is in flight from here on, until on_written or on_failed.
  std::optional<std::string> take(steady_time now);

  void on_written(steady_time now);
  /// What to do about the lease itself (`conflict`: read it again and look at the owner) is the
  /// caller's affair; the position is offered again after the wait.
  void on_failed(const error& e, steady_time now);

  const std::string& stored() const noexcept { return stored_; }

  bool in_flight() const noexcept { return sent_.has_value(); }

  /// True if every offered position is stored.
  bool settled() const noexcept { return !pending_ && !sent_; }

  /// Failures since the last success.
  std::uint32_t failures() const noexcept { return retry_.attempts(); }

  /// When the last write that succeeded was taken: the lease is ours at least until then plus its
  /// expiry.
  steady_time held_since() const noexcept { return written_; }

 private:
  checkpoint_options options_;
  backoff retry_;
  std::string stored_;
  std::optional<std::string> pending_; ///< latest offered, not yet taken
  std::optional<std::string> sent_;    ///< in flight
  steady_time taken_;                  ///< when the write in flight was taken
  steady_time written_;                ///< when the last success was taken
  steady_time not_before_;             ///< backoff
  bool draining_ = false;
};

} // namespace feedcast
