#pragma once

#include "core/clock.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::metrics {

/// One actor, by its path: "target eu / collection whisks / partition 0".
struct actor_health {
  std::string state{}; ///< "running", "backoff", "draining", ...: for people
  std::uint64_t restarts = 0;
  std::uint32_t wedges = 0;              ///< restarts in a row because nothing happened any more
  std::string last_error{};              ///< empty if there was none; never a body, never a secret
  std::optional<steady_time> next_try{}; ///< while it waits in backoff
};

/// One owned range of a processor.
struct range_health {
  std::string state{};                    ///< live, catching_up, backoff, draining
  bool polled_once = false;               ///< with success
  std::optional<steady_time> last_poll{}; ///< last success
  std::optional<double> lag_seconds{}; ///< age of the oldest change not settled; unknown: nothing
  std::optional<std::uint64_t> lag_items{};
  std::string region{};   ///< where it is read; empty = unknown
  bool away = false;      ///< that is not the target's own region
  std::string position{}; ///< stored continuation, opaque; empty = none yet
};

struct processor_key {
  std::string target;
  std::string feed;
  auto operator<=>(const processor_key&) const = default;
};

/// Why deletes may be missed.
struct delete_warning {
  std::string finding{}; ///< its name
  std::string detail{};  ///< for people
};

/// One processor: what this instance knows of its leases, and the ranges it owns.
struct processor_health {
  std::uint32_t leases_total = 0; ///< in the store, by whomever owned
  std::uint32_t leases_foreign = 0;
  std::uint32_t leases_unowned = 0; ///< read by nobody: free or expired
  bool leases_known = false;        ///< the store was read with success at least once
  std::string reason{};             ///< what holds it up, for people; empty if nothing does
  /// Request units a second that reading its owned ranges may cost; nothing = no limit.
  std::optional<double> units_limit{};
  std::string units_why{}; ///< what that is a share of, or why there is none; for people
  std::vector<delete_warning> deletes{};
};

/// Where a target's dead letters go.
struct dead_letter_health {
  bool up = false;
  std::size_t waiting = 0; ///< not written yet; each holds back its range's position
  std::string reason{};    ///< why it is not up, and how to mend it
};

struct target_health {
  bool up = false;
  std::string reason{};      ///< why it is not up, and how to mend it
  std::string error_class{}; ///< as message_sink::condition has it
  std::optional<steady_time> last_ack{};
  std::optional<dead_letter_health> dead_letters{}; ///< nothing if none are kept
};

/// A consistent copy of everything, for rendering.
struct health_snapshot {
  struct processor {
    processor_health summary;
    steady_time beat{};                         ///< when its collection last said anything
    std::map<std::string, range_health> ranges; ///< by range id
  };

  std::map<std::string, actor_health> actors;
  std::map<std::string, target_health> targets;
  std::map<std::string, steady_time> beats; ///< when each target's delivery last said anything
  std::map<processor_key, processor> processors;
};

/// Where actors write how they are, on changes of state and at most once a second, and where the
/// admin server reads it. Thread-safe; every call is short. What is put replaces what was there.
class health_board {
 public:
  void put_actor(std::string_view path, actor_health h);
  void drop_actor(std::string_view path);

  void put_target(std::string_view target, target_health h);

  void put_processor(const processor_key& key, processor_health h);
  void put_range(const processor_key& key, std::string_view range, range_health h);
  void drop_range(const processor_key& key, std::string_view range);

  health_snapshot snapshot() const;

 private:
  mutable std::mutex mutex_;
  health_snapshot state_;
};

} // namespace feedcast::metrics
