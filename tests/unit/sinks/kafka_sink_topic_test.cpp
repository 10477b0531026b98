#include "sink_driver.hpp"
#include "sinks/kafka/producer.hpp"

#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>

namespace feedcast::kafka {
namespace {

using namespace testing;
using ::testing::HasSubstr;

struct kafka_sink_topic : mock_cluster_test {
  kafka_sink_topic() {
    cluster.set_topic_error(options.topic, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  }

  void topic_appears() { cluster.set_topic_error(options.topic, RD_KAFKA_RESP_ERR_NO_ERROR); }
};

TEST_F(kafka_sink_topic, missing_is_said_with_the_command_that_creates_it) {
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().error_class == "unknown_topic"; }));
  EXPECT_FALSE(d.sink->state().up);
  EXPECT_THAT(d.sink->state().reason,
              HasSubstr("kafka-topics.sh --bootstrap-server " + options.brokers
                        + " --create --topic " + options.topic
                        + " --partitions 1 "
                          "--replication-factor 1"));
  EXPECT_THAT(d.sink->state().reason, HasSubstr("--config retention.ms=300000"));
}

TEST_F(kafka_sink_topic, missing_holds_messages_back_until_it_appears) {
  const message_set set{10};
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().error_class == "unknown_topic"; }));
  EXPECT_EQ(d.sink->produce(set.all()), 0U);
  topic_appears();
  EXPECT_TRUE(d.deliver_all(set));
  EXPECT_TRUE(d.sink->state().up);
}

TEST_F(kafka_sink_topic, that_disappears_under_way_gets_its_messages_later) {
  options.properties["topic.metadata.propagation.max.ms"] = "100";
  options.properties["topic.metadata.refresh.interval.ms"] = "100";
  topic_appears();
  const message_set first{10};
  const message_set second{10, 100};
  sink_driver d{options};
  ASSERT_TRUE(d.produce_all(first));
  ASSERT_TRUE(d.poll_until_reported(10));
  cluster.set_topic_error(options.topic, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  cluster.push_errors(mock_cluster::api::produce, {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART});
  d.outcomes.clear();
  ASSERT_TRUE(d.produce_all(second));
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().error_class == "unknown_topic"; }));
  topic_appears();
  // Some may have been reported `retry`, others wait inside librdkafka.
  ASSERT_TRUE(d.poll_until([&] { return d.outcomes.size() == 10; }));
  EXPECT_TRUE(d.deliver_all(second));
}

TEST_F(kafka_sink_topic, that_cannot_be_created_says_why) {
  options.create_topic = true; // the mock does not know how to
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until(
      [&] { return d.sink->state().reason.find("could not be created") != std::string::npos; }));
  EXPECT_EQ(d.sink->state().error_class, "unknown_topic");
  EXPECT_THAT(d.sink->state().reason, HasSubstr("kafka-topics.sh"));
  topic_appears();
  EXPECT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
}

TEST_F(kafka_sink_topic, missing_refuses_messages_with_headers_and_frees_them_once) {
  options.properties["topic.metadata.propagation.max.ms"] = "100";
  options.lsn_header = true;
  auto producer = producer::open(options, std::make_shared<waker>()).value();
  const message_set set{1};
  int refused = 0;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (refused < 1000 && std::chrono::steady_clock::now() < deadline) {
    rd_kafka_message_t record{};
    record.payload = const_cast<char*>(set[0].value.data());
    record.len = set[0].value.size();
    refused += producer->enqueue(record, 7) ? 0 : 1; // taken until the brokers' answer is there
    if (refused == 0)
      producer->ask(10ms);
  }
  EXPECT_EQ(refused, 1000);
}

TEST_F(kafka_sink_topic, that_may_not_be_seen_is_a_missing_right) {
  cluster.set_topic_error(options.topic, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().error_class == "acl"; }));
  EXPECT_THAT(d.sink->state().reason, HasSubstr("grant this client WRITE"));
}

} // namespace
} // namespace feedcast::kafka
