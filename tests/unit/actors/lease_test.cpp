// Owned leases while they are written: lost answers, other owners, deleted leases, a store that is
// down.
#include "tests/support/actor_fixture.hpp"

namespace feedcast::testing {
namespace {

using metrics::checkpoint_outcome;
using metrics::lease_change;

struct running_world : actor_world {
  running_world() {
    truth.one_range("0");
    truth.append_many("a", 5);
    start();
    EXPECT_TRUE(settle());
    pass(2s);
    EXPECT_EQ(stored("0"), 5U);
  }
};

TEST(leases, own_write_whose_answer_was_lost_is_recognised) {
  running_world w;
  bool once = true;
  w.leases.fault = [&](const lease_table::call& c) {
    return c.what == "replace" && std::exchange(once, false) ? store_fault::lose_reply
                                                             : store_fault::none;
  };
  w.truth.append_many("b", 5);
  w.pass(5s);
  w.truth.append_many("c", 5);
  w.pass(5s);
  EXPECT_EQ(w.stored("0"), 15U);
  EXPECT_EQ(w.leases.count("read"), 1U);
  EXPECT_EQ(w.probe.lease_changes[lease_change::stolen_out].value(), 0);
  EXPECT_TRUE(w.truth.missing().empty());
}

TEST(leases, another_owner_stops_reading_and_checkpoints) {
  running_world w;
  w.leases.put("0", "other", 5, w.clock.wall());
  w.truth.append_many("b", 5);
  w.pass(5s);
  EXPECT_EQ(w.probe.lease_changes[lease_change::stolen_out].value(), 1);
  EXPECT_EQ(w.leases.leases.at("0").owner, "other");
  EXPECT_EQ(w.stored("0"), 5U);
  EXPECT_FALSE(w.health.snapshot().processors.at({"eu", "whisks"}).ranges.contains("0"))
      << "what is read elsewhere is not shown as ours";
  const auto fetches = w.feed.fetches.size();
  w.pass(30s, 50ms);
  EXPECT_EQ(w.feed.fetches.size(), fetches);
  EXPECT_EQ(w.leases.leases.at("0").owner, "other");
}

TEST(leases, range_of_an_owner_that_went_silent_is_taken_over) {
  running_world w;
  w.leases.put("0", "other", 5, w.clock.wall());
  w.truth.append_many("b", 5);
  w.pass(30s, 50ms);
  w.truth.append_many("c", 5);
  w.pass(45s, 50ms);
  EXPECT_EQ(w.leases.leases.at("0").owner, "me");
  EXPECT_TRUE(w.settle());
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 15U);
  EXPECT_EQ(w.change_outcomes(), w.probe.feed_items.value());
}

TEST(leases, later_life_under_the_same_name_ends_this_one) {
  running_world w;
  w.leases.put("0", "me", 5, w.clock.wall());
  w.leases.leases.at("0").boot = "1767225600001-00000000";
  w.truth.append_many("b", 5);
  w.pass(5s);
  EXPECT_NE(w.twin.find("instance name 'me'"), std::string::npos) << w.twin;
  EXPECT_EQ(w.stored("0"), 5U) << "what the other one reads is its own";
}

TEST(leases, earlier_life_under_the_same_name_is_overwritten) {
  running_world w;
  w.leases.put("0", "me", 5, w.clock.wall());
  w.leases.leases.at("0").boot = "1767225599999-00000000";
  w.truth.append_many("b", 5);
  w.pass(5s);
  EXPECT_EQ(w.twin, "");
  EXPECT_EQ(w.stored("0"), 10U);
  EXPECT_EQ(w.leases.leases.at("0").boot, w.options.leases.boot);
}

TEST(leases, half_of_another_instances_leases_are_taken_over) {
  actor_world w;
  w.truth.add_range("0", {0, 1, 2, 3});
  w.truth.add_range("1", {4, 5, 6, 7});
  w.leases.state = {true, wall_time{}};
  w.leases.put("0", "other", 0, w.clock.wall());
  w.leases.put("1", "other", 0, w.clock.wall());
  w.start();
  EXPECT_TRUE(w.pass_until(
      [&] {
        return w.leases.leases.at("0").owner == "me" || w.leases.leases.at("1").owner == "me";
      },
      5s));
  w.pass(40s, 50ms);
  EXPECT_NE(w.leases.leases.at("0").owner, w.leases.leases.at("1").owner);
  EXPECT_EQ(w.probe.lease_changes[lease_change::stolen_in].value(), 1);
}

TEST(leases, deleted_lease_is_put_back_with_the_settled_position) {
  running_world w;
  w.leases.leases.clear();
  w.truth.append_many("b", 5);
  w.pass(10s);
  ASSERT_TRUE(w.leases.leases.contains("0"));
  EXPECT_EQ(w.leases.leases.at("0").owner, "me");
  EXPECT_EQ(w.stored("0"), 10U);
  EXPECT_EQ(w.kafka.produced.size(), 10U) << "nothing is read twice";
}

TEST(leases, delivery_goes_on_while_the_store_is_down) {
  running_world w;
  w.leases.fault = [](const auto&) { return store_fault::fail; };
  for (int i = 0; i < 120; ++i) {
    w.truth.append_many("s" + std::to_string(i) + "-", 2);
    w.pass(1s, 50ms);
    ASSERT_TRUE(w.pass_until([&] { return w.truth.missing().empty(); }, 2s));
  }
  EXPECT_EQ(w.stored("0"), 5U);
  EXPECT_GT(w.probe.checkpoints[checkpoint_outcome::error].value(), 10);
  EXPECT_GT(w.probe.checkpoint_age.value(), 100);
  w.leases.fault = nullptr;
  w.pass(10s);
  EXPECT_EQ(w.stored("0"), 245U);
  EXPECT_EQ(w.leases.leases.at("0").owner, "me");
}

TEST(leases, idle_range_renews_its_lease) {
  running_world w;
  const auto before = w.leases.leases.at("0").timestamp;
  w.pass(40s, 50ms);
  EXPECT_GE(w.leases.leases.at("0").timestamp - before, 15s);
  EXPECT_EQ(w.stored("0"), 5U);
}

TEST(leases, positions_are_written_at_most_once_an_interval) {
  running_world w;
  const auto before = w.leases.writes.size();
  for (int i = 0; i < 100; ++i) {
    w.truth.append("s" + std::to_string(i));
    w.pass(100ms);
  }
  EXPECT_LE(w.leases.writes.size() - before, 11U);
  EXPECT_GE(w.leases.writes.size() - before, 8U);
}

TEST(leases, one_write_of_a_range_is_in_flight_at_a_time) {
  running_world w;
  w.leases.hold = true;
  const auto before = w.leases.count("replace");
  for (int i = 0; i < 10; ++i) {
    w.truth.append("s" + std::to_string(i));
    w.pass(1s);
  }
  EXPECT_EQ(w.leases.count("replace"), before + 1);
  w.leases.hold = false;
  w.leases.answer_all();
  w.pass(3s);
  EXPECT_EQ(w.stored("0"), 15U);
}

} // namespace
} // namespace feedcast::testing
