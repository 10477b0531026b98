// Some of the seeds that consumers_model runs, for those who plant bugs; and that the model itself
// sees what it must.
#include "core/log.hpp"
#include "tests/consumers/runner.hpp"

#include <gtest/gtest.h>

namespace feedcast::consumers {
namespace {

class consumers : public ::testing::Test {
 protected:
  consumers() { log::configure(log::level::off, log::format::logfmt); }

  /// The first seed that leaves a stale key; 0 = none up to `last`.
  std::uint64_t first_stale(switches on, std::uint64_t last) {
    for (std::uint64_t seed = 1; seed <= last; ++seed)
      if (!run_seed(seed, on).stale.empty())
        return seed;
    return 0;
  }
};

TEST_F(consumers, hold_nothing_older_than_their_region_serves) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const auto o = run_seed(seed, {});
    ASSERT_TRUE(o.drained) << "seed " << seed;
    ASSERT_TRUE(o.stale.empty()) << "seed " << seed << ": " << o.stale.front() << '\n'
                                 << history_of(seed, {}, false);
  }
}

TEST_F(consumers, do_the_same_every_time_for_one_seed) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto once = run_seed(seed, {});
    const auto again = run_seed(seed, {});
    EXPECT_EQ(once.seen, again.seen);
    EXPECT_EQ(once.length, again.length);
  }
}

TEST_F(consumers, keep_old_versions_for_ever_without_confirmations) {
  EXPECT_NE(first_stale({.confirm = false}, 100), 0U);
}

TEST_F(consumers, keep_old_versions_for_ever_if_a_target_that_comes_home_does_not_go_back) {
  EXPECT_NE(first_stale({.rewind = false}, 200), 0U);
}

TEST_F(consumers, keep_old_versions_for_ever_if_the_feed_of_another_region_is_read) {
  EXPECT_NE(first_stale({.own_region = false}, 100), 0U);
}

TEST_F(consumers, keep_what_was_deleted_without_a_tombstone) {
  EXPECT_NE(first_stale({.tombstones = false}, 20), 0U);
}

} // namespace
} // namespace feedcast::consumers
