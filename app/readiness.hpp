#pragma once

#include "metrics/health_board.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace feedcast::app {

/// What the probes say. Pure, from a snapshot of the health board.
struct readiness {
  bool ready = false;
  bool degraded = false;             ///< ready, but not all of it
  std::vector<std::string> problems; ///< for people, one per part that is not well
};

/// Not ready while an owned range was never polled, a processor does not know its leases, or no
/// target can be delivered to. With `target`: strictly that target only; an unknown name is not
/// ready.
readiness judge(const metrics::health_snapshot& now, std::string_view target = {});

} // namespace feedcast::app
