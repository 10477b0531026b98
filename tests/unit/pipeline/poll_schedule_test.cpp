#include "pipeline/poll_schedule.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;

TEST(poll_schedule, backs_off_while_idle_and_hurries_while_changes_come) {
  feedcast::poll_schedule s{100ms, 1000ms};
  EXPECT_EQ(s.after_changes(), 0ms);
  EXPECT_EQ(s.after_nothing(), 100ms);
  EXPECT_EQ(s.after_nothing(), 200ms);
  EXPECT_EQ(s.after_nothing(), 400ms);
  EXPECT_EQ(s.after_nothing(), 800ms);
  EXPECT_EQ(s.after_nothing(), 1000ms);
  EXPECT_EQ(s.after_nothing(), 1000ms);
  EXPECT_EQ(s.after_changes(), 0ms);
  EXPECT_EQ(s.after_nothing(), 100ms);
}

TEST(poll_schedule, a_longest_wait_below_the_first_is_lifted_to_it) {
  feedcast::poll_schedule s{500ms, 100ms};
  EXPECT_EQ(s.after_nothing(), 500ms);
  EXPECT_EQ(s.after_nothing(), 500ms);
}
