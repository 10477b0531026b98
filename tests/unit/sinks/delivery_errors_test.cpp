#include "sinks/kafka/delivery_errors.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <set>

namespace feedcast::kafka {
namespace {

/// Every code that this librdkafka can report.
std::set<rd_kafka_resp_err_t> all_codes() {
  const rd_kafka_err_desc* descriptions = nullptr;
  std::size_t count = 0;
  rd_kafka_get_err_descs(&descriptions, &count);
  std::set<rd_kafka_resp_err_t> codes;
  for (std::size_t i = 0; i < count; ++i)
    if (descriptions[i].desc != nullptr)
      codes.insert(descriptions[i].code);
  // Range markers, no errors.
  codes.erase(RD_KAFKA_RESP_ERR__BEGIN);
  codes.erase(RD_KAFKA_RESP_ERR__END);
  return codes;
}

TEST(delivery_errors, are_all_in_the_table) {
  const auto codes = all_codes();
  EXPECT_GT(codes.size(), 140U);
  for (const auto code : codes)
    EXPECT_TRUE(find_class(code).has_value()) << rd_kafka_err2name(code);
}

TEST(delivery_errors, let_nothing_but_no_error_acknowledge) {
  for (const auto code : all_codes()) {
    EXPECT_EQ(outcome_of(code) == delivery_outcome::acknowledged,
              code == RD_KAFKA_RESP_ERR_NO_ERROR)
        << rd_kafka_err2name(code);
    EXPECT_EQ(classify(code) == delivery_class::none, code == RD_KAFKA_RESP_ERR_NO_ERROR)
        << rd_kafka_err2name(code);
  }
}

TEST(delivery_errors, give_up_only_on_records_that_can_never_be_taken) {
  const std::set<rd_kafka_resp_err_t> never{
      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
      RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_POLICY_VIOLATION};
  for (const auto code : all_codes())
    EXPECT_EQ(outcome_of(code) == delivery_outcome::undeliverable, never.contains(code))
        << rd_kafka_err2name(code);
}

TEST(delivery_errors, of_a_kind_not_known_yet_are_tried_again) {
  const auto future = static_cast<rd_kafka_resp_err_t>(200);
  EXPECT_FALSE(find_class(future));
  EXPECT_EQ(classify(future), delivery_class::other);
  EXPECT_EQ(outcome_of(future), delivery_outcome::retry);
}

TEST(delivery_errors, carry_the_class_an_operator_acts_on) {
  EXPECT_EQ(to_string(classify(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)), "timeout");
  EXPECT_EQ(to_string(classify(RD_KAFKA_RESP_ERR__AUTHENTICATION)), "auth");
  EXPECT_EQ(to_string(classify(RD_KAFKA_RESP_ERR__SSL)), "auth");
  EXPECT_EQ(to_string(classify(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)), "acl");
  EXPECT_EQ(to_string(classify(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)), "unknown_topic");
  EXPECT_EQ(to_string(classify(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)), "too_large");
  EXPECT_EQ(to_string(classify(RD_KAFKA_RESP_ERR__FATAL)), "fatal");
  EXPECT_EQ(to_string(classify(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)), "transport");
  EXPECT_EQ(to_string(classify(RD_KAFKA_RESP_ERR_POLICY_VIOLATION)), "other");
  EXPECT_EQ(to_string(delivery_class::none), "");
}

} // namespace
} // namespace feedcast::kafka
