#include "leases/tiling.hpp"

#include <gtest/gtest.h>

namespace feedcast {

using namespace std::chrono_literals;

namespace {

const wall_time anchor{std::chrono::seconds{1'767'225'600}};

/// Ranges of the whole space, cut at 1F and 2F.
known_range whole(std::string id, std::vector<std::string> parents = {}) {
  return {std::move(id), std::move(parents), {"", "FF"}};
}

known_range low(std::string id, std::vector<std::string> parents = {}) {
  return {std::move(id), std::move(parents), {"", "1F"}};
}

known_range high(std::string id, std::vector<std::string> parents = {}) {
  return {std::move(id), std::move(parents), {"1F", "FF"}};
}

lease held(std::string range, std::string position) {
  lease l;
  l.range_id = std::move(range);
  l.owner = "host-a";
  l.continuation = std::move(position);
  l.version = "v1";
  return l;
}

lease of_range(std::string range, key_span keys, std::string position) {
  auto l = held(std::move(range), std::move(position));
  l.keys = std::move(keys);
  return l;
}

lease of_keys(key_span keys, std::string position, lease_form form = lease_form::java_epk) {
  auto l = held(to_string(keys), std::move(position));
  l.form = form;
  l.keys = std::move(keys);
  return l;
}

tiling_facts facts(std::vector<known_range> ranges, std::vector<lease> leases = {}) {
  tiling_facts f;
  f.ranges = std::move(ranges);
  f.leases = std::move(leases);
  f.state = {true, anchor};
  return f;
}

range_start at(std::string position) {
  return {range_start::kind::position, std::move(position), {}};
}

const range_start at_now{range_start::kind::now, "", {}};
const range_start at_beginning{range_start::kind::beginning, "", {}};
const range_start at_anchor{range_start::kind::time, "", anchor};

std::vector<std::string> ids(const std::vector<planned_lease>& leases) {
  std::vector<std::string> out;
  for (const auto& l : leases)
    out.push_back(l.range_id);
  return out;
}

using names = std::vector<std::string>;

} // namespace

TEST(tiling, a_new_store_gets_every_range_from_the_configured_start) {
  auto f = facts({low("0"), high("1")});
  f.state = {};
  const auto plan = plan_leases(f);
  ASSERT_EQ(ids(plan.gaps), (names{"0", "1"}));
  for (const auto& gap : plan.gaps) {
    EXPECT_EQ(gap.start, at_now);
    EXPECT_EQ(gap.form, lease_form::pk);
  }
  EXPECT_EQ(plan.gaps[1].keys, (key_span{"1F", "FF"}));
  EXPECT_EQ(plan.coverage, 0);
  EXPECT_TRUE(plan.replace.empty());
}

TEST(tiling, configured_times_and_beginnings_are_kept) {
  auto f = facts({whole("0")});
  f.state = {};
  f.start = {settings::start_kind::beginning, {}};
  EXPECT_EQ(plan_leases(f).gaps.at(0).start, at_beginning);
  f.start = {settings::start_kind::time, anchor};
  EXPECT_EQ(plan_leases(f).gaps.at(0).start, at_anchor);
}

TEST(tiling, a_first_start_that_was_interrupted_goes_on) {
  auto f = facts({low("0"), high("1")}, {held("0", "")});
  f.state = {};
  const auto plan = plan_leases(f);
  ASSERT_EQ(ids(plan.gaps), names{"1"});
  EXPECT_EQ(plan.gaps[0].start, at_now);
  EXPECT_TRUE(is_first_start(f.leases, f.state));
  EXPECT_EQ(start_of(f.leases[0], f.state, f.start, true), at_now);
}

TEST(tiling, a_gap_between_two_leases_is_found) {
  auto f = facts({low("0"), {"1", {}, {"1F", "2F"}}, {"2", {}, {"2F", "FF"}}},
                 {held("0", "\"4\""), held("2", "\"9\"")});
  const auto plan = plan_leases(f);
  EXPECT_EQ(ids(plan.gaps), names{"1"});
  EXPECT_LT(plan.coverage, 1.0);
}

TEST(tiling, a_store_of_key_spans_gets_leases_of_key_spans) {
  auto f = facts({low("0"), high("1")});
  f.state = {};
  f.range_form = lease_form::java_epk;
  const auto plan = plan_leases(f);
  EXPECT_EQ(ids(plan.gaps), (names{"-1F", "1F-FF"}));
  EXPECT_EQ(plan.gaps[0].form, lease_form::java_epk);
}

TEST(tiling, stored_positions_always_win) {
  const auto f = facts({whole("0")}, {held("0", "\"9\"")});
  const auto plan = plan_leases(f);
  EXPECT_TRUE(plan.gaps.empty());
  EXPECT_EQ(plan.coverage, 1);
  EXPECT_EQ(start_of(f.leases[0], f.state, {settings::start_kind::beginning, {}}, false),
            at("\"9\""));
}

TEST(tiling, a_missing_lease_of_an_initialised_store_never_starts_from_now) {
  EXPECT_EQ(plan_leases(facts({low("0"), high("1")}, {held("0", "\"9\"")})).gaps.at(0).start,
            at_anchor);
  EXPECT_EQ(plan_leases(facts({whole("0")})).gaps.at(0).start, at_anchor)
      << "also if all leases are gone";
}

TEST(tiling, without_an_anchor_a_missing_lease_starts_from_the_beginning) {
  auto f = facts({whole("0")});
  f.state = {true, std::nullopt};
  EXPECT_EQ(plan_leases(f).gaps.at(0).start, at_beginning);
}

TEST(tiling, a_lost_marker_is_noticed_by_the_positions) {
  auto f = facts({low("0"), high("1")}, {held("0", "\"9\"")});
  f.state = {};
  EXPECT_FALSE(is_first_start(f.leases, f.state));
  EXPECT_EQ(plan_leases(f).gaps.at(0).start, at_beginning);
}

TEST(tiling, a_lease_without_position_after_the_first_start_uses_the_anchor) {
  const auto l = held("0", "");
  EXPECT_EQ(start_of(l, {true, anchor}, {}, false), at_anchor);
}

TEST(tiling, a_lease_that_says_where_to_start_is_obeyed_while_it_has_no_position) {
  auto l = held("0", "");
  l.start = anchor + 1h;
  EXPECT_EQ(start_of(l, {true, anchor}, {}, false).at, anchor + 1h);
  l.start = wall_time{};
  EXPECT_EQ(start_of(l, {true, anchor}, {}, false), at_beginning);
  l.continuation = "\"9\"";
  EXPECT_EQ(start_of(l, {true, anchor}, {}, false), at("\"9\""));
}

TEST(tiling, children_of_a_split_inherit) {
  const auto plan = plan_leases(facts({low("1", {"0"}), high("2", {"0"})}, {held("0", "\"9\"")}));
  ASSERT_EQ(plan.replace.size(), 1U);
  EXPECT_EQ(plan.replace[0].range_id, "0");
  EXPECT_EQ(plan.replace[0].by, (names{"1", "2"}));
  ASSERT_EQ(ids(plan.replace[0].create), (names{"1", "2"}));
  for (const auto& c : plan.replace[0].create) {
    EXPECT_EQ(c.start, at("\"9\""));
    EXPECT_EQ(c.form, lease_form::pk);
  }
  EXPECT_TRUE(plan.gaps.empty()) << "the parent covers them until they exist";
  EXPECT_EQ(plan.coverage, 1);
}

TEST(tiling, a_split_that_was_interrupted_is_completed) {
  const auto plan = plan_leases(
      facts({low("1", {"0"}), high("2", {"0"})}, {held("0", "\"9\""), held("1", "\"12\"")}));
  ASSERT_EQ(plan.replace.size(), 1U);
  EXPECT_EQ(plan.replace[0].by, (names{"1", "2"}));
  ASSERT_EQ(ids(plan.replace[0].create), names{"2"});
  EXPECT_EQ(plan.replace[0].create[0].start, at("\"9\""));
}

TEST(tiling, a_parent_whose_children_exist_is_only_removed) {
  const auto plan =
      plan_leases(facts({low("1", {"0"}), high("2", {"0"})},
                        {held("0", "\"9\""), held("1", "\"12\""), held("2", "\"12\"")}));
  ASSERT_EQ(plan.replace.size(), 1U);
  EXPECT_TRUE(plan.replace[0].create.empty());
}

TEST(tiling, grandchildren_inherit_from_the_ancestor_that_still_has_a_lease) {
  const auto plan = plan_leases(
      facts({{"3", {"0", "1"}, {"", "0F"}}, {"4", {"0", "1"}, {"0F", "1F"}}, high("2", {"0"})},
            {held("1", "\"9\""), held("2", "\"7\"")}));
  ASSERT_EQ(plan.replace.size(), 1U);
  EXPECT_EQ(plan.replace[0].by, (names{"3", "4"}));
  EXPECT_EQ(plan.replace[0].create.at(0).start, at("\"9\""));
}

TEST(tiling, an_old_parent_does_not_bring_back_what_was_split_further) {
  // 0 was split into 1 and 2, its lease was not removed; then 1 into 3 and 4.
  const auto plan = plan_leases(
      facts({{"3", {"0", "1"}, {"", "0F"}}, {"4", {"0", "1"}, {"0F", "1F"}}, high("2", {"0"})},
            {of_range("0", {"", "FF"}, "\"5\""), of_range("1", {"", "1F"}, "\"9\""),
             held("2", "\"7\"")}));
  ASSERT_EQ(plan.replace.size(), 2U);
  EXPECT_TRUE(plan.replace[0].create.empty()) << "lease 1 hands these keys on";
  EXPECT_EQ(ids(plan.replace[1].create), (names{"3", "4"}));
}

TEST(tiling, merged_ranges_become_leases_of_their_key_spans) {
  for (const bool told_by_document : {true, false}) {
    auto f = facts({whole("3", {"1", "2"})}, {held("1", "\"9\""), held("2", "\"7\"")});
    if (told_by_document) {
      f.leases[0].keys = {"", "1F"};
      f.leases[1].keys = {"1F", "FF"};
    } else {
      f.remembered = {{"1", {"", "1F"}}, {"2", {"1F", "FF"}}};
    }
    const auto plan = plan_leases(f);
    ASSERT_EQ(plan.replace.size(), 2U);
    EXPECT_EQ(ids(plan.replace[0].create), names{"-1F"});
    EXPECT_EQ(plan.replace[0].create[0].start, at("\"9\""));
    EXPECT_EQ(plan.replace[0].create[0].form, lease_form::java_epk);
    EXPECT_EQ(ids(plan.replace[1].create), names{"1F-FF"});
    EXPECT_EQ(plan.replace[1].create[0].start, at("\"7\""));
    EXPECT_TRUE(plan.gaps.empty());
  }
}

TEST(tiling, merged_ranges_of_unknown_keys_repeat_instead_of_guessing) {
  auto f = facts({whole("3", {"1", "2"})}, {held("1", "\"9\""), held("2", "\"7\"")});
  const auto plan = plan_leases(f);
  ASSERT_EQ(plan.replace.size(), 2U);
  ASSERT_EQ(ids(plan.replace[0].create), names{"3"});
  EXPECT_EQ(plan.replace[0].create[0].start, at_anchor);
  EXPECT_TRUE(plan.replace[1].create.empty()) << "once is enough";
  EXPECT_EQ(plan.replace[1].by, names{"3"});
  f.leases[1].continuation = "\"9\"";
  EXPECT_EQ(plan_leases(f).replace[0].create[0].start, at("\"9\""));
}

TEST(tiling, leases_of_key_spans_stay_when_their_ranges_merge) {
  const auto plan = plan_leases(facts(
      {whole("3", {"1", "2"})}, {of_keys({"", "1F"}, "\"9\""), of_keys({"1F", "FF"}, "\"7\"")}));
  EXPECT_TRUE(plan.replace.empty());
  EXPECT_TRUE(plan.gaps.empty());
}

TEST(tiling, leases_of_key_spans_are_cut_at_the_bounds_of_ranges) {
  for (const auto form : {lease_form::java_epk, lease_form::dotnet_epk}) {
    const auto plan = plan_leases(
        facts({{"4", {"3"}, {"", "2F"}}, {"5", {"3"}, {"2F", "FF"}}},
              {of_keys({"", "1F"}, "\"9\"", form), of_keys({"1F", "FF"}, "\"7\"", form)}));
    ASSERT_EQ(plan.replace.size(), 1U);
    EXPECT_EQ(plan.replace[0].range_id, "1F-FF");
    ASSERT_EQ(ids(plan.replace[0].create), (names{"1F-2F", "2F-FF"}));
    for (const auto& c : plan.replace[0].create) {
      EXPECT_EQ(c.start, at("\"7\""));
      EXPECT_EQ(c.form, form);
    }
  }
}

TEST(tiling, a_part_of_a_range_that_nobody_covers_is_a_gap) {
  const auto plan = plan_leases(
      facts({whole("3")}, {of_keys({"", "0F"}, "\"9\""), of_keys({"1F", "FF"}, "\"7\"")}));
  ASSERT_EQ(ids(plan.gaps), names{"0F-1F"});
  EXPECT_EQ(plan.gaps[0].start, at_anchor);
  EXPECT_LT(plan.coverage, 1);
  EXPECT_GT(plan.coverage, 0.5);
}

TEST(tiling, a_parent_that_never_read_passes_nothing_on) {
  const auto plan = plan_leases(facts({whole("1", {"0"})}, {held("0", "")}));
  EXPECT_EQ(plan.replace.at(0).create.at(0).start, at_anchor);
}

TEST(tiling, unexplained_leases_are_left_alone) {
  const auto plan = plan_leases(facts({whole("0")}, {held("0", "\"9\""), held("77", "\"1\"")}));
  EXPECT_TRUE(plan.replace.empty());
  EXPECT_EQ(plan.unexplained, names{"77"});
}

TEST(tiling, an_unexplained_lease_covers_nothing) {
  const auto plan = plan_leases(facts({whole("0")}, {held("77", "\"1\"")}));
  EXPECT_EQ(ids(plan.gaps), names{"0"});
}

TEST(tiling, planning_the_result_again_changes_nothing) {
  auto f = facts({low("1", {"0"}), high("2", {"0"})}, {held("0", "\"9\"")});
  const auto plan = plan_leases(f);
  f.leases.clear();
  for (const auto& c : plan.replace.at(0).create)
    f.leases.push_back(held(c.range_id, c.start.continuation));
  const auto again = plan_leases(f);
  EXPECT_TRUE(again.replace.empty());
  EXPECT_TRUE(again.gaps.empty());
}

TEST(tiling, repair_anchors_never_lose) {
  EXPECT_EQ(repair_anchor({}, anchor), anchor);
  EXPECT_EQ(repair_anchor({settings::start_kind::beginning, {}}, anchor), wall_time{});
  EXPECT_EQ(repair_anchor({settings::start_kind::time, anchor - 1h}, anchor), anchor - 1h);
}

} // namespace feedcast
