#include "sinks/kafka/config.hpp"
#include "sinks/kafka/kafka_sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace feedcast::kafka {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

kafka_options valid() {
  kafka_options o;
  o.name = "eu";
  o.brokers = "127.0.0.1:1";
  o.topic = "cacheInvalidation";
  return o;
}

std::string value_of(const conf_handle& conf, const char* name) {
  std::array<char, 256> text{};
  std::size_t size = text.size();
  return rd_kafka_conf_get(conf.get(), name, text.data(), &size) == RD_KAFKA_CONF_OK ? text.data()
                                                                                     : "(none)";
}

TEST(kafka_config, is_safe_without_any_property) {
  const auto conf = make_producer_conf(valid());
  ASSERT_TRUE(conf);
  EXPECT_EQ(value_of(*conf, "acks"), "-1"); // all
  EXPECT_EQ(value_of(*conf, "enable.idempotence"), "false");
  EXPECT_EQ(value_of(*conf, "message.timeout.ms"), "30000");
  EXPECT_EQ(value_of(*conf, "message.send.max.retries"), "2147483647");
  EXPECT_EQ(value_of(*conf, "reconnect.backoff.max.ms"), "1000");
  EXPECT_EQ(value_of(*conf, "client.id"), "feedcast-eu");
}

TEST(kafka_config, lets_properties_win) {
  auto o = valid();
  o.properties["compression.codec"] = "lz4";
  o.properties["reconnect.backoff.max.ms"] = "2500";
  o.properties["enable.idempotence"] = "true";
  const auto conf = make_producer_conf(o);
  ASSERT_TRUE(conf) << conf.error().detail;
  EXPECT_EQ(value_of(*conf, "compression.codec"), "lz4");
  EXPECT_EQ(value_of(*conf, "reconnect.backoff.max.ms"), "2500");
}

TEST(kafka_config, refuses_an_unknown_property_by_name) {
  auto o = valid();
  o.properties["no.such.property"] = "1";
  const auto sink = kafka_sink::open(o);
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().code, errc::rejected);
  EXPECT_THAT(sink.error().detail, HasSubstr("no.such.property"));
  EXPECT_THAT(sink.error().detail, HasSubstr("No such configuration property"));
}

TEST(kafka_config, refuses_a_wrong_value_in_librdkafkas_words) {
  auto o = valid();
  o.properties["compression.codec"] = "brotli";
  const auto sink = kafka_sink::open(o);
  ASSERT_FALSE(sink);
  EXPECT_THAT(sink.error().detail, HasSubstr("compression.codec"));
  EXPECT_THAT(sink.error().detail, HasSubstr("brotli"));
}

TEST(kafka_config, never_shows_the_value_of_a_secret_property) {
  auto o = valid();
  o.secret_properties["compression.codec"] = settings::secret{"hunter2"};
  const auto sink = kafka_sink::open(o);
  ASSERT_FALSE(sink);
  EXPECT_THAT(sink.error().detail, HasSubstr("compression.codec"));
  EXPECT_THAT(sink.error().detail, Not(HasSubstr("hunter2")));
}

TEST(kafka_config, refuses_what_is_ours_to_decide_and_says_what_to_set_instead) {
  for (const auto& [name, hint] :
       {std::pair{"acks", "always all"}, std::pair{"request.required.acks", "always all"},
        std::pair{"message.timeout.ms", "tuning.produce.message_timeout"},
        std::pair{"linger.ms", "tuning.produce.linger"},
        std::pair{"bootstrap.servers", "kafka.brokers"},
        std::pair{"enable.gapless.guarantee", "fatal"}}) {
    auto o = valid();
    o.properties[name] = "1";
    const auto conf = make_producer_conf(o);
    ASSERT_FALSE(conf) << name;
    EXPECT_THAT(conf.error().detail, HasSubstr(name));
    EXPECT_THAT(conf.error().detail, HasSubstr(hint));
  }
}

TEST(kafka_config, explains_names_of_the_java_client) {
  auto o = valid();
  o.properties["ssl.truststore.location"] = "/etc/x.jks";
  EXPECT_THAT(make_producer_conf(o).error().detail, HasSubstr("ssl.ca.location"));
  o = valid();
  o.properties["sasl.jaas.config"] = "x";
  EXPECT_THAT(make_producer_conf(o).error().detail, HasSubstr("sasl.username"));
}

TEST(kafka_config, refuses_missing_brokers_and_topic) {
  auto o = valid();
  o.brokers.clear();
  EXPECT_THAT(make_producer_conf(o).error().detail, HasSubstr("kafka.brokers"));
  o = valid();
  o.topic.clear();
  EXPECT_THAT(make_producer_conf(o).error().detail, HasSubstr("kafka.topic"));
}

TEST(kafka_config, reports_a_missing_certificate_when_the_sink_is_opened) {
  auto o = valid();
  o.properties["security.protocol"] = "SSL";
  o.properties["ssl.ca.location"] = "/nonexistent/ca.pem";
  const auto sink = kafka_sink::open(o);
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().code, errc::rejected);
  EXPECT_THAT(sink.error().detail, HasSubstr("ssl.ca.location"));
}

TEST(kafka_options, come_from_a_targets_configuration) {
  settings::kafka_config config;
  config.brokers = "kafka.eu:9092";
  config.topic_prefix = "zone1-";
  config.key = "constant";
  config.create_topic = true;
  config.lsn_header = true;
  config.properties["compression.codec"] = "lz4";
  settings::tuning_config tuning;
  tuning.produce.linger = milliseconds{7};
  tuning.produce.message_timeout = milliseconds{9000};
  const auto o = make_options("eu", config, tuning);
  EXPECT_EQ(o.name, "eu");
  EXPECT_EQ(o.brokers, "kafka.eu:9092");
  EXPECT_EQ(o.topic, "zone1-cacheInvalidation");
  EXPECT_EQ(o.key, key_mode::constant);
  EXPECT_TRUE(o.create_topic);
  EXPECT_TRUE(o.lsn_header);
  EXPECT_EQ(o.properties.at("compression.codec"), "lz4");
  EXPECT_EQ(o.linger, milliseconds{7});
  EXPECT_EQ(o.message_timeout, milliseconds{9000});
}

} // namespace
} // namespace feedcast::kafka
