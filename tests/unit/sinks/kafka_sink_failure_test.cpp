#include "sink_driver.hpp"

#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <set>

namespace feedcast::kafka {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct kafka_sink_failure : mock_cluster_test {
  kafka_sink_failure() { cluster.create_topic(options.topic, 1); }

  std::set<std::int32_t> partitions_of(std::size_t messages) {
    std::set<std::int32_t> partitions;
    for (const auto& m : read_topic(options.brokers, options.topic, messages))
      partitions.insert(m.partition);
    return partitions;
  }
};

TEST_F(kafka_sink_failure, is_not_up_before_it_saw_the_topic) {
  sink_driver d{options};
  EXPECT_FALSE(d.sink->state().up);
  EXPECT_EQ(d.sink->state().reason, "not reached yet");
  EXPECT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  EXPECT_EQ(d.sink->state().reason, "");
  EXPECT_EQ(d.sink->state().error_class, "");
}

TEST_F(kafka_sink_failure, delivers_after_brokers_were_down_for_seconds) {
  const message_set before{10};
  const message_set meanwhile{100, 1000};
  sink_driver d{options};
  ASSERT_TRUE(d.produce_all(before));
  ASSERT_TRUE(d.poll_until_reported(10));
  EXPECT_TRUE(d.sink->state().up);

  cluster.set_down();
  ASSERT_TRUE(d.produce_all(meanwhile));
  // A look at the topic may run into its timeout before the connection is refused.
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().error_class == "transport"; }));
  EXPECT_FALSE(d.sink->state().up);
  EXPECT_THAT(d.sink->state().reason, HasSubstr(options.brokers));
  EXPECT_FALSE(d.poll_until([&] { return d.outcomes.size() > 10; }, 4s)) << "reported while down";

  cluster.set_up();
  const auto up = std::chrono::steady_clock::now();
  ASSERT_TRUE(d.poll_until_reported(110));
  EXPECT_LT(std::chrono::steady_clock::now() - up, 5s);
  EXPECT_EQ(d.count(delivery_outcome::acknowledged), 110U);
  EXPECT_TRUE(d.sink->state().up);
  EXPECT_EQ(d.sink->state().producer_restarts, 0U);
}

TEST_F(kafka_sink_failure, is_not_up_while_no_partition_has_a_leader) {
  sink_driver d{options};
  cluster.set_leader(options.topic, 0, -1);
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().error_class == "transport"; }));
  EXPECT_THAT(d.sink->state().reason, HasSubstr("no partition has a leader"));
  const message_set set{10};
  ASSERT_TRUE(d.produce_all(set));
  cluster.set_leader(options.topic, 0, 1);
  ASSERT_TRUE(d.poll_until_reported(10));
  EXPECT_EQ(d.count(delivery_outcome::acknowledged), 10U);
  EXPECT_TRUE(d.sink->state().up);
}

TEST_F(kafka_sink_failure, reports_retry_when_the_message_timeout_is_over) {
  options.message_timeout = 500ms;
  const message_set set{10};
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  cluster.set_down();
  ASSERT_TRUE(d.produce_all(set));
  ASSERT_TRUE(d.poll_until_reported(10));
  EXPECT_EQ(d.count(delivery_outcome::retry), 10U);
  EXPECT_TRUE(d.poll_until([&] { return !d.sink->state().up; }));
  EXPECT_GE(d.sink->state().errors, 10U);
  cluster.set_up();
  EXPECT_TRUE(d.deliver_all(set));
}

struct error_case {
  int code;
  const char* error_class;
};

struct kafka_sink_broker_errors : kafka_sink_failure, ::testing::WithParamInterface<error_case> {};

TEST_P(kafka_sink_broker_errors, are_reported_as_retry_with_their_class_and_pass) {
  const message_set set{5};
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  cluster.push_errors(mock_cluster::api::produce, {GetParam().code});
  ASSERT_EQ(d.sink->produce(set.all()), 5U);
  std::string seen;
  ASSERT_TRUE(d.poll_until([&] {
    if (seen.empty())
      seen = d.sink->state().error_class;
    return d.outcomes.size() == 5;
  }));
  EXPECT_EQ(d.count(delivery_outcome::retry), 5U);
  EXPECT_EQ(seen, GetParam().error_class);
  EXPECT_FALSE(d.sink->state().reason.empty());
  EXPECT_EQ(d.sink->produce(set.all()), 0U) << "a refused message must not come back at full speed";
  EXPECT_TRUE(d.deliver_all(set));
  EXPECT_TRUE(d.sink->state().up);
}

INSTANTIATE_TEST_SUITE_P(
    all, kafka_sink_broker_errors,
    ::testing::Values(error_case{RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "acl"},
                      error_case{RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, "acl"},
                      error_case{RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, "other"},
                      error_case{RD_KAFKA_RESP_ERR_INVALID_MSG, "other"},
                      error_case{RD_KAFKA_RESP_ERR_UNKNOWN, "other"},
                      error_case{RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, "fatal"}));

struct kafka_sink_inner_retries : kafka_sink_failure, ::testing::WithParamInterface<int> {};

TEST_P(kafka_sink_inner_retries, stay_invisible) {
  const message_set set{5};
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  cluster.push_errors(mock_cluster::api::produce, {GetParam(), GetParam()});
  ASSERT_TRUE(d.produce_all(set));
  ASSERT_TRUE(d.poll_until_reported(5));
  EXPECT_EQ(d.count(delivery_outcome::acknowledged), 5U);
}

INSTANTIATE_TEST_SUITE_P(all, kafka_sink_inner_retries,
                         ::testing::Values(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                           RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                                           RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
                                           RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                                           RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                           RD_KAFKA_RESP_ERR__TRANSPORT));

struct kafka_sink_refusals : kafka_sink_failure, ::testing::WithParamInterface<int> {};

TEST_P(kafka_sink_refusals, of_a_batch_do_not_condemn_its_messages) {
  const message_set set{100};
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  cluster.push_errors(mock_cluster::api::produce, {GetParam()});
  ASSERT_TRUE(d.produce_all(set));
  ASSERT_TRUE(d.poll_until_reported(100));
  EXPECT_EQ(d.count(delivery_outcome::acknowledged), 100U);
}

TEST_P(kafka_sink_refusals, of_a_message_alone_condemn_that_one) {
  const message_set set{1};
  const message_set later{3, 10};
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  cluster.push_errors(mock_cluster::api::produce, {GetParam(), GetParam()});
  ASSERT_TRUE(d.produce_all(set));
  ASSERT_TRUE(d.poll_until_reported(1));
  EXPECT_EQ(d.outcomes[0], std::vector{delivery_outcome::undeliverable});
  ASSERT_TRUE(d.produce_all(later));
  ASSERT_TRUE(d.poll_until_reported(4));
  EXPECT_EQ(d.count(delivery_outcome::acknowledged), 3U);
}

TEST_P(kafka_sink_refusals, that_go_on_condemn_every_message_refused_alone_and_no_other) {
  const message_set set{4};
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  const int refusal = GetParam();
  // All four, then the same four, the first two, the first alone; all the rest passes.
  cluster.push_errors(mock_cluster::api::produce, {refusal, refusal, refusal, refusal});
  ASSERT_TRUE(d.produce_all(set));
  ASSERT_TRUE(d.poll_until_reported(4));
  EXPECT_EQ(d.count(delivery_outcome::undeliverable), 1U);
  EXPECT_EQ(d.count(delivery_outcome::acknowledged), 3U);
}

INSTANTIATE_TEST_SUITE_P(all, kafka_sink_refusals,
                         ::testing::Values(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
                                           RD_KAFKA_RESP_ERR_INVALID_RECORD,
                                           RD_KAFKA_RESP_ERR_POLICY_VIOLATION));

TEST_F(kafka_sink_failure, partition_without_a_leader_is_passed_over) {
  options.topic += "_of_three"; // the fixture's has one partition, and stays as it is
  cluster.create_topic(options.topic, 3);
  cluster.set_leader(options.topic, 1, -1);
  const message_set set{100};
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  EXPECT_TRUE(d.deliver_all(set));
  EXPECT_TRUE(d.sink->state().up);
  EXPECT_THAT(partitions_of(100), ElementsAre(0, 2));

  cluster.set_leader(options.topic, 1, 1);
  const message_set later{100, 1000};
  std::size_t delivered = 100;
  EXPECT_TRUE(d.poll_until([&] { // the client learns of the leader by and by
    delivered += d.deliver_all(later) ? 100 : 0;
    return partitions_of(delivered).contains(1);
  })) << "the partition is not used again";
}

TEST_F(kafka_sink_failure, topic_with_one_replica_is_weakly_durable) {
  sink_driver d{options};
  EXPECT_TRUE(d.poll_until([&] { return d.sink->state().weak_durability; }));
  EXPECT_TRUE(d.sink->state().up);

  mock_cluster three{3};
  three.create_topic("replicated", 2, 3);
  options.brokers = three.bootstrap();
  options.topic = "replicated";
  sink_driver replicated{options};
  EXPECT_TRUE(replicated.poll_until([&] { return replicated.sink->state().up; }));
  EXPECT_FALSE(replicated.sink->state().weak_durability);
}

} // namespace
} // namespace feedcast::kafka
