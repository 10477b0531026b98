#include "feeds/cosmos/lease_choice.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

namespace {

const feed_names feed{"ow", "whisks", "O7RwAA==", "O7RwAKylJbY="};
const auto names = *lease_ids::make("p-", "h", "ow", "whisks");
const auto rids = *lease_ids::make("p-", "h", "O7RwAA==", "O7RwAKylJbY=");

using documents = std::vector<boost::json::object>;

boost::json::object range(const lease_ids& ids) {
  return {{"id", ids.lease("0")}, {"_etag", "e"}, {"LeaseToken", "0"}};
}

boost::json::object span(const lease_ids& ids, const char* member) {
  return {{"id", ids.lease("-FF")},
          {"_etag", "e"},
          {"LeaseToken", "-FF"},
          {"version", 1},
          {member, {{"Range", {{"min", ""}, {"max", "FF"}}}}}};
}

boost::json::object marker(const lease_ids& ids) {
  return {{"id", ids.marker()}, {"_ts", 100}};
}

result<lease_choice> choose(const documents& d, lease_format f = lease_format::automatic) {
  return choose_leases(d, "p-", "h", feed, f);
}

void expect_choice(const result<lease_choice>& c, stem_kind stem, lease_form of_ranges,
                   lease_form of_spans) {
  ASSERT_TRUE(c.has_value()) << c.error().detail;
  EXPECT_EQ(c->stem, stem);
  EXPECT_EQ(c->ids.stem(), (stem == stem_kind::names ? names : rids).stem());
  EXPECT_EQ(c->range_form, of_ranges);
  EXPECT_EQ(c->span_form, of_spans);
}

void expect_refused(const result<lease_choice>& c, std::string_view because) {
  ASSERT_FALSE(c.has_value());
  EXPECT_EQ(c.error().code, errc::rejected);
  EXPECT_NE(c.error().detail.find(because), std::string::npos) << c.error().detail;
}

} // namespace

TEST(lease_choice, nothing_there_makes_a_new_store) {
  const auto c = choose({});
  expect_choice(c, stem_kind::names, lease_form::pk, lease_form::java_epk);
  EXPECT_TRUE(c->untouched);
  EXPECT_FALSE(c->state.initialised);
}

TEST(lease_choice, a_new_store_may_be_asked_for_in_any_form) {
  expect_choice(choose({}, lease_format::pk), stem_kind::names, lease_form::pk,
                lease_form::java_epk);
  expect_choice(choose({}, lease_format::java_epk), stem_kind::rids, lease_form::java_epk,
                lease_form::java_epk);
  expect_choice(choose({}, lease_format::dotnet_epk), stem_kind::rids, lease_form::dotnet_epk,
                lease_form::dotnet_epk);
}

TEST(lease_choice, joins_what_is_there) {
  expect_choice(choose({range(names)}), stem_kind::names, lease_form::pk, lease_form::java_epk);
  expect_choice(choose({span(names, "feedRange"), range(names)}), stem_kind::names, lease_form::pk,
                lease_form::java_epk);
  expect_choice(choose({range(rids)}), stem_kind::rids, lease_form::pk, lease_form::dotnet_epk);
  expect_choice(choose({range(rids), span(rids, "FeedRange")}), stem_kind::rids, lease_form::pk,
                lease_form::dotnet_epk);
  expect_choice(choose({span(rids, "feedRange")}), stem_kind::rids, lease_form::java_epk,
                lease_form::java_epk);
  expect_choice(choose({span(rids, "FeedRange")}), stem_kind::rids, lease_form::dotnet_epk,
                lease_form::dotnet_epk);
}

TEST(lease_choice, a_marker_counts_where_leases_are_lost) {
  const auto c = choose({marker(rids)});
  expect_choice(c, stem_kind::rids, lease_form::pk, lease_form::dotnet_epk);
  EXPECT_TRUE(c->state.initialised);
  EXPECT_FALSE(c->untouched);
  expect_choice(choose({marker(rids), marker(names)}), stem_kind::names, lease_form::pk,
                lease_form::java_epk);
}

TEST(lease_choice, the_marker_is_that_of_the_leases) {
  EXPECT_FALSE(choose({range(names), marker(rids)})->state.initialised);
  EXPECT_TRUE(choose({range(names), marker(names)})->state.initialised);
}

TEST(lease_choice, two_kinds_of_ids_need_a_word) {
  const documents both{range(names), span(rids, "feedRange")};
  expect_refused(choose(both), "leases.format");
  expect_choice(choose(both, lease_format::pk), stem_kind::names, lease_form::pk,
                lease_form::java_epk);
  expect_choice(choose(both, lease_format::java_epk), stem_kind::rids, lease_form::java_epk,
                lease_form::java_epk);
}

TEST(lease_choice, another_form_than_asked_for_is_refused) {
  expect_refused(choose({range(rids)}, lease_format::java_epk), "java-epk");
  expect_refused(choose({span(rids, "FeedRange")}, lease_format::java_epk), "java-epk");
  expect_refused(choose({span(rids, "feedRange")}, lease_format::dotnet_epk), "dotnet-epk");
  expect_refused(choose({span(rids, "feedRange")}, lease_format::pk), "leases.format is pk");
}

TEST(lease_choice, mixtures_that_nobody_reads_are_refused) {
  auto other = span(rids, "FeedRange");
  other["id"] = rids.lease("1F-FF");
  other["LeaseToken"] = "1F-FF";
  other["FeedRange"] = {{"Range", {{"min", "1F"}, {"max", "FF"}}}};
  expect_refused(choose({span(rids, "feedRange"), other}), "mix");
  expect_refused(choose({span(rids, "feedRange"), range(rids)}), "mix");
}

TEST(lease_choice, the_form_of_2018_is_refused) {
  expect_refused(choose({{{"id", names.marker() + ".0"}, {"partitionId", "0"}}}), "2018");
}

TEST(lease_choice, documents_of_other_feeds_are_of_no_interest) {
  EXPECT_TRUE(choose({{{"id", "p-h_ow_subjects..0"}}, {{"id", "p-h_ow_whisks.lock"}}})->untouched);
}

} // namespace feedcast::cosmos
