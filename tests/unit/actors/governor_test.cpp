// What reading may cost: the share of the feed's throughput, and that ranges keep to it.
#include "tests/support/actor_fixture.hpp"

#include <gmock/gmock.h>

namespace feedcast::testing {
namespace {

using metrics::request_op;
using ::testing::HasSubstr;

/// One range, 1,000 RU/s, of which a fifth may be spent; an empty page costs 1 RU, a document 0.5.
struct governed_world : actor_world {
  governed_world() {
    truth.one_range("0");
    options.units.share = 0.2;
    feed.charge = [](std::size_t documents) { return 1 + 0.5 * static_cast<double>(documents); };
    feed.provides = [this]() -> result<feed_throughput> {
      ++asked;
      if (trouble)
        return *trouble;
      return feed_throughput{units, ranges, "the container's offer"};
    };
  }

  double spent() const { return probe.request_units[request_op::poll].value(); }

  metrics::processor_health health_now() const {
    return health.snapshot().processors.at({"eu", "whisks"}).summary;
  }

  double units = 1000;
  std::uint32_t ranges = 1;
  std::optional<error> trouble;
  int asked = 0;
};

TEST(governor, catch_up_takes_its_share_and_no_more) {
  governed_world w;
  w.truth.append_many("a", 20'000);
  w.start();
  w.pass(2s);
  const auto before = w.spent();

  w.pass(20s);

  const auto rate = (w.spent() - before) / 20;
  EXPECT_GE(rate, 190);
  EXPECT_LE(rate, 210);
  EXPECT_GT(w.probe.governor_wait.value(), 15);
  EXPECT_EQ(w.probe.request_units_limit.value(), 200);
  EXPECT_EQ(w.health_now().units_limit, 200);
  EXPECT_EQ(w.health_now().units_why, "20 % of 1000 RU/s (the container's offer)");
}

TEST(governor, pages_are_asked_for_by_what_they_cost) {
  governed_world w;
  w.options.partition.max_items = 5000;
  w.truth.append_many("a", 5'000);
  w.feed.page_limit = 10'000;
  w.start();
  w.pass(10s);

  ASSERT_GE(w.feed.fetches.size(), 4U);
  EXPECT_NEAR(w.feed.fetches.back().max_items, 398, 2) << "a second's worth";
}

TEST(governor, backlog_counts_as_lag_while_reading_is_held_back) {
  governed_world w;
  w.truth.append_many("a", 20'000);
  w.start();
  w.pass(10s);

  EXPECT_GT(w.probe.lag_seconds.value(), 3000) << "the documents are an hour old";
  EXPECT_GT(w.probe.lag_items.value(), 0);
}

TEST(governor, a_range_at_rest_is_asked_as_the_profile_says) {
  governed_world w;
  w.start();
  w.pass(5s);
  const auto before = w.feed.fetches.size();

  w.pass(20s);

  EXPECT_EQ(w.feed.fetches.size() - before, 20U);
  EXPECT_EQ(w.probe.governor_wait.value(), 0);
}

TEST(governor, a_range_at_rest_is_asked_less_often_where_the_share_is_too_small) {
  governed_world w;
  w.units = 1; // 0.2 RU/s: one poll in five seconds
  w.start();
  w.pass(20s);
  const auto before = w.feed.fetches.size();

  w.pass(100s);

  EXPECT_NEAR(static_cast<double>(w.feed.fetches.size() - before), 20, 1);
}

TEST(governor, ranges_share_what_there_is) {
  governed_world w;
  w.truth.ranges().clear();
  w.truth.add_range("0", {0, 1, 2, 3});
  w.truth.add_range("1", {4, 5, 6, 7});
  w.ranges = 2;
  w.truth.append_many("a", 40'000);
  w.start();
  w.pass(2s);
  const auto before = w.spent();

  w.pass(20s);

  EXPECT_NEAR((w.spent() - before) / 20, 200, 10);
  EXPECT_EQ(w.probe.request_units_limit.value(), 200);
}

TEST(governor, a_new_offer_is_noticed_within_five_minutes) {
  governed_world w;
  w.truth.append_many("a", 1'000);
  w.start();
  w.pass(2s);
  w.units = 2000;

  w.pass(301s, 100ms);

  EXPECT_EQ(w.asked, 2);
  EXPECT_EQ(w.probe.request_units_limit.value(), 400);
}

TEST(governor, what_can_not_be_read_limits_nothing_and_is_told) {
  governed_world w;
  w.trouble = make_error(errc::forbidden, "no right to read offers");
  w.truth.append_many("a", 20'000);
  w.start();

  EXPECT_TRUE(w.settle(5s));
  w.pass(2s);
  EXPECT_EQ(w.probe.request_units_limit.value(), 0);
  EXPECT_EQ(w.health_now().units_limit, std::nullopt);
  EXPECT_THAT(w.health_now().units_why, HasSubstr("no right to read offers"));
}

TEST(governor, a_declared_throughput_holds_where_none_can_be_read) {
  governed_world w;
  w.trouble = make_error(errc::forbidden, "no right to read offers");
  w.options.units.declared = 500;
  w.truth.append_many("a", 20'000);
  w.start();
  w.pass(2s);
  const auto before = w.spent();

  w.pass(20s);

  EXPECT_NEAR((w.spent() - before) / 20, 100, 5);
}

TEST(governor, off_is_off) {
  governed_world w;
  w.options.units.share = 0;
  w.truth.append_many("a", 20'000);
  w.start();

  EXPECT_TRUE(w.settle(5s));
  EXPECT_EQ(w.asked, 0);
}

TEST(governor, a_wait_that_the_service_asked_for_is_honoured_all_the_same) {
  governed_world w;
  w.truth.append_many("a", 20'000);
  bool refused = false;
  w.feed.refuse = [&](const auto&) -> std::optional<error> {
    if (w.feed.fetches.size() != 5)
      return std::nullopt;
    refused = true;
    return error{errc::throttled, "429", 7s};
  };
  w.start();
  w.pass_until([&] { return refused; });

  w.pass(6'900ms);
  EXPECT_EQ(w.feed.fetches.size(), 5U);
  w.pass(200ms);
  EXPECT_GT(w.feed.fetches.size(), 5U);
}

} // namespace
} // namespace feedcast::testing
