#include "pipeline/request_budget.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace feedcast {
namespace {

using namespace std::chrono_literals;

/// A budget and a time that stands still until it is moved.
struct timed_budget {
  /// Asks as soon as it may, for `time`; every answer comes `round_trip` later and costs `units`.
  /// Answers what was spent a second.
  double spend_for(milliseconds time, milliseconds round_trip, double units) {
    const auto end = now + time;
    double spent = 0;
    while (now < end) {
      now += budget.wait(now);
      now += round_trip;
      budget.charge(units, now);
      spent += units;
    }
    return spent / std::chrono::duration<double>(time).count();
  }

  request_budget budget;
  steady_time now{1h};
};

struct request_budget_test : ::testing::Test, timed_budget {};

TEST_F(request_budget_test, allows_everything_while_no_limit_is_known) {
  budget.charge(1e5, now);

  EXPECT_EQ(budget.wait(now), 0ms);
  EXPECT_EQ(budget.page_size(2000), 2000U);
}

TEST_F(request_budget_test, allows_the_first_request_and_pays_for_it_afterwards) {
  budget.limit(100, now);
  EXPECT_EQ(budget.wait(now), 0ms);

  budget.charge(75, now);

  EXPECT_EQ(budget.wait(now), 750ms);
  now += 740ms;
  EXPECT_EQ(budget.wait(now), 10ms);
  now += 10ms;
  EXPECT_EQ(budget.wait(now), 0ms);
}

TEST_F(request_budget_test, spends_all_of_its_rate_whatever_the_round_trip) {
  for (const double rate : {20.0, 200.0, 1000.0})
    for (const auto round_trip : {1ms, 20ms, 100ms}) {
      timed_budget each;
      each.budget.limit(rate, each.now);

      const auto spent = each.spend_for(60s, round_trip, rate * 0.9);

      EXPECT_GE(spent, 0.97 * rate) << rate << ' ' << round_trip.count();
      EXPECT_LE(spent, 1.03 * rate) << rate << ' ' << round_trip.count();
    }
}

TEST_F(request_budget_test, saves_up_a_second_and_no_more) {
  budget.limit(100, now);
  now += 1h;

  budget.charge(100, now);
  EXPECT_EQ(budget.wait(now), 0ms);
  budget.charge(10, now);
  EXPECT_EQ(budget.wait(now), 100ms);
}

TEST_F(request_budget_test, idle_polls_cost_what_they_cost_and_no_more_than_the_rate) {
  budget.limit(0.5, now);

  const auto spent = spend_for(600s, 5ms, 1);

  EXPECT_NEAR(spent, 0.5, 0.01);
}

TEST_F(request_budget_test, asks_for_pages_that_are_worth_a_second) {
  budget.limit(200, now);
  EXPECT_EQ(budget.page_size(2000), 200U) << "a document is taken for a unit until a page was seen";

  budget.note_page(100, 20);

  EXPECT_EQ(budget.page_size(2000), 1000U);
  EXPECT_EQ(budget.page_size(500), 500U);
}

TEST_F(request_budget_test, asks_for_one_document_at_least_and_for_no_tiny_pages_at_tiny_rates) {
  budget.limit(1, now);
  budget.note_page(10, 2);
  EXPECT_EQ(budget.page_size(500), 100U) << "the look at the feed would cost more than documents";

  budget.note_page(1, 400);
  EXPECT_EQ(budget.page_size(500), 1U);
}

TEST_F(request_budget_test, a_new_limit_holds_from_its_moment_and_debts_stay) {
  budget.limit(100, now);
  budget.charge(100, now);
  now += 500ms;

  budget.limit(25, now);
  EXPECT_EQ(budget.wait(now), 2000ms);

  budget.limit(std::nullopt, now);
  EXPECT_EQ(budget.wait(now), 0ms);
}

TEST_F(request_budget_test, no_charge_stops_a_range_for_ever) {
  for (const double bad : {std::nan(""), -5.0, 0.0, std::numeric_limits<double>::infinity()}) {
    budget.limit(1, now);
    budget.note_page(10, bad);
    budget.charge(bad, now);
    EXPECT_EQ(budget.wait(now), 0ms) << bad;
  }

  budget.charge(1e300, now);
  EXPECT_EQ(budget.wait(now), request_budget::longest_wait);
  now += request_budget::longest_wait;
  EXPECT_EQ(budget.wait(now), 0ms);
}

TEST_F(request_budget_test, time_that_goes_backwards_gives_nothing) {
  budget.limit(100, now);
  budget.charge(50, now);

  EXPECT_EQ(budget.wait(now - 10s), 500ms);
}

} // namespace
} // namespace feedcast
