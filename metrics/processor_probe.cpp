#include "metrics/processor_probe.hpp"

#include "metrics/series_maker.hpp"

#include <algorithm>
#include <chrono>

namespace feedcast::metrics {

processor_probe::processor_probe(registry& r, std::string_view target, std::string_view feed,
                                 std::string_view collection)
    : registry_(&r), collection_(collection.empty() ? feed : collection) {
  const series_maker make{r, {{"target", std::string{target}}, {"feed", std::string{feed}}}};
  changes = make.counters_of<change_outcome>(names::changes, "outcome");
  feed_items = make.counter_of(names::feed_items);
  feed_bytes = make.counter_of(names::feed_bytes);
  feed_polls = make.counters_of<poll_outcome>(names::feed_polls, "outcome");
  feed_poll_seconds = make.histogram_of(names::feed_poll_seconds);
  feed_errors = make.counters_of<feed_error_class>(names::feed_errors, "class");
  request_units = make.counters_of<request_op>(names::request_units, "op");
  request_units_limit = make.gauge_of(names::request_units_limit);
  governor_wait = make.counter_of(names::governor_wait);
  feed_last_success = make.gauge_of(names::feed_last_success);
  lag_seconds = make.gauge_of(names::lag_seconds);
  lag_items = make.gauge_of(names::lag_items);
  lag_known = make.gauge_of(names::lag_known);
  propagation_seconds = make.histogram_of(names::propagation_seconds);
  delivery_seconds = make.histograms_of<delivery_stage>(names::delivery_seconds, "stage");
  checkpoints = make.counters_of<checkpoint_outcome>(names::checkpoints, "outcome");
  checkpoint_age = make.gauge_of(names::checkpoint_age);
  ranges = make.gauges_of<range_state>(names::ranges, "state");
  leases = make.gauges_of<lease_state>(names::leases, "state");
  lease_changes = make.counters_of<lease_change>(names::lease_changes, "reason");
  lease_coverage = make.gauge_of(names::lease_coverage);
  clock_clamped = make.counter_of(names::clock_clamped);
  documents_unusable = make.counters_of<unusable_reason>(names::documents_unusable, "reason");
  documents_repaired = make.counter_of(names::documents_repaired);
  window_bytes = make.gauge_of(names::window_bytes);
  window_keys = make.gauge_of(names::window_keys);
  ranges_away = make.gauge_of(names::ranges_away);
  rewinds = make.counters_of<rewind_cause>(names::rewinds, "reason");
  identity_bytes = make.gauge_of(names::identity_bytes);
  identities_forgotten = make.counter_of(names::identities_forgotten);
  deletes_lost = make.counter_of(names::deletes_lost);
  delete_guard = make.gauges_of<guard_finding>(names::delete_guard, "reason");
  openwhisk_count = r.make_counter(names::openwhisk_count, {{"collection", collection_}});
}

void processor_probe::propagated(std::int64_t ts, wall_time acked,
                                 std::uint32_t changes_covered) const {
  if (ts <= 0 || changes_covered == 0)
    return;
  const std::chrono::duration<double> since_epoch = acked.time_since_epoch();
  const double seconds = since_epoch.count() - static_cast<double>(ts);
  if (seconds < 0)
    clock_clamped.add(changes_covered);
  propagation_seconds.observe(std::max(seconds, 0.0), changes_covered);
}

void processor_probe::openwhisk_lag(std::string_view range, double lsn_behind) {
  if (!alias_ranges_.contains(range)) {
    if (alias_ranges_.size() >= max_alias_ranges)
      return;
    alias_ranges_.emplace(range);
  }
  registry_->set_gauge(names::openwhisk_lag,
                       {{"collection", collection_}, {"pk", std::string{range}}}, lsn_behind);
}

void processor_probe::forget_range(std::string_view range) {
  const auto known = alias_ranges_.find(range);
  if (known == alias_ranges_.end())
    return;
  registry_->drop_gauge(names::openwhisk_lag, {{"collection", collection_}, {"pk", *known}});
  alias_ranges_.erase(known);
}

} // namespace feedcast::metrics
