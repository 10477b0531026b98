// confirm_after through the actors: the second message, crashes between the two, drain.
#include "tests/support/actor_fixture.hpp"

namespace feedcast::testing {
namespace {

using metrics::change_outcome;

struct world : actor_world {
  explicit world(std::size_t changes) {
    truth.one_range("0");
    options.partition.window.confirm_after = 2s;
    truth.append_many("a", changes);
  }
};

TEST(confirmation, each_message_is_sent_again_and_only_then_the_position_is_stored) {
  world w{3};
  w.start();
  EXPECT_EQ(w.kafka.produced.size(), 3U);
  w.pass(1900ms);
  EXPECT_EQ(w.kafka.produced.size(), 3U);
  EXPECT_EQ(w.stored("0"), 0U);
  w.pass(1500ms);
  EXPECT_EQ(w.kafka.produced.size(), 6U);
  EXPECT_EQ(w.kafka.count("a1"), 2U);
  EXPECT_EQ(w.stored("0"), 3U);
  EXPECT_EQ(w.changes(change_outcome::acked), 3);
}

TEST(confirmation, the_second_message_comes_as_soon_as_it_is_due) {
  world w{1};
  w.start();
  ASSERT_TRUE(w.pass_until([&] { return w.kafka.produced.size() == 2; }));
  const auto second = w.now();
  w.truth.append("b");
  ASSERT_TRUE(w.pass_until([&] { return w.kafka.count("b") == 1; }));
  const auto first = w.now();
  ASSERT_TRUE(w.pass_until([&] { return w.kafka.count("b") == 2; }));
  EXPECT_GE(w.now() - first, 1900ms);
  EXPECT_LE(w.now() - first, 2100ms);
  EXPECT_LT(second, first);
}

TEST(confirmation, a_crash_between_the_two_sends_both_again) {
  world w{2};
  w.start();
  w.pass(1s);
  ASSERT_EQ(w.kafka.produced.size(), 2U);
  w.kill();
  EXPECT_EQ(w.stored("0"), 0U);
  w.start();
  w.pass(4s);
  EXPECT_EQ(w.kafka.count("a0"), 3U);
  EXPECT_EQ(w.stored("0"), 2U);
}

TEST(confirmation, own_changes_get_the_later_message_alone) {
  world w{0};
  w.options.partition.stages.filter.confirm_own = true;
  w.truth.append_own("mine", "own");
  w.start();
  w.pass(1900ms);
  EXPECT_TRUE(w.kafka.produced.empty());
  EXPECT_EQ(w.stored("0"), 0U);
  w.pass(1500ms);
  EXPECT_EQ(w.kafka.count("mine"), 1U);
  EXPECT_EQ(w.stored("0"), 1U);
  EXPECT_EQ(w.changes(change_outcome::acked), 1);
  EXPECT_EQ(w.changes(change_outcome::origin_suppressed), 0);
}

TEST(confirmation, a_drain_does_not_wait_for_it_and_leaves_the_position_before_it) {
  world w{2};
  w.start();
  ASSERT_EQ(w.kafka.produced.size(), 2U);
  w.drain();
  w.pass(500ms);
  EXPECT_TRUE(w.ended) << "it waited for what rests";
  EXPECT_EQ(w.stored("0"), 0U);
  EXPECT_EQ(w.changes(change_outcome::abandoned), 2);
  w.start();
  w.pass(4s);
  EXPECT_EQ(w.stored("0"), 2U);
}

TEST(confirmation, a_split_does_not_wait_for_it_and_children_send_both_again) {
  world w{4};
  w.start();
  ASSERT_EQ(w.kafka.produced.size(), 4U);
  w.truth.split("0", "1", "2");
  w.truth.show_children();
  w.pass(60s);
  EXPECT_TRUE(w.truth.missing().empty());
  EXPECT_EQ(w.kafka.produced.size(), 12U) << "once by the parent, twice by the children";
  EXPECT_EQ(w.change_outcomes(), w.probe.feed_items.value());
}

TEST(confirmation, a_message_that_is_refused_twice_is_one_dead_letter) {
  world w{2};
  w.keep_dead_letters();
  w.kafka.judge = [](const std::string& key) {
    return key == "a0" ? delivery_outcome::undeliverable : delivery_outcome::acknowledged;
  };
  w.start();
  w.pass(4s);
  EXPECT_EQ(w.dead.produced.size(), 1U);
  EXPECT_EQ(w.changes(change_outcome::dead_lettered), 1);
  EXPECT_EQ(w.changes(change_outcome::acked), 1);
  EXPECT_EQ(w.stored("0"), 2U);
}

TEST(confirmation, a_target_that_was_dark_is_told_once) {
  world w{3};
  w.kafka.corked = true;
  w.start();
  w.pass(10s);
  w.kafka.uncork();
  w.pass(10s);
  // The batch was at the target from the start, so it has a second turn; what waited has not.
  EXPECT_EQ(w.stored("0"), 3U);
  EXPECT_LE(w.kafka.produced.size(), 6U);
}

} // namespace
} // namespace feedcast::testing
