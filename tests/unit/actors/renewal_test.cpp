// A restart of a target that an operator asks for: a new producer, nothing lost, nothing skipped.
#include "tests/support/actor_fixture.hpp"

#include <stdexcept>

namespace feedcast::testing {
namespace {

using metrics::actor_kind;
using metrics::restart_reason;

TEST(renewal, gives_the_target_a_new_sink_and_source_and_goes_on_from_what_is_settled) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 6);
  w.feed.page_limit = 2;
  w.kafka.hold = true;
  w.start();
  ASSERT_EQ(w.kafka.pending.size(), 6U);
  w.kafka.settle(0);
  w.kafka.settle(0);
  w.pass(2s); // the position behind these two is stored
  ASSERT_EQ(w.stored("0"), 2U);
  w.feed.fetches.clear();

  w.renew("eu");
  w.pass(1s);

  EXPECT_EQ(w.kafka.lives, 2U);
  EXPECT_EQ(w.feed.opened, 2U);
  ASSERT_FALSE(w.feed.fetches.empty());
  EXPECT_EQ(w.feed.fetches.front().from, read_position{ledger::token(2)});
  EXPECT_EQ(w.restarted(actor_kind::target, restart_reason::requested), 1);
  EXPECT_EQ(w.restarted(actor_kind::target, restart_reason::failure), 0);
  w.kafka.uncork();
  EXPECT_TRUE(w.settle());
}

TEST(renewal, under_load_loses_nothing_however_often) {
  actor_world w;
  w.truth.one_range("0");
  w.feed.page_limit = 4;
  w.start();
  for (int i = 0; i < 100; ++i) {
    w.truth.append_many("s" + std::to_string(i) + "-", 5);
    w.pass(50ms);
    if (i % 9 == 0)
      w.renew("eu");
  }
  EXPECT_TRUE(w.settle());
  w.pass(3s);
  EXPECT_EQ(w.stored("0"), w.truth.size());
  EXPECT_EQ(w.change_outcomes(), w.probe.feed_items.value()) << "the conservation law";
  EXPECT_GE(w.restarted(actor_kind::target, restart_reason::requested), 5);
  EXPECT_FALSE(w.ended);
}

TEST(renewal, is_shown_with_its_reason) {
  actor_world w;
  w.truth.one_range("0");
  w.start();
  w.renew("eu");
  EXPECT_EQ(w.health.snapshot().actors.at("target eu").last_error, "a restart was asked for");
  w.pass(1s);
  const auto actors = w.health.snapshot().actors;
  EXPECT_EQ(actors.at("target eu").state, "running");
  EXPECT_EQ(actors.count("target eu / delivery"), 1U);
  EXPECT_EQ(actors.count("target eu / collection whisks / partition 0"), 1U);
}

TEST(renewal, of_a_target_that_waits_for_its_next_try_is_that_try) {
  actor_world w;
  w.restarts.max_restarts = 1;
  w.truth.one_range("0");
  w.truth.append_many("a", 3);
  w.kafka.before_open = [] { throw std::runtime_error("no such option"); };
  w.start();
  ASSERT_TRUE(w.pass_until(
      [&] {
        const auto t = w.health.snapshot().actors.at("target eu");
        return t.state == "backoff" && t.next_try && *t.next_try - w.now() > 10s;
      },
      600s));
  w.kafka.before_open = nullptr;

  w.renew("eu");
  w.pass(1s);

  EXPECT_TRUE(w.truth.missing().empty());
}

TEST(renewal, of_an_unknown_target_or_during_a_drain_does_nothing) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 3);
  w.kafka.hold = true;
  w.start();
  w.renew("us");
  w.pass(1s);
  EXPECT_EQ(w.kafka.lives, 1U);
  w.drain();
  w.renew("eu");
  EXPECT_EQ(w.kafka.lives, 1U);
  w.kafka.uncork();
  w.pass(2s);
  EXPECT_TRUE(w.ended);
  EXPECT_TRUE(w.truth.missing().empty());
}

} // namespace
} // namespace feedcast::testing
