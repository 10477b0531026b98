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

/// Why the process should be started anew, empty if it need not: actors that say nothing any more,
/// or that wedge again and again although they are replaced. Nothing that merely can't be reached.
std::string judge_liveness(const metrics::health_snapshot& now, steady_time at);

} // namespace feedcast::app
