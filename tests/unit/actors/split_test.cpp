// Splits and merges: children go on exactly where their parents' settled positions are.
#include "tests/support/actor_fixture.hpp"

namespace feedcast::testing {
namespace {

TEST(split, children_go_on_from_the_settled_position_of_their_parent) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 20);
  w.start();
  ASSERT_TRUE(w.settle());
  w.truth.split("0", "1", "2");
  w.truth.show_children();
  w.truth.append_many("b", 20);
  ASSERT_TRUE(w.settle());
  w.pass(2s);
  EXPECT_FALSE(w.leases.leases.contains("0"));
  EXPECT_EQ(w.stored("1"), 40U);
  EXPECT_EQ(w.stored("2"), 40U);
  for (const auto& l : w.leases.writes)
    if (l.range_id != "0") {
      EXPECT_GE(ledger::index(l.continuation), 20U) << "nothing is read twice";
    }
  EXPECT_EQ(w.change_outcomes(), w.probe.feed_items.value());
}

TEST(split, range_that_is_gone_waits_for_its_acknowledgements) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 5);
  w.kafka.hold = true;
  w.start();
  w.truth.split("0", "1", "2");
  w.truth.show_children();
  w.pass(10s);
  EXPECT_FALSE(w.leases.leases.contains("1"));
  w.kafka.settle_all();
  w.pass(2s);
  EXPECT_EQ(w.stored("1"), 5U);
  EXPECT_EQ(w.kafka.produced.size(), 5U);
}

TEST(split, children_wait_until_all_of_their_parent_is_settled) {
  // Range 1 is idle, so its end shows the children of range 0 too, which still has messages in
  // flight: they would have to be sent again.
  actor_world w;
  w.truth.add_range("0", {0, 1, 2, 3, 4, 5});
  w.truth.add_range("1", {6, 7});
  w.feed.page_limit = 2;
  w.kafka.hold = true;
  while (w.truth.size() < 12) {
    const auto id = "a" + std::to_string(w.truth.tick());
    if (std::hash<std::string>{}(id) % ledger::bucket_count < 6)
      w.truth.append(id);
  }
  w.start();
  w.pass(1s);
  ASSERT_EQ(w.kafka.pending.size(), 12U);
  w.kafka.settle(0);
  w.kafka.settle(0);
  w.truth.split("0", "2", "3");
  w.truth.split("1", "4", "5");
  w.truth.show_children();
  w.pass(5s);
  EXPECT_TRUE(w.leases.leases.contains("4"));
  EXPECT_FALSE(w.leases.leases.contains("2"));
  EXPECT_EQ(w.leases.leases.at("0").owner, "me");
  w.kafka.uncork();
  EXPECT_TRUE(w.settle());
  EXPECT_TRUE(w.pass_until([&] { return w.stored("2") == 12 && w.stored("3") == 12; }));
  EXPECT_EQ(w.kafka.produced.size(), 12U) << "nothing is sent twice";
}

TEST(split, lease_of_the_parent_stays_until_all_children_have_theirs) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 5);
  w.start();
  ASSERT_TRUE(w.settle());
  w.leases.fault = [](const lease_table::call& c) {
    return c.what == "create" && c.range == "2" ? store_fault::fail : store_fault::none;
  };
  w.truth.split("0", "1", "2");
  w.truth.show_children();
  w.pass(20s);
  EXPECT_TRUE(w.leases.leases.contains("1"));
  EXPECT_TRUE(w.leases.leases.contains("0"));
  w.leases.fault = nullptr;
  EXPECT_TRUE(w.pass_until([&] { return !w.leases.leases.contains("0"); }));
  EXPECT_TRUE(w.leases.leases.contains("2"));
}

TEST(split, service_that_shows_the_parent_for_a_while_only_delays) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 5);
  w.start();
  ASSERT_TRUE(w.settle());
  w.truth.split("0", "1", "2");
  w.truth.append_many("b", 5);
  w.pass(5s);
  EXPECT_TRUE(w.leases.leases.contains("0"));
  w.truth.show_children();
  EXPECT_TRUE(w.settle());
  EXPECT_TRUE(w.pass_until([&] { return !w.leases.leases.contains("0"); }));
}

TEST(split, split_of_a_split_is_followed) {
  actor_world w;
  w.truth.one_range("0");
  w.start();
  w.truth.append_many("a", 5);
  w.truth.split("0", "1", "2");
  w.truth.show_children();
  w.truth.append_many("b", 5);
  w.pass(150ms);
  w.truth.split("1", "3", "4");
  w.truth.append_many("c", 5);
  w.truth.show_children();
  EXPECT_TRUE(w.settle());
  EXPECT_TRUE(w.pass_until([&] { return w.leases.leases.size() == 3; }));
}

TEST(split, instance_that_crashes_between_the_children_goes_on) {
  for (std::size_t n = 0; n < 8; ++n) {
    SCOPED_TRACE("crash at call " + std::to_string(n));
    actor_world w;
    w.truth.one_range("0");
    w.truth.append_many("a", 5);
    w.start();
    ASSERT_TRUE(w.settle());
    const auto before = w.leases.calls.size();
    w.leases.fault = [&](const lease_table::call& c) {
      return c.number == before + n ? store_fault::raise : store_fault::none;
    };
    w.truth.split("0", "1", "2");
    w.truth.show_children();
    w.truth.append_many("b", 5);
    EXPECT_TRUE(w.settle());
    EXPECT_TRUE(w.pass_until([&] { return w.leases.leases.size() == 2; }));
  }
}

TEST(merge, each_parent_goes_on_in_its_own_keys_of_the_merged_range) {
  actor_world w;
  w.truth.add_range("0", {0, 1, 2, 3});
  w.truth.add_range("1", {4, 5, 6, 7});
  w.truth.append_many("a", 20);
  w.feed.page_limit = 3;
  w.start();
  ASSERT_TRUE(w.settle());
  w.truth.append_many("b", 20);
  w.truth.merge("0", "1", "2");
  w.truth.append_many("c", 20);
  EXPECT_TRUE(w.settle());
  EXPECT_TRUE(w.pass_until([&] { return w.stored("-40") == 60 && w.stored("40-FF") == 60; }));
  EXPECT_EQ(w.leases.leases.size(), 2U);
  EXPECT_EQ(w.leases.leases.at("-40").form, lease_form::java_epk);
  EXPECT_EQ(w.kafka.produced.size(), 60U) << "nothing is sent twice";
  w.truth.split("2", "3", "4");
  w.truth.show_children();
  w.truth.append_many("d", 20);
  EXPECT_TRUE(w.settle()) << "the bounds are where they were: the leases stay";
  EXPECT_TRUE(w.pass_until([&] { return w.stored("-40") == 80 && w.stored("40-FF") == 80; }));
  EXPECT_EQ(w.leases.leases.size(), 2U);
}

TEST(merge, restarted_instance_reads_the_keys_on) {
  actor_world w;
  w.truth.add_range("0", {0, 1, 2, 3});
  w.truth.add_range("1", {4, 5, 6, 7});
  w.start();
  w.truth.append_many("a", 20);
  ASSERT_TRUE(w.settle());
  w.truth.merge("0", "1", "2");
  w.pass(5s);
  w.kill();
  w.truth.append_many("b", 20);
  w.start();
  EXPECT_TRUE(w.settle());
}

} // namespace
} // namespace feedcast::testing
