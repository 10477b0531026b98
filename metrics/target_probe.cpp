#include "metrics/target_probe.hpp"

#include "metrics/series_maker.hpp"

#include <string>

namespace feedcast::metrics {

target_probe::target_probe(registry& r, std::string_view target) {
  const series_maker make{r, {{"target", std::string{target}}}};
  errors = make.counters_of<target_error_class>(names::target_errors, "class");
  up = make.gauge_of(names::target_up);
  last_ack = make.gauge_of(names::target_last_ack);
  weak_durability = make.gauge_of(names::target_weak_durability);
  messages = make.counters_of<message_outcome>(names::target_messages, "outcome");
  inflight_messages = make.gauge_of(names::target_inflight_messages);
  inflight_bytes = make.gauge_of(names::target_inflight_bytes);
  blocked_seconds = make.counter_of(names::target_blocked);
  producer_restarts = make.counters_of<producer_restart>(names::target_producer_restarts, "reason");
  dead_letters = make.counter_of(names::dead_letters);
  dead_letters_waiting = make.gauge_of(names::dead_letters_waiting);
}

} // namespace feedcast::metrics
