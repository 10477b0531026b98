// From page to stored position: what goes through, in which order, and how much of it is held.
#include "tests/support/actor_fixture.hpp"

namespace feedcast::testing {
namespace {

using metrics::change_outcome;

/// The range `0`, which is read a page at a time.
struct world : actor_world {
  explicit world(std::size_t changes) {
    truth.one_range("0");
    truth.append_many("a", changes);
  }
};

TEST(flow, page_becomes_messages_and_its_position_is_stored) {
  world w{3};
  w.start();
  ASSERT_EQ(w.kafka.produced.size(), 3U);
  EXPECT_EQ(w.kafka.produced[0].value,
            R"({"instanceId":"cache-invalidator","key":{"mainId":"a0"}})");
  EXPECT_EQ(w.kafka.produced[0].key, "a0");
  w.pass(1200ms);
  EXPECT_EQ(w.stored("0"), 3U);
  EXPECT_TRUE(w.truth.missing().empty());
}

TEST(flow, position_is_not_stored_before_the_acknowledgement) {
  world w{3};
  w.kafka.hold = true;
  w.start();
  w.pass(10s);
  ASSERT_EQ(w.kafka.pending.size(), 3U);
  EXPECT_EQ(w.stored("0"), 0U);
  w.kafka.settle(0);
  w.kafka.settle(0);
  w.pass(10s);
  EXPECT_EQ(w.stored("0"), 0U) << "one message of the page is still open";
  w.kafka.settle(0);
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 3U);
}

TEST(flow, position_follows_the_gapless_prefix_when_acknowledgements_come_out_of_order) {
  world w{3};
  w.feed.page_limit = 1;
  w.kafka.hold = true;
  w.start();
  w.pass(2s);
  ASSERT_EQ(w.kafka.pending.size(), 3U);
  w.kafka.settle(2);
  w.kafka.settle(1);
  w.pass(5s);
  EXPECT_EQ(w.stored("0"), 0U);
  w.kafka.settle(0);
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 3U);
}

TEST(flow, unchanged_page_moves_the_position_only_behind_what_is_in_flight) {
  actor_world w;
  w.truth.add_range("0", {0, 1, 2, 3});
  w.truth.add_range("1", {4, 5, 6, 7});
  // An id for each of the two ranges.
  const auto id_for = [](bool first) {
    for (int i = 0;; ++i)
      if (const auto id = "id" + std::to_string(i);
          (std::hash<std::string>{}(id) % ledger::bucket_count < 4) == first)
        return id;
  };
  w.truth.append(id_for(true));
  w.kafka.hold = true;
  w.start();
  ASSERT_EQ(w.kafka.pending.size(), 1U);
  w.truth.append_own(id_for(false), "own"); // "0" has nothing new, and its position moves on
  w.pass(5s);
  EXPECT_EQ(w.stored("1"), 2U);
  EXPECT_EQ(w.stored("0"), 0U);
  w.kafka.settle(0);
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 2U);
}

TEST(flow, page_without_a_message_moves_the_position_only_behind_what_is_in_flight) {
  world w{1};
  w.kafka.hold = true;
  w.start();
  w.truth.append_own("mine", "own"); // makes the position move on without a message
  w.pass(5s);
  ASSERT_EQ(w.kafka.pending.size(), 1U);
  EXPECT_EQ(w.stored("0"), 0U);
  w.kafka.settle(0);
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 2U);
  EXPECT_EQ(w.changes(change_outcome::origin_suppressed), 1);
}

TEST(flow, own_changes_alone_need_no_message) {
  world w{0};
  for (int i = 0; i < 5; ++i)
    w.truth.append_own("mine" + std::to_string(i), "own");
  w.start();
  w.pass(2s);
  EXPECT_TRUE(w.kafka.produced.empty());
  EXPECT_EQ(w.stored("0"), 5U);
}

TEST(flow, read_ahead_stops_when_the_window_is_full_of_keys) {
  world w{100};
  w.feed.page_limit = 1;
  w.options.partition.window.keys = 10;
  w.kafka.hold = true;
  w.start();
  w.pass(5s);
  EXPECT_GE(w.probe.feed_items.value(), 10);
  EXPECT_LE(w.probe.feed_items.value(), 11) << "a page that was on its way comes on top";
  w.kafka.settle(0);
  w.run();
  EXPECT_GE(w.probe.feed_items.value(), 11);
  EXPECT_LE(w.probe.feed_items.value(), 12);
  w.kafka.uncork();
  EXPECT_TRUE(w.settle());
}

TEST(flow, read_ahead_stops_when_the_window_is_full_of_bytes) {
  world w{1000};
  w.feed.page_limit = 10;
  w.options.partition.window.bytes = 20'000;
  w.kafka.corked = true;
  w.start();
  w.pass(5s);
  const auto held = w.probe.feed_items.value();
  EXPECT_GT(held, 50);
  EXPECT_LT(held, 300);
  w.pass(60s);
  EXPECT_EQ(w.probe.feed_items.value(), held);
  w.kafka.uncork();
  EXPECT_TRUE(w.settle());
  EXPECT_EQ(w.probe.feed_items.value(), 1000);
}

TEST(flow, no_more_batches_are_handed_over_than_the_credit_allows) {
  world w{100};
  w.feed.page_limit = 1;
  w.options.partition.window.batches = 4;
  w.kafka.hold = true;
  w.start();
  w.pass(1s);
  EXPECT_EQ(w.kafka.produced.size(), 4U);
  w.kafka.settle(3);
  w.run();
  EXPECT_EQ(w.kafka.produced.size(), 5U);
  w.kafka.uncork();
  EXPECT_TRUE(w.settle());
}

TEST(flow, memory_stays_bounded_while_the_target_stands_still_and_the_feed_does_not_end) {
  world w{0};
  constexpr std::uint64_t limit = 64'000;
  constexpr std::uint64_t page = 60 * (80 + sizeof(message_ref)) + sizeof(batch);
  w.feed.page_limit = 50;
  w.options.partition.window.bytes = limit;
  w.kafka.corked = true;
  w.start();
  double most = 0;
  for (int i = 0; i < 200; ++i) {
    w.truth.append_many("x" + std::to_string(i) + "-", 50);
    w.pass(100ms);
    most = std::max(most, w.probe.window_bytes.value());
  }
  EXPECT_GE(most, limit);
  // One page was on its way when the window filled up.
  EXPECT_LE(most, limit + 2 * page);
  w.kafka.uncork();
  EXPECT_TRUE(w.settle());
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 10'000U);
}

TEST(flow, waiting_invalidations_of_one_key_coalesce_while_the_target_stands_still) {
  world w{0};
  w.feed.page_limit = 5;
  w.options.partition.window.batches = 2;
  w.kafka.corked = true;
  for (int round = 0; round < 1000; ++round)
    w.truth.append_many("hot", 5);
  w.start();
  w.pass(30s);
  EXPECT_EQ(w.probe.feed_items.value(), 5000) << "coalesced changes take no room";
  w.kafka.uncork();
  ASSERT_TRUE(w.settle());
  // Two batches were handed over, which may be produced at any moment; a third one waited.
  for (int key = 0; key < 5; ++key)
    EXPECT_EQ(w.kafka.count("hot" + std::to_string(key)), 3U);
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 5000U);
  EXPECT_EQ(w.changes(change_outcome::coalesced), 5000 - 15);
}

TEST(flow, change_that_comes_after_its_key_was_produced_gets_its_own_message) {
  world w{1};
  w.kafka.hold = true;
  w.start();
  ASSERT_EQ(w.kafka.count("a0"), 1U);
  w.truth.append("a0");
  w.pass(3s);
  EXPECT_EQ(w.kafka.count("a0"), 2U);
  w.kafka.settle_all();
  EXPECT_TRUE(w.settle());
}

TEST(flow, every_change_that_was_read_gets_exactly_one_outcome) {
  world w{40};
  for (int i = 0; i < 7; ++i)
    w.truth.append_own("mine", "own");
  w.truth.append_many("a", 20);
  w.feed.page_limit = 9;
  w.start();
  ASSERT_TRUE(w.settle());
  w.pass(2s);
  EXPECT_EQ(w.probe.feed_items.value(), 67);
  EXPECT_EQ(w.change_outcomes(), 67);
}

} // namespace
} // namespace feedcast::testing
