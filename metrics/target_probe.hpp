#pragma once

#include "metrics/labels.hpp"
#include "metrics/registry.hpp"

#include <string_view>

namespace feedcast::metrics {

/// The series of one target. The instruments may be used from any thread.
struct target_probe {
  target_probe(registry& r, std::string_view target);

  by_label<target_error_class, counter> errors;
  gauge up;              ///< 0 or 1
  gauge last_ack;        ///< Unix time in seconds
  gauge weak_durability; ///< 0 or 1
  by_label<message_outcome, counter> messages;
  gauge inflight_messages;
  gauge inflight_bytes;
  counter blocked_seconds;
  by_label<producer_restart, counter> producer_restarts;
  counter dead_letters;
  gauge dead_letters_waiting;
};

} // namespace feedcast::metrics
