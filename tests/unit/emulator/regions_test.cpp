#include "emulator/regions.hpp"
#include "test_client.hpp"

#include <gtest/gtest.h>

#include <set>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;
using testing::manual_clock;

struct regions_test : ::testing::Test {
  /// How far the only replica of a region is behind, in milliseconds.
  std::int64_t behind(std::size_t region) {
    const auto positions = account.positions(region);
    return std::chrono::duration_cast<milliseconds>(clock.steady() - positions.front().shows)
        .count();
  }

  void change(std::size_t region, const region_change& wanted) {
    ASSERT_TRUE(account.change(region, wanted).has_value());
  }

  manual_clock clock;
  regions account{clock, {"A", "B", "C"}, 1};
};

TEST_F(regions_test, nobody_is_behind_at_first) {
  clock.advance(1s);

  EXPECT_FALSE(account.any_behind());
  EXPECT_EQ(account.keep(), 0ms);
  for (std::size_t r = 0; r < account.count(); ++r)
    EXPECT_EQ(behind(r), 0);
}

TEST_F(regions_test, a_delayed_region_shows_what_was) {
  change(1, {.delay = 500ms});
  EXPECT_EQ(behind(1), 0); // it had it all when the delay came

  clock.advance(300ms);
  EXPECT_EQ(behind(1), 300);
  clock.advance(1s);
  EXPECT_EQ(behind(1), 500);
  EXPECT_EQ(behind(0), 0);
  EXPECT_TRUE(account.any_behind());
  EXPECT_EQ(account.keep(), 500ms);
}

TEST_F(regions_test, each_replica_lags_for_itself_and_all_are_asked) {
  change(0, {.replicas = std::vector<milliseconds>{0ms, 100ms, 900ms}});
  clock.advance(2s);

  std::set<std::int64_t> seen;
  for (int i = 0; i < 60; ++i)
    seen.insert(behind(0));

  EXPECT_EQ(seen, (std::set<std::int64_t>{0, 100, 900}));
  EXPECT_EQ(account.positions(0).size(), 3U);
}

TEST_F(regions_test, positions_never_fall) {
  change(1, {.delay = 100ms});
  clock.advance(1s);
  change(1, {.delay = 5s});

  EXPECT_EQ(behind(1), 100);
  clock.advance(3s);
  EXPECT_EQ(behind(1), 3100);
  clock.advance(10s);
  EXPECT_EQ(behind(1), 5000);
}

TEST_F(regions_test, a_region_that_is_held_stands_still_and_catches_up_at_once) {
  change(1, {.delay = 100ms});
  clock.advance(1s);
  change(1, {.held = true});
  clock.advance(60s);
  EXPECT_EQ(behind(1), 60'100);
  EXPECT_EQ(account.keep(), milliseconds::max());
  EXPECT_FALSE(account.positions(1).front().behind.has_value());

  change(1, {.held = false});
  EXPECT_EQ(behind(1), 100);
}

TEST_F(regions_test, while_the_write_region_is_out_the_others_get_nothing) {
  change(1, {.delay = 100ms});
  clock.advance(1s);
  change(0, {.outage = outage_kind::reset});
  clock.advance(5s);

  EXPECT_EQ(behind(1), 5100);
  change(0, {.outage = outage_kind::none});
  EXPECT_EQ(behind(1), 100);
}

TEST_F(regions_test, a_planned_failover_moves_the_writes_and_nobody_is_behind) {
  change(1, {.delay = 1s});
  clock.advance(5s);

  ASSERT_TRUE(account.planned_failover(1).has_value());

  EXPECT_EQ(account.write_region(), 1U);
  EXPECT_EQ(behind(1), 0);
  EXPECT_EQ(account.session_version(), -1);
  EXPECT_FALSE(account.states().at(0).writes);
}

TEST_F(regions_test, an_unplanned_one_goes_on_from_what_had_arrived) {
  change(1, {.delay = 1s});
  clock.advance(5s);
  change(0, {.outage = outage_kind::silent});
  clock.advance(7s);

  const auto cut = account.lose_write_region(1);
  ASSERT_TRUE(cut.has_value());
  account.take_over(1);

  EXPECT_EQ(clock.steady() - *cut, 8s);
  EXPECT_EQ(account.write_region(), 1U);
  EXPECT_EQ(behind(1), 0);
  EXPECT_EQ(account.session_version(), 1);
  EXPECT_EQ(account.states().at(0).outage, outage_kind::silent);
}

TEST_F(regions_test, what_had_arrived_when_the_delay_was_raised_is_not_lost) {
  change(1, {.replicas = std::vector<milliseconds>{500ms}});
  clock.advance(5s);
  change(1, {.delay = 1h});
  clock.advance(1s);

  const auto cut = account.lose_write_region(1);

  EXPECT_EQ(behind(1), 1500);
  EXPECT_EQ(clock.steady() - *cut, 1s);
}

TEST_F(regions_test, what_would_leave_no_region_to_write_to_is_refused) {
  EXPECT_EQ(account.change(0, {.removed = true}).error().status, 400U);
  EXPECT_EQ(account.lose_write_region(0).error().status, 409U);
  change(1, {.outage = outage_kind::reset});
  EXPECT_EQ(account.lose_write_region(1).error().status, 409U);
  EXPECT_EQ(account.planned_failover(1).error().status, 409U);
  change(2, {.removed = true});
  EXPECT_EQ(account.planned_failover(2).error().status, 404U);
}

} // namespace
} // namespace feedcast::emulator
