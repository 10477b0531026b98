// Pages of all versions and deletes.
#include "pipeline/stages.hpp"
#include "tests/support/pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace feedcast;
using feedcast::testing::action;
using feedcast::testing::page_text;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

feed_page make_page(const std::vector<std::string>& documents) {
  auto page = feedcast::testing::make_page(page_text(documents));
  page.envelopes = true;
  return page;
}

std::string written(const std::string& document, std::string_view operation = "replace") {
  return R"({"current":)" + document + R"(,"metadata":{"operationType":")" + std::string{operation}
         + R"(","lsn":30,"crts":1767225700}})";
}

std::string removed(std::string_view current, std::string_view more_metadata,
                    std::string_view previous = {}) {
  std::string text = "{";
  if (!current.empty())
    text.append(R"("current":)").append(current).append(",");
  text += R"("metadata":{"operationType":"delete","lsn":31,"crts":1767225800)";
  text += more_metadata;
  text += '}';
  if (!previous.empty())
    text.append(R"(,"previous":)").append(previous);
  return text + '}';
}

struct told {
  std::vector<change> changes;
  std::vector<std::string> ids;
  std::vector<std::string> names;
  std::vector<std::string> unusable;
};

/// Copies what it must: views of the result end with the decoder.
told decode(const feed_page& page, page_decoder::options o = {}) {
  page_decoder decoder{o};
  const auto decoded = decoder.decode(page);
  told out;
  EXPECT_TRUE(decoded.has_value());
  if (!decoded)
    return out;
  for (const auto& c : (*decoded)->changes) {
    out.ids.emplace_back(c.id);
    out.changes.push_back(c);
  }
  for (const auto& e : (*decoded)->elements)
    out.names.emplace_back(e.name);
  for (const auto& u : (*decoded)->unusable)
    out.unusable.emplace_back(to_string(u.why));
  return out;
}

std::vector<std::string> keys_of(const batch& b) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < b.invalidations(); ++i)
    keys.emplace_back(b.key(b.messages[i]));
  return keys;
}

} // namespace

TEST(envelopes, tell_a_write_as_a_plain_page_does_but_for_time_and_lsn) {
  const auto page = make_page(
      {written(action("ns|a", "us2"), "create"), written(action("ns|r", "eu1", 1, "rule"))});
  const auto out = decode(page);
  ASSERT_THAT(out.ids, ElementsAre("ns|a", "ns|r"));
  EXPECT_EQ(out.changes[0].kind, entity_kind::action);
  EXPECT_EQ(out.changes[0].ts, 1767225700);
  EXPECT_EQ(out.changes[0].lsn, 30U);
  EXPECT_FALSE(out.changes[0].deleted);
  EXPECT_EQ(out.changes[1].kind, entity_kind::rule);
}

TEST(envelopes, tell_a_delete_however_its_current_looks) {
  const std::string id = R"(,"id":"ns|gone","partitionKey":{"id":"ns|gone"})";
  for (const auto* current : {"{}", "null", "", "\"odd\"", "[]"}) {
    const auto page = make_page({removed(current, id)});
    const auto out = decode(page);
    ASSERT_THAT(out.ids, ElementsAre("ns|gone")) << current;
    EXPECT_TRUE(out.changes[0].removed);
    EXPECT_TRUE(out.changes[0].deleted);
    EXPECT_EQ(out.changes[0].kind, entity_kind::unknown);
    EXPECT_EQ(out.changes[0].ts, 1767225800);
    EXPECT_EQ(out.changes[0].lsn, 31U);
  }
}

TEST(envelopes, find_the_id_of_a_delete_wherever_it_stands) {
  const auto previous = action("ns|c", "eu1", 5, "trigger");
  const auto page = make_page(
      {removed("{}", R"(,"id":"ns|a")"), removed("{}", R"(,"partitionKey":{"id":"ns|b"})"),
       removed("{}", "", previous), removed("{}", R"(,"partitionKey":{"pk":"x"})")});
  const auto out = decode(page);
  EXPECT_THAT(out.ids, ElementsAre("ns|a", "ns|b", "ns|c"));
  EXPECT_THAT(out.unusable, ElementsAre("no_id"));
  EXPECT_EQ(out.changes[2].kind, entity_kind::trigger);
}

TEST(envelopes, count_whoever_deleted_as_foreign) {
  const auto page = make_page(
      {removed("{}", R"(,"id":"ns|a")", action("ns|a", "own")), written(action("ns|b", "own"))});
  page_stages stages{{.filter = {.own_cluster = "own", .kinds = {}, .namespaces = {}}}};
  const auto b = stages.process(page, {});
  ASSERT_TRUE(b.has_value());
  EXPECT_THAT(keys_of(**b), ElementsAre("ns/a"));
  EXPECT_EQ((*b)->counts.own, 1U);
  EXPECT_EQ((*b)->deletes.removed, 1U);
  EXPECT_EQ((*b)->deletes.tombstones, 0U);
}

TEST(envelopes, pass_the_filters_of_kinds_and_namespaces_as_any_change) {
  const auto page = make_page({removed("{}", R"(,"id":"ns|unknown")"),
                               removed("{}", R"(,"id":"ns|t")", action("ns|t", "", 1, "trigger")),
                               removed("{}", R"(,"id":"other|a")")});
  page_stages stages{
      {.filter = {.own_cluster = "", .kinds = {entity_kind::action}, .namespaces = {"ns"}}}};
  const auto b = stages.process(page, {});
  ASSERT_TRUE(b.has_value());
  EXPECT_THAT(keys_of(**b), ElementsAre("ns/unknown"));
  EXPECT_EQ((*b)->counts.filtered, 2U);
}

TEST(envelopes, name_the_namespaces_that_a_subject_had) {
  const auto subject = [](std::string_view name) {
    return R"({"id":"s","namespaces":[{"name":")" + std::string{name} + R"("}]})";
  };
  auto renamed = written(subject("new"));
  renamed.insert(renamed.size() - 1, R"(,"previous":)" + subject("old"));
  const auto page = make_page({removed("{}", R"(,"id":"s")", subject("gone")), renamed});
  page_stages stages{{.filter = {}, .content = feed_content::identities}};
  const auto b = stages.process(page, {});
  ASSERT_TRUE(b.has_value());
  EXPECT_THAT(keys_of(**b), ElementsAre("gone", "new", "old"));
}

TEST(envelopes, lose_no_neighbour_to_a_document_that_is_none) {
  const auto page = make_page({"7", written(action("ns|a", "")), R"(["x"])", "{}",
                               R"({"current":{"id":7},"metadata":{"operationType":"create"}})",
                               removed("{}", R"(,"id":"ns|b")")});
  const auto out = decode(page);
  EXPECT_THAT(out.ids, ElementsAre("ns|a", "ns|b"));
  EXPECT_THAT(out.unusable, ElementsAre("no_id", "no_id", "no_id", "bad_id"));
}

TEST(envelopes, read_a_plain_document_among_them_all_the_same) {
  const auto page = make_page({action("ns|plain", "us2", 9)});
  const auto out = decode(page);
  ASSERT_THAT(out.ids, ElementsAre("ns|plain"));
  EXPECT_EQ(out.changes[0].lsn, 9U);
}

TEST(envelopes, are_repaired_and_walked_and_salvaged_as_plain_documents_are) {
  auto bad = written("{\"name\":\"\x01\",\"id\":\"ns|a\"}");
  const auto page = make_page({bad, removed("{}", R"(,"id":"ns|b")")});
  const auto out = decode(page);
  EXPECT_THAT(out.ids, ElementsAre("ns|a", "ns|b"));
  EXPECT_TRUE(out.changes[0].repaired);
  EXPECT_FALSE(out.changes[1].repaired);

  const auto broken = make_page({removed("{}", R"(,"id":"ns|b")"), R"({"current":{"id":"ns|c")"});
  page_decoder decoder{{}};
  EXPECT_FALSE(decoder.decode(broken).has_value());
  EXPECT_GE(decoder.walk(broken), 1U);

  const auto one = make_page({removed("{", R"(,"id":"ns|d","partitionKey":{"id":"ns|d"})")});
  EXPECT_FALSE(decoder.decode(one).has_value());
  const auto& saved = decoder.salvage(one);
  ASSERT_FALSE(saved.changes.empty());
  EXPECT_EQ(saved.changes[0].id, "ns|d");
  EXPECT_EQ(saved.changes[0].ts, 1767225800);
  EXPECT_EQ(saved.changes[0].lsn, 31U);
}

TEST(envelopes, of_a_damaged_id_are_set_apart) {
  const auto page = make_page({removed("{}", ",\"id\":\"ns|\xff\"")});
  const auto out = decode(page);
  EXPECT_THAT(out.ids, IsEmpty());
  EXPECT_THAT(out.unusable, ElementsAre("damaged"));
}

TEST(tombstones, tell_for_how_long_they_stay) {
  const auto page = feedcast::testing::make_page(
      page_text({R"({"id":"a","_deleted":true,"ttl":36000})",
                 R"({"id":"b","_deleted":true,"ttl":60})", R"({"id":"c","_deleted":true})",
                 R"({"id":"d","_deleted":true,"ttl":"soon"})", R"({"id":"e","ttl":5})"}));
  page_stages stages{{}};
  const auto b = stages.process(page, {});
  ASSERT_TRUE(b.has_value());
  EXPECT_EQ((*b)->deletes.tombstones, 4U);
  EXPECT_EQ((*b)->deletes.untimed, 2U);
  EXPECT_EQ((*b)->deletes.least_ttl, 60);
  EXPECT_EQ((*b)->counts.repaired, 0U);
}
