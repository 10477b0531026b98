#include "sink_driver.hpp"

#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>

#include <atomic>

namespace feedcast::kafka {
namespace {

using namespace testing;
using ::testing::HasSubstr;

struct kafka_sink_replacement : mock_cluster_test {
  kafka_sink_replacement() { cluster.create_topic(options.topic, 4); }
};

TEST_F(kafka_sink_replacement, follows_a_fatal_error_and_reports_every_ticket_once) {
  // The one fatal error that can be had on demand: a sequence error of the idempotent producer.
  options.properties["enable.idempotence"] = "true";
  const message_set set{5'000};
  const message_set later{100, 10'000};
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  cluster.push_errors(mock_cluster::api::produce, {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});
  ASSERT_TRUE(d.produce_all(set));
  ASSERT_TRUE(d.poll_until_reported(5'000));
  EXPECT_EQ(d.sink->state().producer_restarts, 1U);
  EXPECT_GT(d.count(delivery_outcome::retry), 0U);
  ASSERT_TRUE(d.produce_all(later));
  ASSERT_TRUE(d.poll_until_reported(5'100));
  for (const auto& [ticket, outcomes] : d.outcomes) {
    EXPECT_EQ(outcomes.size(), 1U) << ticket;
    if (ticket >= 10'000) {
      EXPECT_EQ(outcomes[0], delivery_outcome::acknowledged);
    }
  }
  EXPECT_TRUE(d.sink->state().up);
}

TEST_F(kafka_sink_replacement, recovers_from_three_fatal_errors_in_a_row) {
  options.properties["enable.idempotence"] = "true";
  const message_set set{200};
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  constexpr int sequence = RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
  cluster.push_errors(mock_cluster::api::produce, {sequence, sequence, sequence});
  EXPECT_TRUE(d.deliver_all(set));
  EXPECT_GE(d.sink->state().producer_restarts, 1U);
}

TEST_F(kafka_sink_replacement, follows_silence_with_messages_in_flight) {
  options.stall_after = 500ms;
  options.message_timeout = 60s;
  const message_set set{100};
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  cluster.set_round_trip(20s); // takes the messages and does not answer
  ASSERT_TRUE(d.produce_all(set));
  ASSERT_TRUE(d.poll_until_reported(100));
  EXPECT_EQ(d.count(delivery_outcome::retry), 100U);
  EXPECT_GE(d.sink->state().producer_restarts, 1U);
  cluster.set_round_trip(0ms);
  EXPECT_TRUE(d.deliver_all(set));
}

TEST_F(kafka_sink_replacement, comes_long_after_silence_was_noticed) {
  mock_cluster three{3}; // with replicas, for a topic without is looked at now and then anyway
  three.create_topic("replicated", 1, 3);
  options.brokers = three.bootstrap();
  options.topic = "replicated";
  const message_set set{10};
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  ASSERT_FALSE(d.sink->state().weak_durability);
  three.set_round_trip(60s);
  const auto silent = std::chrono::steady_clock::now();
  ASSERT_TRUE(d.produce_all(set));
  ASSERT_TRUE(d.poll_until([&] { return !d.sink->state().up; }));
  // Well before the client's own 10 s for a request.
  EXPECT_LT(std::chrono::steady_clock::now() - silent, 9s);
  EXPECT_EQ(d.sink->state().error_class, "timeout");
  EXPECT_EQ(d.sink->state().producer_restarts, 0U);
}

TEST_F(kafka_sink_replacement, does_not_happen_to_an_idle_producer) {
  options.stall_after = 200ms;
  sink_driver d{options};
  EXPECT_FALSE(d.poll_until([&] { return d.sink->state().producer_restarts > 0; }, 1s));
}

TEST_F(kafka_sink_replacement, keeps_reports_back_until_the_old_producer_is_gone) {
  options.stall_after = 200ms;
  options.message_timeout = 60s;
  auto set = std::make_unique<message_set>(20, 0, 100'000); // large: sent from the caller's buffer
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  cluster.set_round_trip(20s);
  ASSERT_TRUE(d.produce_all(*set));
  ASSERT_TRUE(d.poll_until_reported(20));
  set.reset(); // the address sanitizer sees anybody who still reads
  cluster.set_round_trip(0ms);
  const message_set later{10, 100};
  EXPECT_TRUE(d.deliver_all(later));
}

TEST_F(kafka_sink_replacement, takes_up_new_secrets) {
  // A login that can't succeed: the mock knows no SASL and hangs up, which librdkafka calls a
  // refusal.
  options.properties["security.protocol"] = "SASL_PLAINTEXT";
  options.properties["sasl.mechanisms"] = "PLAIN";
  options.properties["sasl.username"] = "feedcast";
  options.secret_properties["sasl.password"] = settings::secret{"old-password"};
  options.stall_after = 500ms;
  int reloads = 0;
  options.reload_secrets = [&reloads] {
    ++reloads;
    return secret_map{{"sasl.password", settings::secret{"new-password"}}};
  };
  const message_set set{1};
  sink_driver d{options};
  ASSERT_TRUE(d.produce_all(set));
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().producer_restarts > 0; }));
  EXPECT_GT(reloads, 0);
  EXPECT_FALSE(d.sink->state().up);
  EXPECT_THAT(d.sink->state().reason, ::testing::Not(HasSubstr("password")));
}

TEST_F(kafka_sink_replacement, goes_on_when_the_new_secrets_are_not_accepted) {
  options.stall_after = 300ms;
  options.message_timeout = 60s;
  std::atomic<bool> broken = true;
  options.reload_secrets = [&broken] {
    return broken ? secret_map{{"no.such.property", settings::secret{"hunter2"}}} : secret_map{};
  };
  const message_set set{10};
  sink_driver d{options};
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  cluster.set_round_trip(20s);
  ASSERT_TRUE(d.produce_all(set));
  ASSERT_TRUE(d.poll_until(
      [&] { return d.sink->state().reason.find("no.such.property") != std::string::npos; }));
  EXPECT_THAT(d.sink->state().reason, ::testing::Not(HasSubstr("hunter2")));
  EXPECT_EQ(d.sink->produce(set.all()), 0U);
  cluster.set_round_trip(0ms);
  broken = false;
  EXPECT_TRUE(d.deliver_all(set));
}

} // namespace
} // namespace feedcast::kafka
