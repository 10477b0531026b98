#pragma once

#include "core/backoff.hpp"
#include "core/clock.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace feedcast {

struct restart_options {
  backoff_options delay{.first = std::chrono::milliseconds{100},
                        .cap = std::chrono::milliseconds{30'000},
                        .factor = 2.0,
                        .jitter = 0.2};
  std::uint32_t max_restarts = 10; ///< more than this many ...
  std::chrono::seconds window{
      60}; ///< ... within this time: give up and let the parent restart the subtree
  std::chrono::seconds stable{30}; ///< having run this long, a child starts with a clean record
  std::uint64_t seed = 0;          ///< of the jitter; 0 = random
};

/// When a failed child is started again. One per child; time is passed in.
class restart_policy {
 public:
  explicit restart_policy(restart_options options);

  /// A child that was started at `started` failed at `now`: the delay before it is started again,
  /// or nullopt if it failed too often.
  std::optional<milliseconds> on_failure(steady_time started, steady_time now);

 private:
  restart_options options_;
  backoff delay_;
  std::deque<steady_time> recent_;
};

} // namespace feedcast
