#pragma once

#include <chrono>
#include <cstdint>

namespace feedcast {

struct backoff_options {
  std::chrono::milliseconds first{100};
  std::chrono::milliseconds cap{30'000};
  double factor = 2.0;
  /// Share of each delay that is random: 0 = none, 1 = anything from zero to the full delay.
  double jitter = 0.5;
};

/// Growing, jittered delays between tries of one thing. Owned by whoever retries; not thread-safe.
class backoff {
 public:
  explicit backoff(backoff_options options = {}, std::uint64_t seed = 0);

  /// The delay before the next try. `at_least` is a wait that the other side asked for; it is
  /// honoured up to a minute.
  std::chrono::milliseconds next(std::chrono::milliseconds at_least = {});

  /// It worked: start over.
  void reset() noexcept { attempts_ = 0; }

  std::uint32_t attempts() const noexcept { return attempts_; }

 private:
  double random_unit() noexcept;

  backoff_options options_;
  std::uint64_t state_;
  std::uint32_t attempts_ = 0;
};

} // namespace feedcast
