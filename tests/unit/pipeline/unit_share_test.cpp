#include "pipeline/unit_share.hpp"

#include <gtest/gtest.h>

namespace feedcast {
namespace {

using namespace std::chrono_literals;
using news = unit_share::news;

struct unit_share_test : ::testing::Test {
  static feed_throughput offer(double units, std::uint32_t ranges) {
    return {units, ranges, "the container's offer"};
  }

  unit_share share{{.share = 0.2, .declared = 0}};
  steady_time now{1h};
};

TEST_F(unit_share_test, gives_each_reader_an_equal_part) {
  EXPECT_EQ(share.learn(offer(4000, 4), now), news::known);

  EXPECT_DOUBLE_EQ(*share.per_reader(4), 200);
  EXPECT_EQ(share.why(), "20 % of 4000 RU/s (the container's offer)");
}

TEST_F(unit_share_test, is_never_more_than_the_whole_whatever_readers_and_ranges_there_are) {
  share.learn(offer(4000, 4), now);

  EXPECT_DOUBLE_EQ(*share.per_reader(8), 100) << "two read each range";
  EXPECT_DOUBLE_EQ(*share.per_reader(2), 200) << "the leases of two more are not there yet";
  EXPECT_DOUBLE_EQ(*share.per_reader(0), 200);
}

TEST_F(unit_share_test, knows_no_limit_before_the_first_answer) {
  EXPECT_EQ(share.per_reader(1), std::nullopt);
}

TEST_F(unit_share_test, is_asked_for_at_once_and_every_five_minutes) {
  EXPECT_TRUE(share.due(now));
  EXPECT_FALSE(share.due(now + 299s));
  EXPECT_TRUE(share.due(now + 300s));
}

TEST_F(unit_share_test, failure_that_may_pass_leaves_what_was_known_and_is_asked_again_soon) {
  share.due(now);
  share.learn(offer(1000, 1), now);
  EXPECT_EQ(share.learn(make_error(errc::unavailable, "reset"), now), news::none);

  EXPECT_DOUBLE_EQ(*share.per_reader(1), 200);
  EXPECT_FALSE(share.due(now + 9s));
  EXPECT_TRUE(share.due(now + 10s));
}

TEST_F(unit_share_test, what_may_not_be_read_is_told_once_and_limits_nothing) {
  share.due(now);
  EXPECT_EQ(share.learn(make_error(errc::forbidden, "no right"), now), news::unreadable);
  EXPECT_EQ(share.learn(make_error(errc::forbidden, "no right"), now), news::none);

  EXPECT_EQ(share.per_reader(1), std::nullopt);
  EXPECT_EQ(share.why(), "no limit is known: no right");
  EXPECT_FALSE(share.due(now + 59s));
  EXPECT_TRUE(share.due(now + 60s)) << "a right may be granted";
}

TEST_F(unit_share_test, a_declared_throughput_stands_in_for_one_that_can_not_be_read) {
  unit_share declared{{.share = 0.1, .declared = 2000}};
  EXPECT_DOUBLE_EQ(*declared.per_reader(4), 50);

  declared.learn(offer(1000, 1), now);
  EXPECT_DOUBLE_EQ(*declared.per_reader(1), 100) << "what the database says wins";

  declared.learn(make_error(errc::unauthorized, "no"), now);
  EXPECT_DOUBLE_EQ(*declared.per_reader(1), 200);
  EXPECT_EQ(declared.why(), "10 % of 2000 RU/s (the feed's `throughput`)");
}

TEST_F(unit_share_test, tells_when_the_throughput_changes) {
  share.learn(offer(1000, 1), now);

  EXPECT_EQ(share.learn(offer(1000, 1), now), news::none);
  EXPECT_EQ(share.learn(offer(2000, 1), now), news::known);
  EXPECT_EQ(share.learn(make_error(errc::forbidden, "no"), now), news::unreadable);
}

TEST_F(unit_share_test, never_asks_and_never_limits_when_it_is_off) {
  unit_share off{{.share = 0, .declared = 1000}};

  EXPECT_FALSE(off.due(now));
  off.learn(offer(1000, 1), now);
  EXPECT_EQ(off.per_reader(1), std::nullopt);
  EXPECT_EQ(off.why(), "off");
}

} // namespace
} // namespace feedcast
