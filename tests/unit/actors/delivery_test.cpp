// What the sink reports, and what becomes of the message.
#include "core/log.hpp"
#include "tests/support/actor_fixture.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace feedcast::testing {
namespace {

using metrics::change_outcome;
using metrics::message_outcome;

TEST(delivery, message_that_was_not_stored_is_produced_again_until_it_is) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 3);
  int refusals = 5;
  w.kafka.judge = [&](const std::string& key) {
    return key == "a1" && refusals-- > 0 ? delivery_outcome::retry : delivery_outcome::acknowledged;
  };
  w.start();
  ASSERT_TRUE(w.settle());
  EXPECT_EQ(w.kafka.count("a0"), 1U);
  EXPECT_EQ(w.kafka.count("a1"), 6U);
  EXPECT_EQ(w.target_probe.messages[message_outcome::retried].value(), 5);
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 3U);
}

TEST(delivery, repeats_are_spaced_out) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append("a");
  w.kafka.judge = [](const std::string&) { return delivery_outcome::retry; };
  w.start();
  w.pass(60s);
  EXPECT_GT(w.kafka.produced.size(), 20U);
  EXPECT_LT(w.kafka.produced.size(), 90U);
  w.kafka.judge = nullptr;
  EXPECT_TRUE(w.settle(5s));
}

TEST(delivery, undeliverable_message_is_counted_and_blocks_nothing) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 3);
  w.kafka.judge = [](const std::string& key) {
    return key == "a1" ? delivery_outcome::undeliverable : delivery_outcome::acknowledged;
  };
  w.start();
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 3U);
  EXPECT_EQ(w.kafka.count("a1"), 1U);
  EXPECT_EQ(w.target_probe.messages[message_outcome::undeliverable].value(), 1);
  EXPECT_EQ(w.changes(change_outcome::acked), 2);
  EXPECT_EQ(w.changes(change_outcome::unusable), 1);
}

TEST(delivery, full_queue_delays_and_loses_nothing) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 2000);
  w.kafka.queue = 7;
  w.kafka.hold = true;
  w.start();
  EXPECT_EQ(w.kafka.pending.size(), 7U);
  w.pass_until([&] {
    w.kafka.settle_all();
    return w.truth.missing().empty();
  });
  EXPECT_TRUE(w.truth.missing().empty());
  EXPECT_EQ(w.kafka.produced.size(), 2000U) << "none is produced twice";
  EXPECT_GT(w.target_probe.blocked_seconds.value(), 0);
}

TEST(delivery, target_that_is_not_up_is_shown_with_its_reason) {
  actor_world w;
  w.truth.one_range("0");
  w.kafka.corked = true;
  w.start();
  EXPECT_FALSE(w.health.snapshot().targets.at("eu").up);
  EXPECT_EQ(w.health.snapshot().targets.at("eu").reason, "the test corked it");
  w.kafka.uncork();
  w.pass(1s);
  EXPECT_TRUE(w.health.snapshot().targets.at("eu").up);
  EXPECT_EQ(w.target_probe.up.value(), 1);
}

TEST(delivery, each_change_of_the_targets_state_is_logged_once) {
  actor_world w;
  w.truth.one_range("0");
  ::testing::internal::CaptureStderr();
  log::configure(log::level::info, log::format::logfmt);
  w.kafka.corked = true;
  w.start();
  w.pass(10s);
  w.kafka.uncork();
  w.pass(10s);
  w.kafka.corked = true;
  w.pass(10s);
  log::configure(log::level::off, log::format::logfmt);
  std::istringstream lines{::testing::internal::GetCapturedStderr()};
  std::vector<std::string> changes;
  for (std::string line; std::getline(lines, line);)
    if (line.find("delivered to") != std::string::npos)
      changes.push_back(line.substr(line.find(" level=") + 1));
  const std::string down = R"(level=warn msg="target can't be delivered to" target=eu )"
                           R"(class=transport reason="the test corked it")";
  EXPECT_THAT(changes, ::testing::ElementsAre(
                           down, R"(level=info msg="target can be delivered to" target=eu)", down));
}

TEST(delivery, target_without_replicas_is_shown_as_weakly_durable) {
  actor_world w;
  w.truth.one_range("0");
  w.kafka.weak = true;
  w.start();
  EXPECT_EQ(w.target_probe.weak_durability.value(), 1);
  w.kafka.weak = false;
  w.pass(1s);
  EXPECT_EQ(w.target_probe.weak_durability.value(), 0);
}

TEST(delivery, nothing_is_in_flight_after_everything_was_acknowledged) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 10);
  w.kafka.hold = true;
  w.start();
  w.pass(200ms);
  EXPECT_EQ(w.target_probe.inflight_messages.value(), 10);
  EXPECT_GT(w.target_probe.inflight_bytes.value(), 500);
  w.kafka.settle_all();
  w.pass(200ms);
  EXPECT_EQ(w.target_probe.inflight_messages.value(), 0);
  EXPECT_EQ(w.target_probe.inflight_bytes.value(), 0);
}

} // namespace
} // namespace feedcast::testing
