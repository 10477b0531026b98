#include "sink_driver.hpp"
#include "sinks/kafka/topic.hpp"

#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>

namespace feedcast::kafka {
namespace {

using namespace testing;
using ::testing::HasSubstr;

struct probe_topic_test : mock_cluster_test {};

TEST_F(probe_topic_test, tells_partitions_and_replicas) {
  mock_cluster three{3};
  options.brokers = three.bootstrap();
  three.create_topic(options.topic, 4, 3);
  const auto facts = probe_topic(options, 10s);
  ASSERT_TRUE(facts) << to_string(facts.error());
  EXPECT_EQ(facts->partitions, 4U);
  EXPECT_EQ(facts->least_replicas, 3U);
  EXPECT_EQ(facts->leaderless, 0U);
}

TEST_F(probe_topic_test, says_that_no_broker_answers_and_why) {
  cluster.set_down();
  const auto start = std::chrono::steady_clock::now();
  const auto facts = probe_topic(options, 2s);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, errc::unavailable);
  EXPECT_THAT(facts.error().detail, HasSubstr("no broker could be reached"));
  EXPECT_THAT(facts.error().detail, HasSubstr("Connection refused"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
}

TEST_F(probe_topic_test, gives_the_create_command_for_a_missing_topic) {
  cluster.set_topic_error(options.topic, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  const auto facts = probe_topic(options, 10s);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, errc::not_found);
  EXPECT_THAT(facts.error().detail, HasSubstr(create_command(options)));
}

TEST_F(probe_topic_test, says_that_a_right_is_missing) {
  cluster.set_topic_error(options.topic, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  const auto facts = probe_topic(options, 10s);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, errc::forbidden);
  EXPECT_THAT(facts.error().detail, HasSubstr("not authorized"));
}

TEST_F(probe_topic_test, a_record_is_written_when_asked_for) {
  const auto written = probe_write(options, "key", "value", 10s);
  ASSERT_TRUE(written) << to_string(written.error());
  const auto all = read_topic(cluster.bootstrap(), options.topic, 1);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].value, "value");
}

TEST_F(probe_topic_test, says_that_the_right_to_write_is_missing) {
  cluster.push_errors(mock_cluster::api::produce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  const auto written = probe_write(options, "key", "value", 10s);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, errc::forbidden);
  EXPECT_THAT(written.error().detail, HasSubstr("grant this client WRITE"));
}

TEST_F(probe_topic_test, tells_that_a_plain_text_broker_was_spoken_to_in_tls) {
  options.properties["security.protocol"] = "SSL"; // the mock speaks plain text
  const auto facts = probe_topic(options, 2s);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, errc::unavailable);
  EXPECT_THAT(facts.error().detail, HasSubstr("SSL_HANDSHAKE"));
  EXPECT_THAT(facts.error().detail, HasSubstr("security.protocol"));
}

TEST_F(probe_topic_test, refuses_wrong_options) {
  options.properties["no.such.property"] = "1";
  const auto facts = probe_topic(options, 5s);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, errc::rejected);
}

TEST(explained_refusal, tells_that_scram_needs_a_newer_client) {
  auto options = options_for("kafka.eu:9092");
  const auto told = [&] { return explain(RD_KAFKA_RESP_ERR__AUTHENTICATION, "refused", options); };
  options.properties["sasl.mechanism"] = "PLAIN";
  EXPECT_THAT(told(), ::testing::Not(HasSubstr("SCRAM")));
  options.properties["sasl.mechanism"] = "SCRAM-SHA-512";
  const bool old_client = rd_kafka_version() < 0x020601ff;
  EXPECT_EQ(told().find("can't log in with SCRAM at Kafka 4") != std::string::npos, old_client);
}

TEST(create_command, has_the_settings_of_an_openwhisk_controller) {
  EXPECT_EQ(create_command(options_for("kafka.eu:9092")),
            "kafka-topics.sh --bootstrap-server kafka.eu:9092 --create --topic cacheInvalidation "
            "--partitions 1 --replication-factor 1 --config retention.bytes=1073741824 --config "
            "retention.ms=300000 --config segment.bytes=536870912");
}

} // namespace
} // namespace feedcast::kafka
