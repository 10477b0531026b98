#pragma once

#include "leases/lease.hpp"
#include "leases/lease_store.hpp"
#include "settings/service_config.hpp"

#include <string>
#include <vector>

namespace feedcast {

/// A range as planning sees it: after a split or merge it names the ranges that it came from.
struct known_range {
  std::string id;
  std::vector<std::string> parents;
};

/// What the configuration says about a feed that has no position yet.
struct configured_start {
  settings::start_kind from = settings::start_kind::now;
  wall_time at{}; ///< for `time`
};

/// Where a range is to be read from.
struct range_start {
  enum class kind : std::uint8_t { position, beginning, now, time };
  kind from = kind::beginning;
  std::string continuation; ///< for `position`
  wall_time at{};           ///< for `time`
  bool operator==(const range_start&) const = default;
};

struct planned_range {
  std::string range_id;
  bool create = false; ///< has no lease yet: create one, with `start.continuation`
  range_start start;
};

struct lease_plan {
  std::vector<planned_range> ranges; ///< one per current range, in the given order
  std::vector<lease>
      remove_after; ///< leases of split or merged ranges: remove once all of `ranges` have leases
  std::vector<std::string>
      unexplained; ///< leased ranges that neither exist nor are anyone's parent: left alone
};

/// Which leases a processor needs. Pure and idempotent: after a crash at any step, planning again
/// completes the work.
///
/// A range's start, first rule that applies:
///  1. its lease holds a position: that position;
///  2. leases of parents hold positions, and all the same one: that position, which children accept
///  as it is;
///  3. the store was never initialised: the configured start. `now` can mean now only here;
///  4. otherwise the repair anchor (see repair_anchor): everything since then is read again;
///  5. without an anchor (a marker of another library): the beginning.
/// Rule 2 takes no position if merged parents hold different ones: positions are opaque, so the
/// earlier of two can't be told, and the anchor repeats changes where a guess could skip some. A
/// store counts as initialised if its marker exists, and also if any lease holds a position: then
/// the marker was lost, and starting a missing range from now would skip what nobody has read.
lease_plan plan_leases(const std::vector<known_range>& ranges, const std::vector<lease>& leases,
                       const lease_store_state& state, const configured_start& start);

/// What to pass to lease_store::mark_initialised, so that a lease that is lost later can be
/// repaired without loss: the time from which every change counts. For `now` that is `now`, for
/// `time` that time, and for `beginning` the epoch, which plan_leases takes for the beginning.
wall_time repair_anchor(const configured_start& start, wall_time now);

} // namespace feedcast
