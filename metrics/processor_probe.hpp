#pragma once

#include "core/clock.hpp"
#include "metrics/labels.hpp"
#include "metrics/registry.hpp"

#include <set>
#include <string>
#include <string_view>

namespace feedcast::metrics {

/// The series of one processor. Conservation law: `changes` summed over its outcomes equals
/// `feed_items`, as soon as nothing is in flight; whoever counts an item read owes it exactly one
/// outcome. The instruments may be used from any thread; `openwhisk_lag` and `forget_range` by one
/// owner only.
struct processor_probe {
  /// `collection` is the label of the replaced service's two aliases; empty = the feed's name.
  processor_probe(registry& r, std::string_view target, std::string_view feed,
                  std::string_view collection = {});

  by_label<change_outcome, counter> changes;
  counter feed_items;
  counter feed_bytes;
  by_label<poll_outcome, counter> feed_polls;
  histogram feed_poll_seconds;
  by_label<feed_error_class, counter> feed_errors;
  by_label<request_op, counter> request_units;
  gauge request_units_limit; ///< a second, of all owned ranges; 0 = none
  counter governor_wait;     ///< seconds
  gauge feed_last_success;   ///< Unix time in seconds
  gauge lag_seconds;
  gauge lag_items;
  gauge lag_known; ///< 0 or 1
  histogram propagation_seconds;
  by_label<delivery_stage, histogram> delivery_seconds;
  by_label<checkpoint_outcome, counter> checkpoints;
  gauge checkpoint_age; ///< seconds
  by_label<range_state, gauge> ranges;
  by_label<lease_state, gauge> leases;
  by_label<lease_change, counter> lease_changes;
  gauge lease_coverage; ///< 0..1
  counter clock_clamped;
  by_label<unusable_reason, counter> documents_unusable;
  counter documents_repaired;
  gauge window_bytes;
  gauge window_keys;
  gauge ranges_away;
  by_label<rewind_cause, counter> rewinds;
  gauge identity_bytes;
  counter identities_forgotten;
  counter deletes_lost;                        ///< windows of time
  by_label<guard_finding, gauge> delete_guard; ///< 0 or 1
  counter openwhisk_count; ///< documents of acknowledged batches, own ones included

  /// From the commit of a change (`_ts`, epoch seconds; 0 = unknown, nothing is recorded) to
  /// `acked`. Negative times mean that clocks are apart: recorded as 0 and counted in
  /// `clock_clamped`.
  void propagated(std::int64_t ts, wall_time acked, std::uint32_t changes_covered = 1) const;

  /// The alias gauge of one range. Only the first `max_alias_ranges` ranges get a series, to bound
  /// their number.
  void openwhisk_lag(std::string_view range, double lsn_behind);
  /// The range is no longer ours: its series goes away.
  void forget_range(std::string_view range);

  static constexpr std::size_t max_alias_ranges = 32;

 private:
  registry* registry_;
  std::string collection_;
  std::set<std::string, std::less<>> alias_ranges_;
};

} // namespace feedcast::metrics
