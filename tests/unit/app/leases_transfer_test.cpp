#include "app/leases/export_document.hpp"
#include "app/leases/transfer.hpp"
#include "tests/unit/app/leases_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace feedcast::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

lease_source source(std::vector<lease> leases, lease_store_state state = {true, store_now}) {
  return {"the export", views(std::move(leases)), state};
}

lease_destination destination(std::vector<lease> leases, bool initialised = true) {
  return {views(std::move(leases)),
          {initialised, std::nullopt},
          lease_form::pk,
          lease_form::dotnet_epk,
          store_now};
}

lease with_keys(lease l, key_span keys) {
  l.keys = std::move(keys);
  return l;
}

lease_export example() {
  lease_export e;
  e.processor = {"eu", "whisks", "acme.documents.azure.com", "ow", "whisks", "O7RwAKylJbY=", "p-"};
  e.exported_at = store_now;
  e.state = {true, store_now - minute};
  e.leases = {with_keys(pk_lease("0", "host-a", "\"24\""), {"", "7F"}),
              span_lease({"7F", "FF"}, "", "")};
  e.leases[1].start = at("2026-01-01T00:00:00Z");
  return e;
}

} // namespace

TEST(leases_transfer, into_an_empty_store_makes_all_leases_without_owners_and_then_the_marker) {
  const auto s = plan_transfer(
      source({pk_lease("1", "host-a", "\"24\""), span_lease({"7F", "FF"}, "host-b", "\"8\"")}),
      destination({}, false));
  ASSERT_TRUE(s);
  ASSERT_EQ(s->edits.size(), 2U);
  for (const auto& e : s->edits) {
    EXPECT_FALSE(e.before);
    EXPECT_EQ(e.after.owner, "");
    EXPECT_EQ(e.after.boot, "");
    EXPECT_EQ(e.after.version, "");
  }
  EXPECT_EQ(s->edits[0].after.continuation, "\"24\"");
  EXPECT_EQ(s->edits[0].after.form, lease_form::pk);
  EXPECT_EQ(s->edits[1].after.form, lease_form::dotnet_epk) << "as the store has them";
  EXPECT_EQ(s->edits[1].after.keys, (key_span{"7F", "FF"}));
  EXPECT_EQ(s->marker, store_now);
}

TEST(leases_transfer, makes_key_spans_of_ranges_where_the_store_has_nothing_else) {
  auto to = destination({}, false);
  to.range_form = to.span_form = lease_form::java_epk;
  const auto s = plan_transfer(source({pk_lease("1", "", "\"24\"")}), to);
  ASSERT_TRUE(s);
  EXPECT_EQ(s->edits.at(0).after.form, lease_form::java_epk);
  EXPECT_EQ(s->edits.at(0).after.range_id, "-7F");
  EXPECT_EQ(s->edits.at(0).after.keys, (key_span{"", "7F"}));
  const auto gone = plan_transfer(source({pk_lease("0", "", "\"24\"")}), to);
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().detail, HasSubstr("nobody knows its keys"));
}

TEST(leases_transfer, a_marker_without_an_anchor_means_the_beginning_and_none_stays_none) {
  EXPECT_EQ(plan_transfer(source({}, {true, std::nullopt}), destination({}, false))->marker,
            wall_time{});
  EXPECT_EQ(plan_transfer(source({}, {false, std::nullopt}), destination({}, false))->marker,
            std::nullopt);
  EXPECT_EQ(plan_transfer(source({}), destination({}, true))->marker, std::nullopt);
}

TEST(leases_transfer, replaces_positions_of_the_same_ranges_and_takes_their_owners) {
  const auto s =
      plan_transfer(source({pk_lease("1", "", "\"24\""), pk_lease("2", "", "\"8\"")}),
                    destination({pk_lease("1", "host-a", "\"99\""), pk_lease("2", "", "\"8\"")}));
  ASSERT_TRUE(s);
  ASSERT_EQ(s->edits.size(), 1U);
  EXPECT_EQ(s->edits[0].before->continuation, "\"99\"");
  EXPECT_EQ(s->edits[0].after.continuation, "\"24\"");
  EXPECT_EQ(s->edits[0].after.version, "v1");
  EXPECT_EQ(s->edits[0].after.owner, "");
  ASSERT_EQ(s->untouched.size(), 1U);
  EXPECT_THAT(s->untouched[0].why, HasSubstr("has this position"));
}

TEST(leases_transfer, ranges_that_were_split_since_get_their_parents_position) {
  const auto s =
      plan_transfer(source({with_keys(pk_lease("0", "", "\"24\""), whole_key_space())}),
                    destination({pk_lease("1", "", "\"50\""), pk_lease("2", "", "\"51\"")}));
  ASSERT_TRUE(s);
  ASSERT_EQ(s->edits.size(), 2U);
  EXPECT_EQ(s->edits[0].after.range_id, "1");
  EXPECT_EQ(s->edits[1].after.range_id, "2");
  EXPECT_EQ(s->edits[0].after.continuation, "\"24\"");
  EXPECT_EQ(s->edits[1].after.continuation, "\"24\"");
  EXPECT_THAT(s->untouched, IsEmpty()) << "and 0 is not made beside them";
}

TEST(leases_transfer, prefers_the_child_where_the_source_has_both) {
  const auto s = plan_transfer(source({with_keys(pk_lease("0", "", "\"24\""), whole_key_space()),
                                       pk_lease("1", "", "\"30\"")}),
                               destination({pk_lease("1", "", ""), pk_lease("2", "", "")}));
  ASSERT_TRUE(s);
  ASSERT_EQ(s->edits.size(), 2U);
  EXPECT_EQ(s->edits[0].after.continuation, "\"30\"");
  EXPECT_EQ(s->edits[1].after.continuation, "\"24\"");
}

TEST(leases_transfer, refuses_to_guess_where_ranges_were_merged_since) {
  const auto s =
      plan_transfer(source({pk_lease("1", "", "\"24\""), pk_lease("2", "", "\"8\"")}),
                    destination({with_keys(pk_lease("3", "", "\"99\""), whole_key_space())}));
  ASSERT_FALSE(s);
  EXPECT_EQ(s.error().code, errc::conflict);
  EXPECT_THAT(s.error().detail, HasSubstr("lease 3"));
  EXPECT_THAT(s.error().detail, HasSubstr("rewind"));
}

TEST(leases_transfer, never_takes_a_position_for_nothing) {
  auto rewound = pk_lease("2", "", "");
  rewound.start = wall_time{};
  const auto s =
      plan_transfer(source({pk_lease("1", "", ""), std::move(rewound)}),
                    destination({pk_lease("1", "", "\"9\""), pk_lease("2", "", "\"9\"")}));
  ASSERT_TRUE(s);
  ASSERT_EQ(s->edits.size(), 1U);
  EXPECT_EQ(s->edits[0].after.range_id, "2");
  EXPECT_EQ(s->edits[0].after.start, wall_time{});
  EXPECT_EQ(s->edits[0].after.continuation, "");
  ASSERT_EQ(s->untouched.size(), 1U);
  EXPECT_THAT(s->untouched[0].why, HasSubstr("no position"));
}

TEST(leases_export, comes_back_as_it_was_but_for_versions) {
  const auto e = example();
  const auto text = write_export(e);
  const auto back = read_export(text);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(write_export(*back), text);
  ASSERT_EQ(back->leases.size(), 2U);
  EXPECT_EQ(back->leases[0].continuation, "\"24\"");
  EXPECT_EQ(back->leases[0].keys, (key_span{"", "7F"}));
  EXPECT_EQ(back->leases[1].form, lease_form::java_epk);
  EXPECT_EQ(back->leases[1].start, e.leases[1].start);
  EXPECT_EQ(back->leases[0].version, "");
  EXPECT_EQ(back->state.started_at, e.state.started_at);
  EXPECT_EQ(back->processor.collection_rid, "O7RwAKylJbY=");
}

TEST(leases_export, is_refused_if_anything_is_amiss) {
  const auto good = write_export(example());
  const auto broken = [&](const std::string& from, const std::string& to) {
    auto text = good;
    const auto where = text.find(from);
    EXPECT_NE(where, std::string::npos) << from;
    text.replace(where, from.size(), to);
    return text;
  };
  for (const auto& text : {
           std::string{},
           std::string{"[]"},
           good.substr(0, good.size() / 2),
           good + good,
           broken("feedcast-leases-export", "feedcast-leases"),
           broken("\"version\": 1", "\"version\": 2"),
           broken("\"processor\"", "\"processors\""),
           broken("\"host\": \"acme.documents.azure.com\"", "\"host\": null"),
           broken("\"initialised\": true", "\"initialised\": 1"),
           broken("\"anchor\": \"2026", "\"anchor\": \"x2026"),
           broken("\"range\": \"7F-FF\"", "\"range\": \"0\""),
           broken("\"form\": \"pk\"", "\"form\": \"pq\""),
           broken("\"min\": \"7F\"", "\"min\": \"FF\""),
           broken("\"position\": \"\\\"24\\\"\"", "\"position\": 24"),
           broken("\"position\": null,", ""),
           broken("\"start\": \"2026", "\"start\": \"soon 2026"),
       }) {
    const auto read = read_export(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, errc::rejected) << text;
    EXPECT_THAT(read.error().detail, Not(IsEmpty()));
  }
}

TEST(leases_export, is_good_for_its_own_feed_only_and_both_are_named) {
  const auto from = example().processor;
  EXPECT_TRUE(check_same_feed(from, from));
  auto to = from;
  to.host = "renamed.documents.azure.com";
  to.prefix = "other-";
  EXPECT_TRUE(check_same_feed(from, to)) << "the same collection under another name";
  to.collection_rid.clear();
  EXPECT_FALSE(check_same_feed(from, to)) << "nobody knows";
  to.host = from.host;
  EXPECT_TRUE(check_same_feed(from, to));
  to.collection_rid = "other";
  EXPECT_FALSE(check_same_feed(from, to)) << "it was removed and made again";
  to = from;
  to.database = "staging";
  const auto refused = check_same_feed(from, to);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("database ow"));
  EXPECT_THAT(refused.error().detail, HasSubstr("database staging"));
}

} // namespace feedcast::app
