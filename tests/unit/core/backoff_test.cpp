#include "core/backoff.hpp"

#include <gtest/gtest.h>

#include <set>

namespace feedcast {

using namespace std::chrono_literals;

namespace {

backoff_options without_jitter() {
  return {.first = 100ms, .cap = 1000ms, .factor = 2.0, .jitter = 0.0};
}

} // namespace

TEST(backoff, doubles_up_to_the_cap) {
  backoff delays{without_jitter(), 1};

  for (const auto expected : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms})
    EXPECT_EQ(delays.next(), expected);
  EXPECT_EQ(delays.attempts(), 6u);
}

TEST(backoff, starts_over_after_a_reset) {
  backoff delays{without_jitter(), 1};
  delays.next();
  delays.next();

  delays.reset();

  EXPECT_EQ(delays.attempts(), 0u);
  EXPECT_EQ(delays.next(), 100ms);
}

TEST(backoff, stays_at_the_cap_for_ever) {
  backoff delays{without_jitter(), 1};
  for (int i = 0; i < 100'000; ++i)
    delays.next();

  EXPECT_EQ(delays.next(), 1000ms);
}

TEST(backoff, jitter_only_shortens_and_only_by_its_share) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    backoff delays{{.first = 1000ms, .cap = 1000ms, .factor = 2.0, .jitter = 0.5}, seed};
    for (int i = 0; i < 20; ++i) {
      const auto delay = delays.next();
      EXPECT_GE(delay, 500ms) << "seed " << seed;
      EXPECT_LE(delay, 1000ms) << "seed " << seed;
    }
  }
}

TEST(backoff, jitter_spreads_neighbouring_seeds) {
  std::set<std::chrono::milliseconds::rep> delays;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    backoff one{{.first = 10'000ms, .cap = 10'000ms, .factor = 2.0, .jitter = 1.0}, seed};
    delays.insert(one.next().count());
  }

  EXPECT_GT(delays.size(), 90u);
  EXPECT_LT(*delays.begin(), 1000);
  EXPECT_GT(*delays.rbegin(), 9000);
}

TEST(backoff, the_same_seed_gives_the_same_delays) {
  backoff one{{}, 42};
  backoff other{{}, 42};

  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(one.next(), other.next());
}

TEST(backoff, seeds_itself_if_it_is_given_none) {
  backoff one{{.first = 1'000'000ms, .cap = 1'000'000ms, .factor = 1.0, .jitter = 1.0}};
  backoff other{{.first = 1'000'000ms, .cap = 1'000'000ms, .factor = 1.0, .jitter = 1.0}};

  EXPECT_FALSE(one.next() == other.next() && one.next() == other.next()
               && one.next() == other.next());
}

TEST(backoff, honours_the_wait_that_was_asked_for_up_to_a_minute) {
  backoff delays{without_jitter(), 1};

  EXPECT_EQ(delays.next(5000ms), 5000ms);
  EXPECT_EQ(delays.next(1ms), 200ms);
  EXPECT_EQ(delays.next(3'600'000ms), 60'000ms);
}

} // namespace feedcast
