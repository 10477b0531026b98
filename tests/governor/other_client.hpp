#pragma once

#include "core/clock.hpp"
#include "tests/unit/emulator/test_client.hpp"

#include <cstdint>
#include <queue>
#include <random>
#include <string>
#include <vector>

namespace feedcast::testing {

/// The one that a container is there for: reads and replaces documents at random moments, whether
/// it is answered or not, and tries again what was refused, as official clients do: after the wait
/// that the service names, up to nine times.
class other_client {
 public:
  struct load {
    double reads = 0;  ///< a second, 1 RU each
    double writes = 0; ///< a second, 10 RU each
    /// In the first seconds of each ten it does so many times as much.
    double peak = 1;
    int peak_seconds = 0;

    double units() const { return reads + 10 * writes; }
  };

  other_client(emulator::testing::test_client& account, load l, std::uint64_t seed)
      : account_(account), load_(l), random_(seed) {}

  /// What it does in one millisecond.
  void tick();

  std::uint64_t requests() const { return requests_; } ///< retries included

  std::uint64_t refused() const { return refused_; }

  /// Of 100 requests, so many were answered with 429.
  double percent_refused() const {
    return requests_ == 0 ? 0
                          : 100.0 * static_cast<double>(refused_) / static_cast<double>(requests_);
  }

 private:
  struct attempt {
    std::int64_t at = 0; ///< in ms
    bool write = false;
    int tries = 0;

    bool operator>(const attempt& other) const { return at > other.at; }
  };

  void send(attempt a);

  emulator::testing::test_client& account_;
  const load load_;
  std::mt19937_64 random_;
  std::int64_t now_ = 0;
  std::priority_queue<attempt, std::vector<attempt>, std::greater<>> again_;
  std::uint64_t requests_ = 0;
  std::uint64_t refused_ = 0;
};

} // namespace feedcast::testing
