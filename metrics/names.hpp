#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

/// Every metric that feedcast exposes, with its help text. Nothing outside metrics/ spells a
/// metric's name. Rules (held by tests/unit/metrics/names_test.cpp): prefix `feedcast_` or
/// `process_`, base units, counters end in
/// `_total`; help is one line, because prometheus-cpp writes line breaks as they are and would
/// break the exposition.
namespace feedcast::metrics {

enum class kind : std::uint8_t { counter, gauge, histogram };

struct family {
  kind type;
  std::string_view name;
  std::string_view help;
  std::span<const double> buckets{}; ///< upper bounds in seconds; histograms only
};

/// For what happens within feedcast's own reach: milliseconds matter.
inline constexpr std::array short_buckets{0.005, 0.02, 0.1, 0.5, 2.0, 10.0};
/// For what starts with a database timestamp of whole seconds.
inline constexpr std::array long_buckets{0.5,  1.0,  2.0,   3.0,   5.0,   8.0,   15.0,
                                         30.0, 60.0, 120.0, 300.0, 900.0, 3600.0};

namespace names {

// Per processor: labels target, feed.
inline constexpr family changes{kind::counter, "feedcast_changes_total",
                                "Changes by what became of them; the sum over outcome equals "
                                "feedcast_feed_items_total of the same target and "
                                "feed once nothing is in flight."};
inline constexpr family feed_items{kind::counter, "feedcast_feed_items_total",
                                   "Changes read from the feed."};
inline constexpr family feed_bytes{kind::counter, "feedcast_feed_bytes_total",
                                   "Bytes of feed pages read."};
inline constexpr family feed_polls{kind::counter, "feedcast_feed_polls_total",
                                   "Feed requests by outcome."};
inline constexpr family feed_poll_seconds{kind::histogram, "feedcast_feed_poll_seconds",
                                          "Duration of one feed request, in seconds.",
                                          short_buckets};
inline constexpr family feed_errors{kind::counter, "feedcast_feed_errors_total",
                                    "Failed feed requests by class."};
inline constexpr family request_units{kind::counter, "feedcast_request_units_total",
                                      "Request units charged by the database, by operation."};
inline constexpr family request_units_limit{kind::gauge, "feedcast_request_units_limit",
                                            "Request units a second that reading the owned ranges "
                                            "may cost; 0 if there is no limit or none is "
                                            "known."};
inline constexpr family governor_wait{kind::counter, "feedcast_governor_wait_seconds_total",
                                      "Time by which feed requests were put off to keep to the "
                                      "limit, added up over ranges, in seconds."};
inline constexpr family feed_last_success{
    kind::gauge, "feedcast_feed_last_success_timestamp_seconds",
    "When the owned range that was polled least recently was last polled with success, Unix time."};
inline constexpr family lag_seconds{kind::gauge, "feedcast_lag_seconds",
                                    "Age of the oldest change that is not acknowledged, or time "
                                    "since the last successful poll beyond the poll "
                                    "interval, whichever is greater; 0 when proven empty."};
inline constexpr family lag_items{
    kind::gauge, "feedcast_lag_items",
    "Upper bound of changes behind, by sequence numbers, over owned ranges."};
inline constexpr family lag_known{
    kind::gauge, "feedcast_lag_known",
    "1 once every owned range has a real measurement behind feedcast_lag_seconds, else 0."};
inline constexpr family propagation_seconds{
    kind::histogram, "feedcast_propagation_seconds",
    "From the commit in the database, in whole seconds, to the acknowledgement by the target, in "
    "seconds.",
    long_buckets};
inline constexpr family delivery_seconds{kind::histogram, "feedcast_delivery_seconds",
                                         "From receiving the page to the acknowledgement, by "
                                         "stage, by our own steady clock, in seconds.",
                                         short_buckets};
inline constexpr family checkpoints{kind::counter, "feedcast_checkpoints_total",
                                    "Writes of a range's position, by outcome."};
inline constexpr family checkpoint_age{
    kind::gauge, "feedcast_checkpoint_age_seconds",
    "Age of the oldest acknowledged progress that is not stored yet, in seconds."};
inline constexpr family ranges{kind::gauge, "feedcast_ranges", "Owned ranges by state."};
inline constexpr family leases{kind::gauge, "feedcast_leases",
                               "Leases as this instance sees them in the store, by state."};
inline constexpr family lease_changes{kind::counter, "feedcast_lease_changes_total",
                                      "Leases won and lost, by reason."};
inline constexpr family lease_coverage{
    kind::gauge, "feedcast_lease_coverage_ratio",
    "Part of the feed's key space that leases cover; 1 in health."};
inline constexpr family clock_clamped{
    kind::counter, "feedcast_clock_clamped_total",
    "Propagation times that came out negative (clocks apart) and were counted as 0."};
inline constexpr family documents_unusable{
    kind::counter, "feedcast_documents_unusable_total",
    "Documents no invalidation could be made of, by reason, with and "
    "without dead letters."};
inline constexpr family documents_repaired{kind::counter, "feedcast_documents_repaired_total",
                                           "Damaged documents delivered nevertheless."};
inline constexpr family window_bytes{kind::gauge, "feedcast_window_bytes",
                                     "Bytes of messages read and not acknowledged yet."};
inline constexpr family window_keys{kind::gauge, "feedcast_window_keys",
                                    "Distinct keys read and not acknowledged yet."};
inline constexpr family identity_bytes{
    kind::gauge, "feedcast_identity_memory_bytes",
    "Memory that holds the namespaces and uuids of subjects, of owned ranges, in bytes."};
inline constexpr family identities_forgotten{
    kind::counter, "feedcast_identities_forgotten_total",
    "Subjects that were forgotten for want of room: what their next change takes away is not "
    "invalidated."};

inline constexpr family ranges_away{
    kind::gauge, "feedcast_ranges_away",
    "Owned ranges that are read in another region than the target's own, because that is out."};
inline constexpr family rewinds{
    kind::counter, "feedcast_rewinds_total",
    "Times that a range was read again from an earlier position, by reason: its own region came "
    "back, the account's write region changed, or the position is of another feed than today's."};
inline constexpr family deletes_lost{
    kind::counter, "feedcast_deletes_lost_windows_total",
    "Times for which hard deletes and expiries are lost, because a position of all versions was "
    "older than what the database keeps."};
inline constexpr family delete_guard{
    kind::gauge, "feedcast_delete_guard",
    "1 if what is known of the feed says that deletes may be missed for this reason, else 0."};

// Per target: label target.
inline constexpr family target_errors{kind::counter, "feedcast_target_errors_total",
                                      "Failed deliveries and client errors by class."};
inline constexpr family target_up{
    kind::gauge, "feedcast_target_up",
    "1 if the target acknowledged a message or showed its topic since the last failure, else 0."};
inline constexpr family target_last_ack{kind::gauge, "feedcast_target_last_ack_timestamp_seconds",
                                        "When the target last acknowledged a message, Unix time."};
inline constexpr family target_weak_durability{
    kind::gauge, "feedcast_target_weak_durability",
    "1 if the topic has a partition with one replica only, so that a message is lost with its "
    "broker although it was acknowledged, else 0."};
inline constexpr family target_messages{kind::counter, "feedcast_target_messages_total",
                                        "Messages handed to the producer, by outcome."};
inline constexpr family target_inflight_messages{kind::gauge, "feedcast_target_inflight_messages",
                                                 "Messages handed over and not reported yet."};
inline constexpr family target_inflight_bytes{
    kind::gauge, "feedcast_target_inflight_bytes",
    "Bytes of messages handed over and not reported yet."};
inline constexpr family target_blocked{
    kind::counter, "feedcast_target_blocked_seconds_total",
    "Time during which messages waited because the producer took no more, in seconds."};
inline constexpr family target_producer_restarts{
    kind::counter, "feedcast_target_producer_restarts_total", "Replaced producers, by reason."};
inline constexpr family dead_letters{kind::counter, "feedcast_dead_letters_total",
                                     "Dead letters written: changes put aside because they can't "
                                     "be delivered."};
inline constexpr family dead_letters_waiting{
    kind::gauge, "feedcast_dead_letters_waiting",
    "Dead letters not written yet; each holds back the position of its range."};

// Of the process.
inline constexpr family actor_restarts{kind::counter, "feedcast_actor_restarts_total",
                                       "Actors restarted by their supervisor, by kind and reason."};
inline constexpr family clock_skew{
    kind::gauge, "feedcast_clock_skew_seconds",
    "This machine's clock minus the Date of the database's newest answer, in seconds."};
inline constexpr family log_lines_dropped{
    kind::counter, "feedcast_log_lines_dropped_total",
    "Log lines given up because standard error took no more."};
inline constexpr family build_info{kind::gauge, "feedcast_build_info",
                                   "Always 1; the labels tell the version and the revision."};
inline constexpr family config_info{
    kind::gauge, "feedcast_config_info",
    "Always 1; the label is a hash of the effective configuration without secrets."};
inline constexpr family process_resident_memory{kind::gauge, "process_resident_memory_bytes",
                                                "Resident memory size in bytes."};
inline constexpr family process_cpu{kind::counter, "process_cpu_seconds_total",
                                    "User and system CPU time spent, in seconds."};
inline constexpr family process_open_fds{kind::gauge, "process_open_fds",
                                         "Number of open file descriptors."};
inline constexpr family process_start_time{kind::gauge, "process_start_time_seconds",
                                           "Start time of the process, Unix time."};
inline constexpr family process_threads{kind::gauge, "process_threads",
                                        "Number of threads of the process."};

// The replaced service's two, so that its dashboards go on working. Exempt from the naming rules.
// They know no target: with several targets the counter is their sum and the gauge is whoever wrote
// last.
inline constexpr family openwhisk_count{kind::counter, "counter_cosmosdb_change_feed_count_total",
                                        "Documents of delivered batches (alias)."};
inline constexpr family openwhisk_lag{
    kind::gauge, "gauge_cosmosdb_change_feed_lag",
    "Session LSN minus the LSN of the last delivered document, by range (alias)."};

} // namespace names

/// All of the above, in the order of this file.
std::span<const family* const> all_families();

} // namespace feedcast::metrics
