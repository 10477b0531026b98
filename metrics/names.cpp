#include "metrics/names.hpp"

namespace feedcast::metrics {

std::span<const family* const> all_families() {
  using namespace names;
  static constexpr std::array all{&changes,
                                  &feed_items,
                                  &feed_bytes,
                                  &feed_polls,
                                  &feed_poll_seconds,
                                  &feed_errors,
                                  &request_units,
                                  &feed_last_success,
                                  &lag_seconds,
                                  &lag_items,
                                  &lag_known,
                                  &propagation_seconds,
                                  &delivery_seconds,
                                  &checkpoints,
                                  &checkpoint_age,
                                  &ranges,
                                  &leases,
                                  &lease_changes,
                                  &lease_coverage,
                                  &clock_clamped,
                                  &documents_unusable,
                                  &documents_repaired,
                                  &window_bytes,
                                  &window_keys,
                                  &ranges_away,
                                  &rewinds,
                                  &target_errors,
                                  &target_up,
                                  &target_last_ack,
                                  &target_weak_durability,
                                  &target_messages,
                                  &target_inflight_messages,
                                  &target_inflight_bytes,
                                  &target_blocked,
                                  &target_producer_restarts,
                                  &dead_letters,
                                  &dead_letters_waiting,
                                  &actor_restarts,
                                  &clock_skew,
                                  &log_lines_dropped,
                                  &build_info,
                                  &config_info,
                                  &process_resident_memory,
                                  &process_cpu,
                                  &process_open_fds,
                                  &process_start_time,
                                  &process_threads,
                                  &openwhisk_count,
                                  &openwhisk_lag};
  return all;
}

} // namespace feedcast::metrics
