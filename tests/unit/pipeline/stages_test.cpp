#include "pipeline/stages.hpp"
#include "tests/support/pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace feedcast;
using feedcast::testing::action;
using feedcast::testing::make_page;
using feedcast::testing::page_text;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

std::shared_ptr<batch> run(const std::vector<std::string>& documents, stage_options options = {},
                           const waiting_messages& waiting = {}) {
  page_stages stages{std::move(options)};
  const auto page = make_page(page_text(documents), "\"42\"");
  auto b = stages.process(page, waiting);
  EXPECT_TRUE(b.has_value());
  return *b;
}

std::vector<std::string> keys(const batch& b) {
  std::vector<std::string> out;
  for (const auto& m : b.messages)
    out.emplace_back(b.key(m));
  return out;
}

std::uint32_t accounted(const batch& b) {
  std::uint32_t in_messages = 0;
  for (const auto& m : b.messages)
    in_messages += m.changes;
  return in_messages + b.counts.own + b.counts.filtered + b.counts.coalesced + b.counts.unusable;
}

} // namespace

// The bytes that OpenWhisk's controllers read today, written down by hand from the replaced
// service's format.
TEST(stages, messages_have_the_bytes_of_the_replaced_service) {
  struct row {
    std::string json_id;
    std::string value;
    std::string key;
  };

  const std::vector<row> rows{
      {"guest|hello", R"({"instanceId":"cache-invalidator","key":{"mainId":"guest/hello"}})",
       "guest/hello"},
      {"acme-eu|imaging|resize",
       R"({"instanceId":"cache-invalidator","key":{"mainId":"acme-eu/imaging/resize"}})",
       "acme-eu/imaging/resize"},
      {"ns|with space & more",
       R"({"instanceId":"cache-invalidator","key":{"mainId":"ns/with space & more"}})",
       "ns/with space & more"},
      {"ns|caf\u00e9 \U0001F600",
       "{\"instanceId\":\"cache-invalidator\",\"key\":{\"mainId\":\"ns/caf\u00e9 \U0001F600\"}}",
       "ns/caf\u00e9 \U0001F600"},
      {R"(ns|\u00e9)", "{\"instanceId\":\"cache-invalidator\",\"key\":{\"mainId\":\"ns/\u00e9\"}}",
       "ns/\u00e9"},
      {R"(q\"uote\\back)", R"({"instanceId":"cache-invalidator","key":{"mainId":"q\"uote\\back"}})",
       R"(q"uote\back)"},
      {R"(a\b\f\n\r\tz\u0001\u001f)",
       R"({"instanceId":"cache-invalidator","key":{"mainId":"a\b\f\n\r\tz\u0001\u001f"}})",
       "a\b\f\n\r\tz\x01\x1f"},
      {"\u2028\x7f/slash",
       "{\"instanceId\":\"cache-invalidator\",\"key\":{\"mainId\":\"\u2028\x7f/slash\"}}",
       "\u2028\x7f/slash"},
      {R"(nul\u0000x)", R"({"instanceId":"cache-invalidator","key":{"mainId":"nul\u0000x"}})",
       std::string{"nul\0x", 5}},
      {std::string(1023, 'i'),
       R"({"instanceId":"cache-invalidator","key":{"mainId":")" + std::string(1023, 'i') + R"("}})",
       std::string(1023, 'i')},
  };
  std::vector<std::string> documents;
  for (const auto& r : rows)
    documents.push_back(action(r.json_id, "us"));
  const auto b = run(documents);
  ASSERT_EQ(b->messages.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(b->value(b->messages[i]), rows[i].value);
    EXPECT_EQ(b->key(b->messages[i]), rows[i].key);
  }
  EXPECT_EQ(b->next.token, "\"42\"");
}

TEST(stages, every_filter_rule) {
  struct row {
    const char* what;
    std::string document;
    filter_options filter;
    bool delivered;
  };

  const filter_options eu{.own_cluster = "eu1", .kinds = {}, .namespaces = {}};
  const filter_options actions{.own_cluster = "", .kinds = {entity_kind::action}, .namespaces = {}};
  const filter_options spaces{
      .own_cluster = "", .kinds = {}, .namespaces = {"acme*", "guest", "*-lab"}};
  const std::vector<row> rows{
      {"own change", action("a|b", "eu1"), eu, false},
      {"foreign change", action("a|b", "us2"), eu, true},
      {"no stamp is foreign", action("a|b", ""), eu, true},
      {"longer stamp is foreign", action("a|b", "eu12"), eu, true},
      {"own tombstone", R"({"id":"a","_deleted":true,"_clusterId":"eu1"})", eu, false},
      {"foreign tombstone", R"({"id":"a","_deleted":true,"_clusterId":"us2"})", eu, true},
      {"no cluster of its own: nothing is own", action("a|b", "eu1"), {}, true},
      {"wanted kind", action("a|b", "x"), actions, true},
      {"other kind", action("a|b", "x", 1, "trigger"), actions, false},
      {"unknown kind passes", action("a|b", "x", 1, "gadget"), actions, true},
      {"missing kind passes", R"({"id":"a|b"})", actions, true},
      {"namespace by prefix", action("acme-eu|b", "x"), spaces, true},
      {"namespace exactly", action("guest|b", "x"), spaces, true},
      {"namespace by suffix", action("beta-lab|b|c", "x"), spaces, true},
      {"other namespace", action("guests|b", "x"), spaces, false},
      {"pattern is for the first segment only", action("b|guest", "x"), spaces, false},
      {"star means all",
       action("b|c", "x"),
       {.own_cluster = "", .kinds = {}, .namespaces = {"*"}},
       true},
      {"design document", action("_design|subjects", "x"), {}, false},
      {"design document, plain", action("_design/subjects", "x"), {}, false},
  };
  for (const auto& r : rows) {
    const auto b = run({r.document}, {.filter = r.filter, .content = feed_content::entities});
    EXPECT_EQ(b->messages.size(), r.delivered ? 1U : 0U) << r.what;
    EXPECT_EQ(accounted(*b), b->counts.changes) << r.what;
  }
}

TEST(stages, own_and_filtered_changes_are_counted_apart) {
  const auto b = run({action("a|1", "eu1"), action("b|1", "us2"), action("a|2", "us2", 5)},
                     {.filter = {.own_cluster = "eu1", .kinds = {}, .namespaces = {"a"}},
                      .content = feed_content::entities});
  EXPECT_EQ(b->counts.own, 1U);
  EXPECT_EQ(b->counts.filtered, 1U);
  EXPECT_THAT(keys(*b), ElementsAre("a/2"));
  EXPECT_EQ(b->last_lsn, 5U);
  EXPECT_EQ(accounted(*b), 3U);
}

TEST(stages, one_message_per_key_and_page) {
  const auto b = run({action("a", "c"), action("b", "c"), action("a", "c")});
  EXPECT_THAT(keys(*b), ElementsAre("a", "b"));
  EXPECT_EQ(b->counts.coalesced, 1U);
  EXPECT_EQ(accounted(*b), 3U);
}

TEST(stages, keys_that_wait_for_their_target_need_no_second_message) {
  message_ref older{.lsn = 1};
  const waiting_messages waiting{{"x/1", &older}};
  const auto b = run({action("x|1", "c"), action("x|2", "c")}, {}, waiting);
  EXPECT_THAT(keys(*b), ElementsAre("x/2"));
  EXPECT_EQ(b->counts.coalesced, 1U);
  EXPECT_EQ(b->value(b->messages[0]),
            R"({"instanceId":"cache-invalidator","key":{"mainId":"x/2"}})");
}

TEST(stages, a_message_carries_the_lsn_of_the_newest_change_that_it_covers) {
  message_ref older{.lsn = 1};
  const waiting_messages waiting{{"x/1", &older}};
  const auto b = run({R"({"id":"x|1","_lsn":7})", R"({"id":"x|2","_lsn":8})",
                      R"({"id":"x|2","_lsn":9})", R"({"id":"x|1","_lsn":10})"},
                     {}, waiting);
  EXPECT_EQ(older.lsn, 10U);
  EXPECT_THAT(keys(*b), ElementsAre("x/2"));
  EXPECT_EQ(b->messages[0].lsn, 9U);
  EXPECT_EQ(b->counts.coalesced, 3U);
}

TEST(stages, names_unusable_documents_and_goes_on) {
  page_stages stages{{}};
  const auto page = make_page(page_text({R"({"_lsn":8,"name":"x"})", action("a", "c")}));
  const auto b = stages.process(page, {});
  ASSERT_TRUE(b.has_value());
  EXPECT_THAT(keys(**b), ElementsAre("a"));
  ASSERT_EQ(stages.unusable().size(), 1U);
  EXPECT_EQ(stages.unusable()[0].lsn, 8U);
  EXPECT_EQ(accounted(**b), 2U);
}

TEST(stages, a_malformed_page_yields_nothing) {
  page_stages stages{{}};
  const auto page = make_page(R"({"Documents":[{"id":"a"})");
  EXPECT_FALSE(stages.process(page, {}).has_value());
  EXPECT_THAT(stages.unusable(), IsEmpty());
  EXPECT_THAT(keys(*stages.salvage(page, {})), ElementsAre("a"));
}

TEST(stages, oldest_timestamp_ignores_missing_ones) {
  const auto b = run({R"({"id":"a"})", R"({"id":"b","_ts":20})", R"({"id":"c","_ts":10})"});
  EXPECT_EQ(b->oldest_ts, 10);
}

TEST(pattern, matches_with_stars) {
  EXPECT_TRUE(matches_pattern("*", ""));
  EXPECT_TRUE(matches_pattern("a*c*e", "abcde"));
  EXPECT_TRUE(matches_pattern("a*b", "aXbYb"));
  EXPECT_FALSE(matches_pattern("a*b", "aXbY"));
  EXPECT_FALSE(matches_pattern("", "a"));
  EXPECT_TRUE(matches_pattern("", ""));
}
