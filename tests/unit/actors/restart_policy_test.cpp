#include "actors/restart_policy.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace feedcast {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};

restart_options plain() {
  return {.delay = {.first = 100ms, .cap = 1s, .factor = 2, .jitter = 0},
          .max_restarts = 5,
          .window = 60s,
          .stable = 30s};
}

TEST(restart_policy, delays_double_up_to_the_cap) {
  restart_policy p{plain()};
  for (const auto delay : {100ms, 200ms, 400ms, 800ms, 1000ms})
    EXPECT_EQ(p.on_failure(start, start), delay);
}

TEST(restart_policy, too_many_failures_within_the_window_are_the_end) {
  restart_policy p{plain()};
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(p.on_failure(start, start + i * 1s));
  EXPECT_EQ(p.on_failure(start, start + 6s), std::nullopt);
}

TEST(restart_policy, failures_older_than_the_window_do_not_count) {
  restart_policy p{plain()};
  for (int i = 0; i < 50; ++i) {
    const auto now = start + i * 15s;
    EXPECT_TRUE(p.on_failure(now - 1s, now)) << i;
  }
}

TEST(restart_policy, child_that_ran_long_enough_starts_with_a_clean_record) {
  restart_policy p{plain()};
  for (int i = 0; i < 5; ++i)
    p.on_failure(start, start);
  EXPECT_EQ(p.on_failure(start, start + 30s), 100ms);
  EXPECT_EQ(p.on_failure(start + 31s, start + 31s), 200ms);
}

TEST(restart_policy, jitter_spreads_the_delays_and_never_lengthens_them) {
  auto options = plain();
  options.delay.jitter = 0.2;
  bool spread = false;
  for (std::uint64_t seed = 1; seed < 50; ++seed) {
    options.seed = seed;
    const auto delay = restart_policy{options}.on_failure(start, start);
    ASSERT_TRUE(delay);
    EXPECT_GE(*delay, 80ms);
    EXPECT_LE(*delay, 100ms);
    spread |= *delay < 95ms;
  }
  EXPECT_TRUE(spread);
}

} // namespace
} // namespace feedcast
