#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace feedcast::consumers {

/// What a run has to meet, so that it can't pass by doing nothing.
enum class met : std::uint8_t {
  write,
  soft_delete,
  hard_delete,
  creation_over_tombstone,
  conflict,
  write_answer_lost,
  hit,
  refill,
  refill_with_old_version,
  refill_elsewhere,
  tombstone_read,
  removal_by_feedcast,
  removal_of_old_version,
  removal_by_controller,
  removal_during_read,
  own_message_skipped,
  controller_restart,
  replicas_changed,
  region_held,
  region_slow,
  region_removed,
  region_back_while_behind,
  region_reset,
  region_unavailable,
  region_silent,
  planned_failover,
  feed_answer_lost,
  feed_throttled,
  feed_unavailable,
  feed_reset,
  feed_page_cut,
  feed_behind_session,
  feed_elsewhere,
  broker_refused,
  broker_answer_lost,
  broker_outage,
  lease_call_failed,
  lease_answer_lost,
  feedcast_crash,
  last_, ///< their number
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(met::last_)> met_names = {
    "write",
    "soft delete",
    "hard delete",
    "creation over a tombstone",
    "write: conflict",
    "write: answer lost",
    "read: hit",
    "read: refill",
    "read: refill with an old version",
    "read: refill from another region",
    "read: tombstone",
    "removal by feedcast",
    "removal of an old version by feedcast",
    "removal by another controller",
    "removal while a read was on its way",
    "own message skipped",
    "controller: restart",
    "region: replicas changed",
    "region: held",
    "region: slow",
    "region: removed",
    "region: back while behind",
    "region: outage, resets",
    "region: outage, 503",
    "region: outage, silence",
    "region: planned failover",
    "feed: answer lost",
    "feed: 429",
    "feed: 503",
    "feed: reset",
    "feed: page cut",
    "feed: behind its session",
    "feed: read from another region",
    "broker: refused",
    "broker: answer lost",
    "broker: outage",
    "lease: call failed",
    "lease: answer lost",
    "feedcast: crash",
};

/// How often each was met.
class tally {
 public:
  void operator()(met what) noexcept { ++counts_[static_cast<std::size_t>(what)]; }

  std::uint64_t of(met what) const noexcept { return counts_[static_cast<std::size_t>(what)]; }

  void add(const tally& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i)
      counts_[i] += other.counts_[i];
  }

  bool operator==(const tally&) const = default;

 private:
  std::array<std::uint64_t, met_names.size()> counts_{};
};

} // namespace feedcast::consumers
