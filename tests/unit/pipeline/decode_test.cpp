#include "pipeline/decode.hpp"
#include "pipeline/repair.hpp"
#include "tests/support/pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace feedcast;
using feedcast::testing::action;
using feedcast::testing::make_page;
using feedcast::testing::page_text;

namespace {

struct outcome {
  bool trusted = false;
  std::vector<std::string> ids;
  std::vector<std::string> repaired;
  std::vector<std::string> unusable;
};

outcome decode(const std::string& text, page_decoder::options o = {}) {
  page_decoder decoder{o};
  const auto page = make_page(text);
  const auto decoded = decoder.decode(page);
  outcome out;
  if (!decoded)
    return out;
  out.trusted = true;
  for (const auto& c : (*decoded)->changes)
    (c.repaired ? out.repaired : out.ids).emplace_back(c.id);
  for (const auto& u : (*decoded)->unusable)
    out.unusable.emplace_back(std::string{to_string(u.why)} + "@" + std::to_string(u.index));
  return out;
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

using ::testing::ElementsAre;
using ::testing::IsEmpty;

} // namespace

TEST(decode, reads_the_fields_that_matter) {
  page_decoder decoder{{}};
  const auto page = make_page(page_text({
      R"({"_deleted":true,"entityType":"rule","id":"ns|r","_clusterId":"us2","_ts":1722009142,"_lsn":9142})",
      R"({"id":"ns|pkg|a","entityType":"action"})",
  }));
  const auto decoded = decoder.decode(page);
  ASSERT_TRUE(decoded.has_value());
  const auto& changes = (*decoded)->changes;
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].id, "ns|r");
  EXPECT_EQ(changes[0].cluster_id, "us2");
  EXPECT_EQ(changes[0].kind, entity_kind::rule);
  EXPECT_TRUE(changes[0].deleted);
  EXPECT_EQ(changes[0].ts, 1722009142);
  EXPECT_EQ(changes[0].lsn, 9142U);
  EXPECT_EQ(changes[1].cluster_id, "");
  EXPECT_EQ(changes[1].lsn, 0U);
  EXPECT_FALSE(changes[1].deleted);
}

TEST(decode, ignores_members_of_the_same_names_deeper_down) {
  const auto out = decode(page_text({R"({"exec":{"id":"inner","_clusterId":"c"},"id":"outer"})"}));
  EXPECT_THAT(out.ids, ElementsAre("outer"));
}

TEST(decode, broken_documents_leave_the_rest_of_their_page) {
  struct row {
    const char* what;
    std::string document;
    std::vector<std::string> repaired;
    std::vector<std::string> unusable;
  };

  const std::vector<row> rows{
      {"no id", R"({"name":"x"})", {}, {"no_id@1"}},
      {"id null", R"({"id":null,"_lsn":4})", {}, {"bad_id@1"}},
      {"id number", R"({"id":12})", {}, {"bad_id@1"}},
      {"id object", R"({"id":{"a":["b"]}})", {}, {"bad_id@1"}},
      {"id empty", R"({"id":""})", {}, {"bad_id@1"}},
      {"id with a lone surrogate", R"({"id":"a\ud800b"})", {}, {"bad_id@1"}},
      {"not an object", R"("text")", {}, {"no_id@1"}},
      {"invalid UTF-8 beside the id", "{\"x\":\"\xff\xfe\",\"id\":\"b|1\"}", {"b|1"}, {}},
      {"overlong UTF-8", "{\"x\":\"\xc0\xaf\",\"id\":\"b|1\"}", {"b|1"}, {}},
      {"UTF-8 surrogate", "{\"x\":\"\xed\xa0\x80\",\"id\":\"b|1\"}", {"b|1"}, {}},
      {"invalid UTF-8 in the id", "{\"id\":\"b\xff|1\"}", {}, {"damaged@1"}},
      {"raw control character", std::string{"{\"x\":\"a\x01\nb\",\"id\":\"b|1\"}"}, {"b|1"}, {}},
      {"raw control character in the id", "{\"id\":\"b\t|1\"}", {}, {"damaged@1"}},
      {"escaped raw control character", "{\"x\":\"a\\\x02\",\"id\":\"b|1\"}", {"b|1"}, {}},
  };
  for (const auto& r : rows) {
    const auto out = decode(page_text({action("a|1", "c"), r.document, action("c|1", "c")}));
    EXPECT_TRUE(out.trusted) << r.what;
    EXPECT_THAT(out.ids, ElementsAre("a|1", "c|1")) << r.what;
    EXPECT_EQ(out.repaired, r.repaired) << r.what;
    EXPECT_EQ(out.unusable, r.unusable) << r.what;
  }
}

TEST(decode, a_page_that_was_cut_is_told_from_one_with_a_broken_document) {
  const auto whole = page_text({R"({"id":"a","open":"never closed})", action("b", "c")});
  EXPECT_FALSE(cut_short(whole));
  EXPECT_FALSE(cut_short(whole + "\r\n"));
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_TRUE(cut_short(std::string_view{whole}.substr(0, n))) << n;
}

TEST(decode, odd_but_usable_documents_are_delivered) {
  const std::vector<std::string> documents{
      R"({"entityType":null,"id":"b"})",
      R"({"big":NaN,"n":1e999,"m":18446744073709551616,"z":-0,"id":"b"})",
      R"({"\u0069d":"b"})",
      R"({"deep":)" + nested(200) + R"(,"id":"b"})",
      R"({"deep":)" + nested(1100) + R"(,"id":"b"})",
      R"({"big":")" + std::string(2U << 20U, 'x') + R"(","id":"b"})",
      R"({"id":"\u0062"})",
  };
  for (const auto& d : documents) {
    const auto out = decode(page_text({action("a", "c"), d, action("c", "c")}));
    EXPECT_THAT(out.ids, ElementsAre("a", "b", "c")) << d.substr(0, 100);
    EXPECT_THAT(out.unusable, IsEmpty()) << d.substr(0, 100);
  }
}

TEST(decode, a_field_of_another_type_is_taken_for_missing_and_told) {
  const auto out = decode(page_text({
      R"({"_lsn":"9","id":"a"})",
      R"({"_ts":1.5,"id":"b"})",
      R"({"_deleted":"yes","id":"c"})",
      R"({"_clusterId":7,"id":"d"})",
      R"({"_lsn":-1,"id":"e"})",
  }));
  EXPECT_THAT(out.ids, IsEmpty());
  EXPECT_THAT(out.repaired, ElementsAre("a", "b", "c", "d", "e"));
}

TEST(decode, a_document_with_two_ids_counts_for_both) {
  EXPECT_THAT(decode(page_text({R"({"id":"a","x":1,"id":"b"})"})).ids, ElementsAre("a", "b"));
  EXPECT_THAT(decode(page_text({R"({"id":"a","id":"a"})"})).ids, ElementsAre("a"));
}

TEST(decode, a_page_cut_short_at_any_byte_is_never_half_accepted) {
  const auto text = page_text({action("a|1", "eu"), action("b|2", "us"), action("c|3", "")});
  ASSERT_TRUE(decode(text).trusted);
  for (std::size_t n = 0; n < text.size(); ++n)
    EXPECT_FALSE(decode(text.substr(0, n)).trusted) << n;
}

TEST(decode, a_damaged_page_cut_short_is_never_half_accepted) {
  const auto text = page_text({action("a|1", "eu"), "{\"x\":\"\xff\",\"id\":\"b\"}"});
  ASSERT_TRUE(decode(text).trusted);
  for (std::size_t n = 0; n < text.size(); ++n)
    EXPECT_FALSE(decode(text.substr(0, n)).trusted) << n;
}

TEST(decode, refuses_what_is_not_exactly_one_page) {
  const auto good = page_text({action("a", "c")});
  for (const std::string& text :
       {std::string{}, std::string{"<html></html>"}, "\xEF\xBB\xBF" + good + "x", good + good,
        good + "garbage", std::string{"[]"}, std::string{"{}"}, std::string{"null"},
        std::string{R"({"Documents":{}})"}, std::string{R"({"Documents":[{"id":"a"}],"_count":2})"},
        std::string{R"({"Documents":[{"id":"a"},{"id":"b"}],"_count":1})"},
        std::string{R"({"Documents":[{"id":"a"} {"id":"b"}],"_count":2})"}})
    EXPECT_FALSE(decode(text).trusted) << text;
  EXPECT_TRUE(decode(good + " \n").trusted);
}

TEST(decode, holds_the_body_against_the_announced_item_count) {
  page_decoder decoder{{}};
  auto page = make_page(page_text({action("a", "c"), action("b", "c")}));
  page.item_count = 3;
  const auto decoded = decoder.decode(page);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, errc::malformed);
  page.item_count = 2;
  EXPECT_TRUE(decoder.decode(page).has_value());
}

TEST(decode, salvage_takes_every_string_behind_an_id) {
  page_decoder decoder{{}};
  const auto page = make_page(
      R"({"Documents":[{"id" : "a|1","x":{"id":"b\u00e9"},"id":7,"id":"bad\q","y":"id":"c)");
  const auto& out = decoder.salvage(page);
  std::vector<std::string> ids;
  for (const auto& c : out.changes) {
    EXPECT_TRUE(c.repaired);
    ids.emplace_back(c.id);
  }
  EXPECT_THAT(ids, ElementsAre("a|1", "b\u00e9"));
  EXPECT_EQ(out.unusable.size(), 1U) << "two of them can't be read";
}

TEST(decode, salvage_keeps_the_number_of_the_change) {
  page_decoder decoder{{}};
  const auto page = make_page(
      R"({"Documents":[{"id":"a","x":{"_lsn":9},"y":[,"_ts":1767225600,"_lsn":7}],"_count":1})");
  const auto& out = decoder.salvage(page);
  ASSERT_EQ(out.changes.size(), 1U);
  EXPECT_EQ(out.changes[0].lsn, 7U);
  EXPECT_EQ(out.changes[0].ts, 1767225600);
}

TEST(decode, salvage_of_nothing_is_one_unusable_document) {
  page_decoder decoder{{}};
  const auto page = make_page(R"({"Documents":[{"name":"x")");
  const auto& out = decoder.salvage(page);
  EXPECT_THAT(out.changes, IsEmpty());
  EXPECT_EQ(out.unusable.size(), 1U);
}
