// A crash of any actor, under a stream of changes: nothing is lost, and it is told.
#include "tests/support/actor_fixture.hpp"

#include <stdexcept>

namespace feedcast::testing {
namespace {

using metrics::actor_kind;
using metrics::restart_reason;

constexpr const char* partition_path = "target eu / collection whisks / partition 0";

/// Throws on every n-th call.
auto every(int n, const char* what) {
  return [n, what, calls = 0]() mutable {
    if (++calls % n == 0)
      throw std::runtime_error(what);
  };
}

/// A stream of changes in small pages; `check` is to be called once what is to crash was set up.
struct stormy_world : actor_world {
  stormy_world() {
    truth.one_range("0");
    feed.page_limit = 4;
    restarts.max_restarts = 1000;
    options.restarts = restarts;
  }

  void check(const std::function<void()>& heal) {
    start();
    for (int i = 0; i < 100; ++i) {
      truth.append_many("s" + std::to_string(i) + "-", 5);
      pass(50ms);
    }
    heal();
    EXPECT_TRUE(settle());
    pass(3s);
    EXPECT_EQ(stored("0"), truth.size());
    EXPECT_EQ(change_outcomes(), probe.feed_items.value()) << "the conservation law";
    EXPECT_FALSE(ended);
  }
};

TEST(restart, partition_whose_source_throws_loses_nothing) {
  stormy_world w;
  w.feed.refuse = [crash = every(7, "source")](const auto&) mutable -> std::optional<error> {
    crash();
    return std::nullopt;
  };
  w.check([&] { w.feed.refuse = nullptr; });
  EXPECT_GE(w.restarted(actor_kind::partition, restart_reason::exception), 5);
  EXPECT_EQ(w.restarted(actor_kind::collection, restart_reason::exception), 0);
}

TEST(restart, partition_that_crashes_with_batches_in_flight_loses_nothing) {
  stormy_world w;
  w.kafka.hold = true;
  w.feed.refuse = [crash = every(9, "source")](const auto&) mutable -> std::optional<error> {
    crash();
    return std::nullopt;
  };
  w.check([&] {
    w.feed.refuse = nullptr;
    w.kafka.uncork();
  });
  EXPECT_GT(w.changes(metrics::change_outcome::abandoned), 0);
}

TEST(restart, delivery_whose_sink_throws_while_producing_loses_nothing) {
  stormy_world w;
  w.kafka.before_produce = every(11, "produce");
  w.check([&] { w.kafka.before_produce = nullptr; });
  EXPECT_GE(w.restarted(actor_kind::delivery, restart_reason::exception), 3);
  EXPECT_EQ(w.restarted(actor_kind::partition, restart_reason::failure), 0)
      << "losing the delivery is not the partition's failure";
}

TEST(restart, delivery_whose_sink_throws_while_polled_loses_nothing) {
  stormy_world w;
  w.kafka.hold = true;
  w.kafka.before_poll = every(13, "poll");
  w.check([&] {
    w.kafka.before_poll = nullptr;
    w.kafka.uncork();
  });
  EXPECT_GE(w.restarted(actor_kind::delivery, restart_reason::exception), 3);
}

TEST(restart, collection_whose_store_throws_loses_nothing) {
  stormy_world w;
  w.options.leases.checkpoint.interval = 200ms;
  w.leases.fault = [](const auto& c) {
    return c.number > 7 && c.number % 5 == 4 ? store_fault::raise : store_fault::none;
  };
  w.check([&] { w.leases.fault = nullptr; });
  EXPECT_GE(w.restarted(actor_kind::collection, restart_reason::exception), 2);
}

TEST(restart, collection_whose_store_can_not_be_made_is_tried_again) {
  stormy_world w;
  int refusals = 3;
  w.before_open_leases = [&] {
    if (refusals-- > 0)
      throw std::runtime_error("no store");
  };
  w.check([] {});
  EXPECT_EQ(w.restarted(actor_kind::collection, restart_reason::exception), 3);
}

TEST(restart, delays_grow_as_the_policy_says_and_start_over_after_a_stable_time) {
  actor_world w;
  w.truth.one_range("0");
  std::vector<milliseconds> lives;
  w.feed.refuse = [&](const auto&) -> std::optional<error> {
    lives.push_back(std::chrono::duration_cast<milliseconds>(w.now().time_since_epoch()));
    if (lives.size() <= 5 || lives.size() == 50)
      throw std::runtime_error("boom");
    return std::nullopt;
  };
  w.start();
  w.pass(4s);
  ASSERT_GE(lives.size(), 6U);
  const std::vector<milliseconds> delays{100ms, 200ms, 400ms, 800ms, 1600ms};
  for (std::size_t i = 0; i < delays.size(); ++i)
    EXPECT_EQ(lives[i + 1] - lives[i], delays[i]);
  ASSERT_TRUE(w.pass_until([&] { return lives.size() >= 51; }));
  EXPECT_EQ(lives[50] - lives[49], 100ms);
}

TEST(restart, is_shown_on_the_health_board) {
  actor_world w;
  w.truth.one_range("0");
  w.feed.refuse = [](const auto&) -> std::optional<error> { throw std::runtime_error("boom"); };
  w.start();
  auto partition = w.health.snapshot().actors.at(partition_path);
  EXPECT_EQ(partition.state, "backoff");
  EXPECT_EQ(partition.last_error, "boom");
  EXPECT_EQ(partition.restarts, 1U);
  ASSERT_TRUE(partition.next_try);
  EXPECT_EQ(*partition.next_try - w.now(), 100ms);
  w.feed.refuse = nullptr;
  w.pass(100ms);
  partition = w.health.snapshot().actors.at(partition_path);
  EXPECT_EQ(partition.state, "running");
  EXPECT_FALSE(partition.next_try);
}

TEST(restart, child_that_fails_too_often_takes_its_parent_along) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 3);
  w.options.restarts.max_restarts = 2;
  w.feed.refuse = [](const auto&) -> std::optional<error> { throw std::runtime_error("boom"); };
  w.start();
  w.pass(300ms);
  EXPECT_EQ(w.restarted(actor_kind::partition, restart_reason::exception), 3);
  EXPECT_EQ(w.restarted(actor_kind::collection, restart_reason::escalated), 1);
  EXPECT_EQ(w.health.snapshot().actors.at("target eu / collection whisks").last_error,
            "partition 0: boom");
  w.feed.refuse = nullptr;
  EXPECT_TRUE(w.settle());
  EXPECT_EQ(w.feed.opened, 2U) << "the new collection opens its own source";
}

TEST(restart, target_whose_sink_can_not_be_opened_is_tried_for_ever) {
  actor_world w;
  w.restarts.max_restarts = 3;
  w.truth.one_range("0");
  w.truth.append_many("a", 3);
  w.kafka.before_open = [] { throw std::runtime_error("no such option"); };
  w.start();
  w.pass(600s, 50ms);
  EXPECT_FALSE(w.ended) << "the root never ends for a failure";
  EXPECT_GE(w.restarted(actor_kind::target, restart_reason::escalated), 5);
  w.kafka.before_open = nullptr;
  EXPECT_TRUE(w.settle());
}

TEST(restart, partitions_follow_a_new_delivery_from_their_settled_position) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 6);
  w.feed.page_limit = 2;
  w.kafka.hold = true;
  w.start();
  ASSERT_EQ(w.kafka.pending.size(), 6U);
  w.kafka.settle(0);
  w.kafka.settle(0);
  w.run();
  w.kafka.before_poll = [] { throw std::runtime_error("dies"); };
  w.pass(100ms);
  w.kafka.before_poll = nullptr;
  w.feed.fetches.clear();
  w.pass(1s);
  ASSERT_FALSE(w.feed.fetches.empty());
  EXPECT_EQ(w.feed.fetches.front().from, read_position{ledger::token(2)});
  EXPECT_EQ(w.kafka.lives, 2U);
  for (const auto why : {restart_reason::failure, restart_reason::exception})
    EXPECT_EQ(w.restarted(actor_kind::partition, why), 0);
  w.kafka.uncork();
  EXPECT_TRUE(w.settle());
}

TEST(restart, bytes_of_a_dead_partitions_messages_stay_until_the_sink_lets_go) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 50);
  w.kafka.hold = true;
  w.start();
  ASSERT_EQ(w.kafka.pending.size(), 50U);
  w.truth.append("b");
  bool once = true;
  w.feed.refuse = [&](const auto&) -> std::optional<error> {
    if (std::exchange(once, false))
      throw std::runtime_error("boom");
    return std::nullopt;
  };
  w.pass(2s);
  ASSERT_GT(w.kafka.pending.size(), 100U);
  for (int i = 0; i < 25; ++i)
    w.kafka.settle(0);
  for (int i = 0; i < 25; ++i)
    w.kafka.settle(0, delivery_outcome::retry);
  w.run();
  EXPECT_EQ(w.stored("0"), 0U) << "reports of the dead partition's messages settle nothing";
  w.kafka.uncork();
  EXPECT_TRUE(w.settle());
  w.pass(1s);
  EXPECT_EQ(w.target_probe.inflight_messages.value(), 0);
  EXPECT_EQ(w.target_probe.inflight_bytes.value(), 0);
}

} // namespace
} // namespace feedcast::testing
