// What can't be delivered: it is written down elsewhere before its position counts as settled.
#include "tests/support/actor_fixture.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace feedcast::testing {
namespace {

using metrics::change_outcome;
using metrics::message_outcome;
using ::testing::HasSubstr;
using ::testing::Not;

/// A range with a document without an id among others, and dead letters kept.
struct poisoned_world : actor_world {
  poisoned_world() {
    keep_dead_letters();
    truth.one_range("0");
    truth.append("before");
    truth.append_poison("poison", R"("name":"SECRET")");
    truth.append("after");
  }

  metrics::dead_letter_health shown() {
    return health.snapshot().targets.at("eu").dead_letters.value();
  }
};

/// The broker never takes a message of this key.
auto refuse(const std::string& refused) {
  return [refused](const std::string& key) {
    return key == refused ? delivery_outcome::undeliverable : delivery_outcome::acknowledged;
  };
}

TEST(dead_letter, names_the_document_and_not_its_body) {
  poisoned_world w;
  w.start();
  ASSERT_TRUE(w.settle());
  w.pass(2s);
  ASSERT_EQ(w.dead.produced.size(), 1U);
  const auto bytes = w.truth.at(1).document.size();
  EXPECT_EQ(w.dead.produced[0].value,
            R"({"v":1,"time":"2026-01-01T01:00:00.000Z","target":"eu","feed":"whisks","range":"0",)"
            R"("reason":"no_id","error":"the document has no id","lsn":2,"start":"beginning",)"
            R"("behind":"at-3","index":1,"bytes":)"
                + std::to_string(bytes) + R"(,"sha256":"hash-)" + std::to_string(bytes) + "\"}");
  EXPECT_EQ(w.dead.produced[0].key, "");
  EXPECT_EQ(w.stored("0"), 3U);
  EXPECT_EQ(w.kafka.produced.size(), 2U) << "its neighbours are delivered";
  EXPECT_EQ(w.changes(change_outcome::dead_lettered), 1);
  EXPECT_EQ(w.changes(change_outcome::acked), 2);
  EXPECT_EQ(w.changes(change_outcome::unusable), 0);
  EXPECT_EQ(w.change_outcomes(), w.probe.feed_items.value());
  EXPECT_EQ(w.target_probe.dead_letters.value(), 1);
}

TEST(dead_letter, says_between_which_positions_its_page_lies) {
  poisoned_world w;
  w.feed.page_limit = 1;
  w.start();
  ASSERT_TRUE(w.settle());
  ASSERT_EQ(w.dead.produced.size(), 1U);
  EXPECT_THAT(w.dead.produced[0].value, HasSubstr(R"("before":"at-1","behind":"at-2","index":0)"));
}

TEST(dead_letter, position_does_not_pass_one_that_is_not_written) {
  poisoned_world w;
  w.dead.corked = true;
  w.start();
  w.pass(60s, 50ms);
  w.truth.append("later");
  w.pass(600s, 200ms);
  EXPECT_EQ(w.stored("0"), 0U);
  EXPECT_EQ(w.kafka.produced.size(), 3U) << "what can be delivered is";
  EXPECT_EQ(w.shown().waiting, 1U);
  EXPECT_FALSE(w.shown().up);
  EXPECT_EQ(w.shown().reason, "the test corked it");
  EXPECT_EQ(w.target_probe.dead_letters_waiting.value(), 1);
  EXPECT_GT(w.probe.lag_seconds.value(), 600) << "the range lags behind by what it waits for";
  w.dead.uncork();
  w.pass(3s);
  EXPECT_EQ(w.stored("0"), 4U);
  EXPECT_EQ(w.shown().waiting, 0U);
  EXPECT_EQ(w.target_probe.dead_letters_waiting.value(), 0);
  EXPECT_EQ(w.probe.lag_seconds.value(), 0);
  EXPECT_EQ(w.change_outcomes(), w.probe.feed_items.value());
}

TEST(dead_letter, position_waits_until_one_in_the_sinks_hands_is_acknowledged) {
  poisoned_world w;
  w.dead.hold = true;
  w.start();
  w.pass(60s);
  EXPECT_EQ(w.dead.pending.size(), 1U);
  EXPECT_EQ(w.stored("0"), 0U);
  w.dead.settle(0);
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 3U);
}

TEST(dead_letter, one_that_was_not_stored_is_written_again_until_it_is) {
  poisoned_world w;
  int refusals = 5;
  w.dead.judge = [&](const auto&) {
    return refusals-- > 0 ? delivery_outcome::retry : delivery_outcome::acknowledged;
  };
  w.start();
  ASSERT_TRUE(w.settle());
  EXPECT_EQ(w.dead.produced.size(), 6U);
  EXPECT_EQ(w.target_probe.dead_letters.value(), 1);
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 3U);
}

TEST(dead_letter, one_that_its_topic_refuses_for_good_holds_the_position) {
  poisoned_world w;
  w.dead.judge = [](const auto&) { return delivery_outcome::undeliverable; };
  w.start();
  w.pass(60s);
  EXPECT_EQ(w.stored("0"), 0U);
  EXPECT_LT(w.dead.produced.size(), 90U) << "the tries are spaced out";
  w.dead.judge = nullptr;
  w.pass(5s);
  EXPECT_EQ(w.stored("0"), 3U);
}

TEST(dead_letter, a_refused_message_becomes_one_under_its_key) {
  actor_world w;
  w.keep_dead_letters();
  w.truth.one_range("0");
  w.truth.append_many("a", 3);
  w.kafka.judge = refuse("a1");
  w.dead.hold = true;
  w.start();
  w.pass(60s);
  EXPECT_EQ(w.stored("0"), 0U) << "the refusal alone settles nothing";
  ASSERT_EQ(w.dead.pending.size(), 1U);
  w.dead.settle(0);
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 3U);
  EXPECT_EQ(w.dead.produced[0].key, "a1");
  EXPECT_THAT(w.dead.produced[0].value, HasSubstr(R"("reason":"refused")"));
  EXPECT_THAT(w.dead.produced[0].value, HasSubstr(R"("id":"a1","lsn":2,)"));
  EXPECT_THAT(w.dead.produced[0].value, Not(HasSubstr("nodejs")));
  EXPECT_EQ(w.kafka.count("a1"), 1U);
  EXPECT_EQ(w.target_probe.messages[message_outcome::undeliverable].value(), 1);
  EXPECT_EQ(w.changes(change_outcome::acked), 2);
  EXPECT_EQ(w.changes(change_outcome::dead_lettered), 1);
  EXPECT_EQ(w.changes(change_outcome::unusable), 0);
}

TEST(dead_letter, a_page_of_nothing_else_is_settled_by_them) {
  actor_world w;
  w.keep_dead_letters();
  w.truth.one_range("0");
  for (int i = 0; i < 200; ++i)
    w.truth.append_poison("p" + std::to_string(i), R"("id":null)");
  w.dead.queue = 7;
  w.dead.hold = true;
  w.start();
  EXPECT_TRUE(w.pass_until([&] {
    w.dead.settle_all();
    return w.truth.missing().empty();
  }));
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 200U);
  EXPECT_EQ(w.dead.produced.size(), 200U) << "none is written twice";
  EXPECT_TRUE(w.kafka.produced.empty());
  EXPECT_EQ(w.changes(change_outcome::dead_lettered), 200);
}

TEST(dead_letter, a_restart_in_between_writes_it_again) {
  poisoned_world w;
  w.dead.hold = true;
  w.start();
  ASSERT_EQ(w.dead.pending.size(), 1U);
  w.kafka.before_poll = [] { throw std::runtime_error("the delivery dies"); };
  w.pass(100ms);
  w.kafka.before_poll = nullptr;
  w.pass(10s);
  EXPECT_EQ(w.stored("0"), 0U);
  ASSERT_EQ(w.dead.pending.size(), 1U) << "the new delivery has it again";
  w.dead.settle(0);
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 3U);
  EXPECT_EQ(w.dead.produced.size(), 2U);
  EXPECT_EQ(w.change_outcomes(), w.probe.feed_items.value());
}

TEST(dead_letter, partitions_that_come_and_go_leave_none_behind) {
  poisoned_world w;
  w.restarts.max_restarts = 1'000;
  w.options.restarts = w.restarts;
  w.dead.corked = true;
  w.start();
  std::size_t lives = 0;
  w.feed.refuse = [&](const auto&) -> std::optional<error> {
    if (++lives % 3 == 0)
      throw std::runtime_error("the partition dies");
    return std::nullopt;
  };
  double most = 0;
  w.pass_until(
      [&] {
        most = std::max(most, w.target_probe.dead_letters_waiting.value());
        return lives > 20;
      },
      1'000s);
  ASSERT_GT(lives, 20U);
  EXPECT_EQ(most, 1);
  w.feed.refuse = nullptr;
  w.dead.uncork();
  ASSERT_TRUE(w.settle());
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 3U);
}

TEST(dead_letter, one_that_a_lost_partition_left_with_the_sink_settles_nothing) {
  poisoned_world w;
  w.dead.hold = true;
  w.start();
  ASSERT_EQ(w.dead.pending.size(), 1U);
  bool once = true;
  w.feed.refuse = [&](const auto&) -> std::optional<error> {
    if (std::exchange(once, false))
      throw std::runtime_error("the partition dies");
    return std::nullopt;
  };
  w.pass(20s);
  ASSERT_EQ(w.dead.pending.size(), 2U) << "the next partition's is another one";
  w.dead.settle(0);
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 0U) << "the report of the lost partition's settles nothing of the next";
  w.dead.settle(0, delivery_outcome::retry);
  w.pass(5s);
  ASSERT_EQ(w.dead.pending.size(), 1U);
  w.dead.settle(0);
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 3U);
}

TEST(dead_letter, a_drain_waits_for_it) {
  poisoned_world w;
  w.dead.hold = true;
  w.start();
  w.drain();
  w.pass(5s);
  EXPECT_FALSE(w.ended);
  w.dead.settle(0);
  EXPECT_TRUE(w.pass_until([&] { return w.ended.has_value(); }, 10s));
  EXPECT_EQ(w.stored("0"), 3U);
}

TEST(dead_letter, reading_on_ahead_of_one_that_waits_is_bounded) {
  poisoned_world w;
  w.dead.corked = true;
  w.feed.page_limit = 1;
  w.options.partition.window.held = 20;
  w.start();
  for (int i = 0; i < 100; ++i) {
    w.truth.append("a" + std::to_string(i));
    w.pass(1s, 50ms);
  }
  EXPECT_GE(w.kafka.produced.size(), 20U);
  EXPECT_LE(w.kafka.produced.size(), 25U);
  w.dead.uncork();
  EXPECT_TRUE(w.settle());
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 103U);
}

TEST(dead_letter, without_a_place_for_it_the_document_is_counted_and_skipped) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append("before");
  w.truth.append_poison("poison", R"("name":"x")");
  w.start();
  ASSERT_TRUE(w.settle());
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 2U);
  EXPECT_EQ(w.changes(change_outcome::unusable), 1);
  EXPECT_EQ(w.change_outcomes(), w.probe.feed_items.value());
  EXPECT_FALSE(w.health.snapshot().targets.at("eu").dead_letters);
}

} // namespace
} // namespace feedcast::testing
