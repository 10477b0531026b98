#pragma once

#include "core/clock.hpp"
#include "emulator/refusal.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

/// How a region that does not work shows it.
enum class outage_kind : std::uint8_t {
  none,
  reset,       ///< connections are reset
  unavailable, ///< 503
  silent,      ///< no answer comes
};

/// The consistency levels that can be shown; the account's default.
enum class consistency_level : std::uint8_t { strong, session, consistent_prefix, eventual };

/// "Session"
std::string_view to_string(consistency_level level) noexcept;

/// One region as it is at the moment.
struct region_state {
  std::string name;
  std::string host; ///< of its endpoint; empty = the host that the client used
  std::uint16_t port = 0;
  milliseconds delay{0};                                  ///< behind the write region
  std::vector<milliseconds> replicas = {milliseconds{0}}; ///< lag of each
  outage_kind outage = outage_kind::none;
  bool held = false;    ///< gets nothing from the write region
  bool removed = false; ///< no longer part of the account
  bool writes = false;
};

/// What a change of a region sets; what is not given stays.
struct region_change {
  std::optional<milliseconds> delay = {};
  std::optional<std::vector<milliseconds>> replicas = {};
  std::optional<outage_kind> outage = {};
  std::optional<bool> held = {};
  std::optional<bool> removed = {};
};

/// What all reads of the account go by.
struct account_rules {
  consistency_level consistency = consistency_level::session;
  milliseconds session_wait{0}; ///< a read waits so long for a replica to reach its token
};

/// A moment on the way of a replica: it shows what was committed up to then.
struct replica_position {
  steady_time shows;
  /// Until when a later commit takes to be shown here; nothing = it is not on its way.
  std::optional<milliseconds> behind;
};

/// The regions of an account and how far each replica is behind the log of commits (see
/// docs/adr/0007). No data, no threads: positions follow from the clock. Thread-safe.
class regions {
 public:
  /// `clock` outlives it. The first of `names` takes the writes.
  regions(const clock_source& clock, const std::vector<std::string>& names, std::uint32_t seed);

  std::size_t count() const noexcept { return count_; }

  std::size_t write_region() const;
  std::optional<std::size_t> find(std::string_view name) const;
  std::string name(std::size_t which) const;
  std::vector<region_state> states() const; ///< in the order of the names
  account_rules rules() const;

  void set_rules(account_rules rules);
  void set_address(std::size_t which, std::string host, std::uint16_t port);
  /// 400 for what would leave no region to write to.
  answer<void> change(std::size_t which, const region_change& wanted);

  /// The writes move to `which`, which has got all. 409 if the write region does not work.
  answer<void> planned_failover(std::size_t which);
  /// First half of an unplanned failover: the write region is out, if it was not before, and
  /// `which` is to go on from what it has. Everything committed after the returned moment is lost.
  answer<steady_time> lose_write_region(std::size_t which);
  /// Second half, once that is gone from the log: the writes move.
  void take_over(std::size_t which);

  /// True if any replica may be behind, so that reads must look.
  bool any_behind() const noexcept { return any_behind_.load(std::memory_order_relaxed); }

  /// True if a region is out or was taken from the account.
  bool any_trouble() const noexcept { return any_trouble_.load(std::memory_order_relaxed); }

  /// How long a replaced version may still be shown by some replica; zero = not at all, max() = for
  /// an unknown time.
  milliseconds keep() const noexcept { return milliseconds{keep_.load(std::memory_order_relaxed)}; }

  /// Positions of the replicas of a region, the one that is to serve first. Each call begins with
  /// another, as the seed says.
  std::vector<replica_position> positions(std::size_t which);

  /// Second part of session tokens: -1, and after unplanned failovers their number.
  std::int64_t session_version() const noexcept { return session_version_.load(); }

 private:
  struct entry {
    region_state state;
    std::vector<steady_time> floors;     ///< of each replica: it never shows less
    steady_time had;                     ///< what had arrived at the last change: never less again
    std::optional<steady_time> stood_at; ///< what had arrived when replication stopped
  };

  /// What has arrived at a region.
  steady_time arrived(const entry& r, steady_time now) const;
  steady_time shown(const entry& r, std::size_t replica, steady_time now) const;
  void hold_positions(steady_time now);
  void settle(steady_time now);
  void hand_writes_to(std::size_t which);

  const clock_source& clock_;
  const std::size_t count_;
  std::atomic<bool> any_behind_{false};
  std::atomic<bool> any_trouble_{false};
  std::atomic<std::int64_t> keep_{0}; ///< milliseconds
  std::atomic<std::int64_t> session_version_{-1};
  mutable std::mutex mutex_;
  std::vector<entry> all_;
  std::size_t write_region_ = 0;
  account_rules rules_;
  std::uint64_t random_;
};

} // namespace feedcast::emulator
