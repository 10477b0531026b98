#include "leases/bootstrap.hpp"

#include <gtest/gtest.h>

namespace feedcast {

using namespace std::chrono_literals;

namespace {

const wall_time anchor{std::chrono::seconds{1'767'225'600}};
const lease_store_state new_store{};
const lease_store_state old_store{true, anchor};
const configured_start from_now{};

lease held(std::string range, std::string position) {
  return {std::move(range), "host-a", std::move(position), {}, "v1", ""};
}

range_start at(std::string position) {
  return {range_start::kind::position, std::move(position), {}};
}

const range_start at_now{range_start::kind::now, "", {}};
const range_start at_beginning{range_start::kind::beginning, "", {}};
const range_start at_anchor{range_start::kind::time, "", anchor};

} // namespace

TEST(bootstrap, a_new_store_gets_every_range_from_the_configured_start) {
  const auto plan = plan_leases({{"0", {}}, {"1", {}}}, {}, new_store, from_now);
  ASSERT_EQ(plan.ranges.size(), 2U);
  for (const auto& r : plan.ranges) {
    EXPECT_TRUE(r.create);
    EXPECT_EQ(r.start, at_now);
  }
  EXPECT_TRUE(plan.remove_after.empty());
}

TEST(bootstrap, configured_times_and_beginnings_are_kept) {
  const configured_start beginning{settings::start_kind::beginning, {}};
  EXPECT_EQ(plan_leases({{"0", {}}}, {}, new_store, beginning).ranges[0].start, at_beginning);
  const configured_start time{settings::start_kind::time, anchor};
  EXPECT_EQ(plan_leases({{"0", {}}}, {}, new_store, time).ranges[0].start, at_anchor);
}

TEST(bootstrap, a_first_start_that_was_interrupted_goes_on) {
  const auto plan = plan_leases({{"0", {}}, {"1", {}}}, {held("0", "")}, new_store, from_now);
  EXPECT_FALSE(plan.ranges[0].create);
  EXPECT_EQ(plan.ranges[0].start, at_now);
  EXPECT_TRUE(plan.ranges[1].create);
  EXPECT_EQ(plan.ranges[1].start, at_now);
}

TEST(bootstrap, stored_positions_always_win) {
  const auto plan = plan_leases({{"0", {}}}, {held("0", "\"9\"")}, old_store,
                                {settings::start_kind::beginning, {}});
  EXPECT_FALSE(plan.ranges[0].create);
  EXPECT_EQ(plan.ranges[0].start, at("\"9\""));
}

TEST(bootstrap, a_missing_lease_of_an_initialised_store_never_starts_from_now) {
  const auto plan = plan_leases({{"0", {}}, {"1", {}}}, {held("0", "\"9\"")}, old_store, from_now);
  EXPECT_TRUE(plan.ranges[1].create);
  EXPECT_EQ(plan.ranges[1].start, at_anchor);
  EXPECT_EQ(plan_leases({{"0", {}}}, {}, old_store, from_now).ranges[0].start, at_anchor)
      << "also if all leases are gone";
}

TEST(bootstrap, without_an_anchor_a_missing_lease_starts_from_the_beginning) {
  EXPECT_EQ(plan_leases({{"0", {}}}, {}, {true, std::nullopt}, from_now).ranges[0].start,
            at_beginning);
}

TEST(bootstrap, a_lost_marker_is_noticed_by_the_positions) {
  const auto plan = plan_leases({{"0", {}}, {"1", {}}}, {held("0", "\"9\"")}, new_store, from_now);
  EXPECT_EQ(plan.ranges[1].start, at_beginning);
}

TEST(bootstrap, a_lease_without_position_after_the_first_start_uses_the_anchor) {
  const auto plan = plan_leases({{"0", {}}}, {held("0", "")}, old_store, from_now);
  EXPECT_FALSE(plan.ranges[0].create);
  EXPECT_EQ(plan.ranges[0].start, at_anchor);
}

TEST(bootstrap, children_of_a_split_inherit_and_the_parent_goes_last) {
  const auto plan =
      plan_leases({{"1", {"0"}}, {"2", {"0"}}}, {held("0", "\"9\"")}, old_store, from_now);
  for (const auto& r : plan.ranges) {
    EXPECT_TRUE(r.create);
    EXPECT_EQ(r.start, at("\"9\""));
  }
  ASSERT_EQ(plan.remove_after.size(), 1U);
  EXPECT_EQ(plan.remove_after[0].range_id, "0");
  EXPECT_EQ(plan.remove_after[0].version, "v1");
}

TEST(bootstrap, a_split_that_was_interrupted_is_completed) {
  const auto plan = plan_leases({{"1", {"0"}}, {"2", {"0"}}},
                                {held("0", "\"9\""), held("1", "\"12\"")}, old_store, from_now);
  EXPECT_FALSE(plan.ranges[0].create);
  EXPECT_EQ(plan.ranges[0].start, at("\"12\""));
  EXPECT_TRUE(plan.ranges[1].create);
  EXPECT_EQ(plan.ranges[1].start, at("\"9\""));
  EXPECT_EQ(plan.remove_after.size(), 1U);
}

TEST(bootstrap, a_child_that_was_created_empty_still_inherits) {
  const auto plan =
      plan_leases({{"1", {"0"}}}, {held("0", "\"9\""), held("1", "")}, old_store, from_now);
  EXPECT_FALSE(plan.ranges[0].create);
  EXPECT_EQ(plan.ranges[0].start, at("\"9\""));
}

TEST(bootstrap, grandchildren_inherit_from_the_ancestor_that_still_has_a_lease) {
  const auto plan = plan_leases({{"3", {"0", "1"}}, {"4", {"0", "1"}}, {"2", {"0"}}},
                                {held("1", "\"9\""), held("2", "\"7\"")}, old_store, from_now);
  EXPECT_EQ(plan.ranges[0].start, at("\"9\""));
  EXPECT_EQ(plan.ranges[1].start, at("\"9\""));
  EXPECT_EQ(plan.ranges[2].start, at("\"7\""));
  EXPECT_EQ(plan.remove_after.size(), 1U);
}

TEST(bootstrap, a_merge_of_unequal_positions_repeats_instead_of_guessing) {
  const auto plan = plan_leases({{"3", {"1", "2"}}}, {held("1", "\"9\""), held("2", "\"7\"")},
                                old_store, from_now);
  EXPECT_EQ(plan.ranges[0].start, at_anchor);
  EXPECT_EQ(plan.remove_after.size(), 2U);
}

TEST(bootstrap, a_merge_of_equal_positions_goes_on_there) {
  const auto plan = plan_leases({{"3", {"1", "2"}}}, {held("1", "\"9\""), held("2", "\"9\"")},
                                old_store, from_now);
  EXPECT_EQ(plan.ranges[0].start, at("\"9\""));
}

TEST(bootstrap, a_parent_that_never_read_passes_nothing_on) {
  const auto plan = plan_leases({{"1", {"0"}}}, {held("0", "")}, old_store, from_now);
  EXPECT_EQ(plan.ranges[0].start, at_anchor);
}

TEST(bootstrap, unexplained_leases_are_left_alone) {
  const auto plan =
      plan_leases({{"0", {}}}, {held("0", "\"9\""), held("77", "\"1\"")}, old_store, from_now);
  EXPECT_TRUE(plan.remove_after.empty());
  EXPECT_EQ(plan.unexplained, std::vector<std::string>{"77"});
}

TEST(bootstrap, planning_the_result_again_changes_nothing) {
  const auto plan =
      plan_leases({{"1", {"0"}}, {"2", {"0"}}}, {held("0", "\"9\"")}, old_store, from_now);
  std::vector<lease> leases;
  for (const auto& r : plan.ranges)
    leases.push_back(held(r.range_id, r.start.continuation));
  const auto again = plan_leases({{"1", {"0"}}, {"2", {"0"}}}, leases, old_store, from_now);
  for (const auto& r : again.ranges)
    EXPECT_FALSE(r.create);
  EXPECT_TRUE(again.remove_after.empty());
}

TEST(bootstrap, the_anchor_covers_what_the_first_start_promised) {
  EXPECT_EQ(repair_anchor(from_now, anchor), anchor);
  EXPECT_EQ(repair_anchor({settings::start_kind::time, anchor - 1h}, anchor), anchor - 1h);
  const auto epoch = repair_anchor({settings::start_kind::beginning, {}}, anchor);
  EXPECT_EQ(plan_leases({{"0", {}}}, {}, {true, epoch}, from_now).ranges[0].start, at_beginning);
}

} // namespace feedcast
