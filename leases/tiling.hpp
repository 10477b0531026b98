#pragma once

#include "core/key_span.hpp"
#include "leases/lease.hpp"
#include "leases/lease_store.hpp"
#include "settings/service_config.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace feedcast {

/// A partition key range as planning sees it: after a split or merge it names the ranges that it
/// came from.
struct known_range {
  std::string id;
  std::vector<std::string> parents;
  key_span keys;
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

/// A lease that has to be created.
struct planned_lease {
  std::string range_id;
  lease_form form = lease_form::pk;
  key_span keys;
  range_start start;
};

/// A lease whose range is no more: it was split, or merged with others.
struct replaced_lease {
  std::string range_id;              ///< the old one: remove it once all of `by` exist
  std::vector<std::string> by;       ///< range ids that cover its keys from now on
  std::vector<planned_lease> create; ///< those of them that don't exist yet, with its position
  bool overlapped = false; ///< its range is there, but other leases have some of its keys, too
};

struct lease_plan {
  std::vector<replaced_lease> replace;
  std::vector<planned_lease> gaps;      ///< keys that no lease covers
  std::vector<std::string> unexplained; ///< leases whose keys nobody knows: left alone
  double coverage = 0;                  ///< part of the key space that leases cover, 0 to 1
};

/// What is known of a processor's leases, for planning.
struct tiling_facts {
  std::vector<known_range> ranges; ///< the current ones
  std::vector<lease> leases;       ///< with the settled position where the caller knows a newer one
  lease_store_state state;
  configured_start start;
  lease_form range_form = lease_form::pk;
  lease_form span_form = lease_form::java_epk;
  /// The keys of ranges that were current once, where the documents don't say.
  std::map<std::string, key_span> remembered;
};

/// Which leases are missing and which are to be replaced, so that leases tile the key space and no
/// position is passed. Pure and idempotent: after a crash at any step, planning again completes the
/// work.
///
/// Splits: the lease's keys are cut at the bounds of the current ranges; each piece goes on from
/// the lease's position. Pieces of a pk lease that are whole ranges are pk leases again. Merges: a
/// pk lease becomes a lease of its key span with its own position; a lease of a key span inside one
/// range stays as it is. If nobody knows which keys merged ranges had, and their positions differ,
/// the merged range starts like a gap.
/// Overlaps (a lost lease was repaired by two at once): the larger lease gives way to the smaller
/// ones and to new ones of the keys that they leave. A gap (nobody's keys) starts, first rule that
/// applies:
///  1. the store was never initialised: the configured start. `now` can mean now only here;
///  2. the repair anchor (see repair_anchor): everything since then is read again;
///  3. without an anchor: the beginning.
/// Never from a neighbour: its position is a number in another log. A store counts as initialised
/// if its marker exists, and also if any lease holds a position: then the marker was lost, and
/// starting a missing range from now would skip what nobody has read.
lease_plan plan_leases(const tiling_facts& facts);

/// Where to read a lease from: its position, else its own start (lease::start), else as a gap would
/// start.
range_start start_of(const lease& l, const lease_store_state& state, const configured_start& start,
                     bool first_start);

/// True if nothing was ever read with these leases.
bool is_first_start(const std::vector<lease>& leases, const lease_store_state& state);

/// What to pass to lease_store::mark_initialised, so that a lease that is lost later can be
/// repaired without loss: the time from which every change counts. For `now` that is `now`, for
/// `time` that time, and for `beginning` the epoch, which plan_leases takes for the beginning.
wall_time repair_anchor(const configured_start& start, wall_time now);

} // namespace feedcast
