// A part of the seeds that lease_simulation runs, for those who plant bugs; and that the simulator
// itself sees what it must.
#include "tests/simulation/runner.hpp"

#include <gtest/gtest.h>

namespace feedcast::simulation {
namespace {

TEST(lease_simulation, seeds_break_no_rule) {
  for (std::uint64_t seed = 1; seed <= 1'500; ++seed) {
    const auto o = run_seed(seed);
    ASSERT_TRUE(o.violations.empty()) << "seed " << seed << ": " << o.violations.front();
  }
}

TEST(lease_simulation, a_seed_gives_the_same_every_time) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    EXPECT_EQ(run_seed(seed).seen, run_seed(seed).seen);
}

class courtroom : public ::testing::Test {
 protected:
  courtroom() {
    feed.write({10}, 0);
    court.feed_grew();
    store.create(me, held("0", ""), 0);
    store.mark(me, server_wall(0));
  }

  static lease held(const std::string& id, const std::string& position) {
    lease l;
    l.range_id = id;
    l.owner = "a";
    l.continuation = position;
    return l;
  }

  void expect_rule(const std::string& rule) {
    ASSERT_FALSE(court.violations().empty());
    EXPECT_EQ(court.violations().front().substr(0, rule.size()), rule);
  }

  timeline time;
  model_feed feed{1};
  judge court{time, feed, 1, {settings::start_kind::beginning, {}}};
  model_store store{0, court, lease_form::java_epk};
  writer me{"a", "1", false};
};

TEST_F(courtroom, nobody_stores_a_position_behind_an_unacknowledged_change) {
  auto l = store.leases().at("0");
  l.continuation = "1";
  store.replace(me, l, 1);
  expect_rule("I1");
}

TEST_F(courtroom, acknowledged_changes_may_be_passed) {
  court.acked(0, 0);
  auto l = store.leases().at("0");
  l.continuation = "1";
  store.replace(me, l, 1);
  EXPECT_TRUE(court.violations().empty());
}

TEST_F(courtroom, positions_never_move_back) {
  court.acked(0, 0);
  auto l = store.leases().at("0");
  l.continuation = "1";
  l = *store.replace(me, l, 1);
  l.continuation = "0";
  store.replace(me, l, 2);
  expect_rule("I2");
}

TEST_F(courtroom, every_write_names_a_version) {
  auto l = store.leases().at("0");
  l.version.clear();
  store.replace(me, l, 1);
  expect_rule("I3");
}

TEST_F(courtroom, a_lease_goes_only_when_others_have_its_keys) {
  store.remove(me, store.leases().at("0"));
  expect_rule("I6");
}

TEST_F(courtroom, nobody_reads_from_now_again) {
  court.started(0, "a", store.leases().at("0"), {range_start::kind::now, "", {}});
  expect_rule("I10");
}

TEST_F(courtroom, only_the_owner_stores_positions) {
  court.acked(0, 0);
  auto l = store.leases().at("0");
  l.continuation = "1";
  l.owner = "b";
  store.replace({"b", "2", false}, l, 1);
  expect_rule("owner");
}

} // namespace
} // namespace feedcast::simulation
