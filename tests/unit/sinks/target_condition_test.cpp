#include "sinks/kafka/target_condition.hpp"

#include <gtest/gtest.h>

namespace feedcast::kafka {
namespace {

TEST(target_condition, is_down_until_something_proves_otherwise) {
  target_condition c;
  EXPECT_FALSE(c.now().up);
  EXPECT_TRUE(c.wants_look());
  c.saw_topic();
  EXPECT_TRUE(c.now().up);
  EXPECT_FALSE(c.wants_look());
}

TEST(target_condition, keeps_the_reason_of_a_failure_until_it_recovers) {
  target_condition c;
  c.failed(delivery_class::timeout, "no answer");
  EXPECT_FALSE(c.now().up);
  EXPECT_EQ(c.now().reason, "no answer");
  EXPECT_EQ(c.now().error_class, "timeout");
  c.acknowledged();
  EXPECT_TRUE(c.now().up);
  EXPECT_EQ(c.now().reason, "");
  EXPECT_EQ(c.now().error_class, "");
}

TEST(target_condition, keeps_a_better_reason_when_something_takes_too_long) {
  target_condition c;
  c.timed_out("a message");
  EXPECT_EQ(c.now().error_class, "timeout");
  c.failed(delivery_class::transport, "connection refused");
  c.timed_out("another message");
  EXPECT_EQ(c.now().error_class, "transport");
  EXPECT_EQ(c.now().reason, "connection refused");
  c.acknowledged();
  c.timed_out("a third");
  EXPECT_EQ(c.now().error_class, "timeout");
}

TEST(target_condition, takes_only_an_acknowledgement_against_a_missing_right_to_write) {
  target_condition c;
  c.failed(delivery_class::acl, "not authorized");
  c.saw_topic();
  EXPECT_FALSE(c.now().up);
  c.acknowledged();
  EXPECT_TRUE(c.now().up);
}

TEST(target_condition, takes_a_second_look_before_it_believes_a_suspicion) {
  target_condition c;
  c.acknowledged();
  c.suspect();
  EXPECT_TRUE(c.now().up);
  EXPECT_TRUE(c.wants_look());
  c.saw_topic();
  EXPECT_TRUE(c.now().up);
  EXPECT_FALSE(c.wants_look());
}

TEST(target_condition, counts_errors_and_restarts) {
  target_condition c;
  c.count_error();
  c.count_error();
  c.count_restart();
  EXPECT_EQ(c.now().errors, 2U);
  EXPECT_EQ(c.now().producer_restarts, 1U);
}

} // namespace
} // namespace feedcast::kafka
