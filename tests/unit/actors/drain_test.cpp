// The orderly end, from every state.
#include "tests/support/actor_fixture.hpp"

#include <stdexcept>

namespace feedcast::testing {
namespace {

using metrics::lease_change;

struct draining_world : actor_world {
  draining_world() {
    truth.one_range("0");
    truth.append_many("a", 5);
  }

  bool ended_well() const { return ended && !*ended; }
};

TEST(drain, stores_the_last_position_and_gives_the_lease_back) {
  draining_world w;
  w.start();
  ASSERT_TRUE(w.settle());
  w.drain();
  EXPECT_TRUE(w.ended_well());
  EXPECT_EQ(w.stored("0"), 5U);
  EXPECT_EQ(w.leases.leases.at("0").owner, "");
  EXPECT_EQ(w.probe.lease_changes[lease_change::shutdown].value(), 1);
}

TEST(drain, waits_for_acknowledgements_and_asks_the_feed_no_more) {
  draining_world w;
  w.kafka.hold = true;
  w.start();
  w.drain();
  const auto fetches = w.feed.fetches.size();
  w.truth.append_many("b", 5);
  w.pass(5s);
  EXPECT_FALSE(w.ended);
  EXPECT_EQ(w.feed.fetches.size(), fetches);
  EXPECT_EQ(w.stored("0"), 0U);
  w.kafka.settle_all();
  w.pass(100ms);
  EXPECT_TRUE(w.ended_well());
  EXPECT_EQ(w.stored("0"), 5U);
  EXPECT_EQ(w.leases.leases.at("0").owner, "");
}

TEST(drain, next_run_goes_on_where_it_ended) {
  draining_world w;
  w.start();
  ASSERT_TRUE(w.settle());
  w.drain();
  w.kill();
  w.truth.append_many("b", 5);
  w.start();
  ASSERT_TRUE(w.settle());
  EXPECT_EQ(w.kafka.produced.size(), 10U);
}

TEST(drain, does_not_end_while_the_target_stands_still_and_a_kill_leaks_nothing) {
  draining_world w;
  w.kafka.corked = true;
  w.start();
  w.drain();
  w.pass(60s);
  EXPECT_FALSE(w.ended) << "the deadline is the program's affair";
  w.kill();
  EXPECT_TRUE(w.ended);
  EXPECT_EQ(w.stored("0"), 0U);
}

TEST(drain, ends_at_any_moment_of_the_bootstrap) {
  for (std::size_t n = 0; n < 8; ++n) {
    SCOPED_TRACE("answers held from call " + std::to_string(n));
    draining_world w;
    w.leases.fault = [&](const lease_table::call& c) {
      w.leases.hold = c.number >= n;
      return store_fault::none;
    };
    w.start();
    w.drain();
    w.leases.fault = nullptr;
    w.leases.hold = false;
    w.leases.answer_all();
    w.pass(2s);
    EXPECT_TRUE(w.ended_well());
  }
}

TEST(drain, ends_while_the_store_can_not_be_opened) {
  draining_world w;
  w.leases.fault = [](const auto&) { return store_fault::fail; };
  w.start();
  w.pass(5s);
  w.drain();
  EXPECT_TRUE(w.ended_well());
}

TEST(drain, asked_for_twice_is_asked_for_once) {
  draining_world w;
  w.kafka.hold = true;
  w.start();
  w.drain();
  w.drain();
  EXPECT_FALSE(w.ended);
  w.kafka.settle_all();
  w.drain();
  w.pass(100ms);
  EXPECT_TRUE(w.ended_well());
  EXPECT_EQ(w.stored("0"), 5U);
}

TEST(drain, partition_that_waits_for_its_restart_is_not_started_again) {
  draining_world w;
  w.feed.refuse = [](const auto&) -> std::optional<error> { throw std::runtime_error("boom"); };
  w.start();
  w.leases.hold = true; // the release takes longer than the restart would
  w.drain();
  w.feed.refuse = nullptr;
  const auto fetches = w.feed.fetches.size();
  w.pass(5s);
  w.leases.hold = false;
  w.leases.answer_all();
  w.pass(1s);
  EXPECT_TRUE(w.ended_well());
  EXPECT_EQ(w.feed.fetches.size(), fetches);
}

TEST(drain, ends_between_the_end_of_a_range_and_the_sight_of_its_children) {
  draining_world w;
  w.start();
  ASSERT_TRUE(w.settle());
  w.truth.split("0", "1", "2");
  w.truth.append_many("b", 5);
  ASSERT_TRUE(w.pass_until([&] { return w.probe.lease_changes[lease_change::split].value() > 0; }));
  w.drain();
  w.pass(2s);
  EXPECT_TRUE(w.ended_well());
  EXPECT_EQ(w.leases.leases.at("0").owner, "");
  w.kill();
  w.truth.show_children();
  w.start();
  EXPECT_TRUE(w.settle());
}

TEST(drain, release_that_fails_is_tried_again) {
  draining_world w;
  w.start();
  ASSERT_TRUE(w.settle());
  w.leases.fault = [](const auto&) { return store_fault::fail; };
  w.drain();
  w.pass(5s);
  EXPECT_FALSE(w.ended);
  w.leases.fault = nullptr;
  w.pass(1s);
  EXPECT_TRUE(w.ended_well());
  EXPECT_EQ(w.stored("0"), 5U);
  EXPECT_EQ(w.leases.leases.at("0").owner, "");
}

TEST(drain, release_whose_answer_was_lost_is_recognised) {
  draining_world w;
  w.start();
  ASSERT_TRUE(w.settle());
  bool once = true;
  w.leases.fault = [&](const lease_table::call& c) {
    return c.what == "replace" && std::exchange(once, false) ? store_fault::lose_reply
                                                             : store_fault::none;
  };
  w.drain();
  w.pass(2s);
  EXPECT_TRUE(w.ended_well());
  EXPECT_EQ(w.leases.leases.at("0").owner, "");
}

TEST(drain, lease_that_was_taken_over_meanwhile_is_left_to_its_owner) {
  draining_world w;
  w.start();
  ASSERT_TRUE(w.settle());
  w.pass(2s);
  w.leases.put("0", "other", 5, w.clock.wall());
  w.drain();
  w.pass(1s);
  EXPECT_TRUE(w.ended_well());
  EXPECT_EQ(w.leases.leases.at("0").owner, "other");
}

TEST(drain, collection_that_crashes_meanwhile_is_not_started_again) {
  draining_world w;
  w.start();
  ASSERT_TRUE(w.settle());
  w.leases.fault = [](const auto&) { return store_fault::raise; };
  w.drain();
  w.leases.fault = nullptr;
  w.pass(60s);
  EXPECT_TRUE(w.ended_well());
  EXPECT_EQ(w.feed.opened, 1U);
}

TEST(drain, delivery_that_crashes_meanwhile_costs_a_repetition_and_no_change) {
  draining_world w;
  w.kafka.hold = true;
  w.start();
  w.kafka.before_poll = [] { throw std::runtime_error("dies"); };
  w.drain();
  w.pass(60s);
  EXPECT_TRUE(w.ended_well());
  EXPECT_EQ(w.stored("0"), 0U);
  w.kill();
  w.kafka.before_poll = nullptr;
  w.kafka.uncork();
  w.start();
  EXPECT_TRUE(w.settle());
}

TEST(drain, target_in_backoff_does_not_hold_it_up) {
  draining_world w;
  w.restarts.max_restarts = 1;
  w.kafka.before_open = [] { throw std::runtime_error("no such option"); };
  w.start();
  w.pass(150ms);
  w.drain();
  w.pass(60s);
  EXPECT_TRUE(w.ended_well());
}

} // namespace
} // namespace feedcast::testing
