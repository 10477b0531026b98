// The table of odd documents: what is delivered of each, and that its neighbours are, whatever it
// is.
#include "pipeline/openwhisk/message.hpp"
#include "pipeline/stages.hpp"
#include "tests/support/bad_documents.hpp"
#include "tests/support/pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>

namespace feedcast::testing {
namespace {

struct outcome {
  std::vector<std::string> keys;
  std::vector<std::string> unusable;
  std::size_t repaired = 0;
  std::size_t own = 0;
  std::size_t filtered = 0;
};

/// Between the quotes of `"NAME":"..."` in a dead letter.
std::string member_of(std::string_view record, std::string_view name) {
  const auto head = "\"" + std::string{name} + "\":\"";
  const auto at = record.find(head);
  if (at == std::string_view::npos)
    return {};
  const auto from = at + head.size();
  return std::string{record.substr(from, record.find('"', from) - from)};
}

page_stages make_stages() {
  return page_stages{{.filter = {.own_cluster = "own", .kinds = {}, .namespaces = {}},
                      .dead_letters = dead_letter_form{
                          .target = "t", .fingerprint = [](std::string_view bytes) {
                            return std::to_string(std::hash<std::string_view>{}(bytes));
                          }}}};
}

outcome outcome_of(const batch& b) {
  outcome out;
  for (std::size_t i = 0; i < b.messages.size(); ++i) {
    const auto value = b.value(b.messages[i]);
    if (i >= b.invalidations()) {
      out.unusable.push_back(member_of(value, "reason"));
      continue;
    }
    EXPECT_TRUE(value.starts_with(openwhisk::message_head)
                && value.ends_with(openwhisk::message_tail));
    out.keys.emplace_back(
        value.substr(openwhisk::message_head.size(), value.size() - openwhisk::message_head.size()
                                                         - openwhisk::message_tail.size()));
  }
  out.repaired = b.counts.repaired;
  out.own = b.counts.own;
  out.filtered = b.counts.filtered;
  EXPECT_EQ(b.counts.unusable, 0U) << "each has its dead letter";
  return out;
}

void expect_outcome(const bad_document& d, const outcome& got, std::vector<std::string> neighbours,
                    bool salvaged = false) {
  auto keys = d.keys;
  keys.insert(keys.end(), neighbours.begin(), neighbours.end());
  EXPECT_THAT(got.keys, ::testing::UnorderedElementsAreArray(keys));
  EXPECT_EQ(got.unusable, d.unusable);
  EXPECT_EQ(got.own, d.own);
  EXPECT_EQ(got.filtered, d.filtered);
  EXPECT_EQ(got.repaired, d.repaired || salvaged ? d.keys.size() : 0U);
}

const std::vector<bad_document>& table() {
  static const auto all = read_bad_documents(SOURCE_FOLDER);
  return all;
}

} // namespace

TEST(bad_documents, are_many_and_differ) {
  std::set<std::string> names;
  for (const auto& d : table())
    EXPECT_TRUE(names.insert(d.name).second) << d.name;
  EXPECT_GE(names.size(), 500U);
}

TEST(bad_documents, have_their_listed_outcome_and_leave_their_neighbours_alone) {
  const auto before = action("n|before", "us", 1);
  const auto after = action("n|after", "us", 3);
  for (const auto& d : table()) {
    SCOPED_TRACE(d.name);
    const std::vector<std::vector<std::string>> pages{
        {before, d.text, after}, {d.text, before, after}, {before, after, d.text}};
    for (const auto& documents : pages) {
      auto stages = make_stages();
      const auto page = make_page(page_text(documents));
      const auto b = stages.process(page, {});
      EXPECT_EQ(b.has_value(), !d.page);
      if (b)
        expect_outcome(d, outcome_of(**b), {"n/before", "n/after"});
    }
  }
  RecordProperty("bad_inputs", static_cast<int>(table().size()));
}

TEST(bad_documents, that_break_their_page_are_salvaged_alone) {
  for (const auto& d : table()) {
    if (!d.page)
      continue;
    SCOPED_TRACE(d.name);
    auto stages = make_stages();
    const auto page = make_page(page_text({d.text}));
    expect_outcome(d, outcome_of(*stages.salvage(page, {})), {}, true);
  }
}

TEST(bad_documents, subject_that_is_salvaged_is_also_set_aside_for_its_namespaces) {
  page_stages stages{{.filter = {.own_cluster = "own", .kinds = {}, .namespaces = {}},
                      .content = feed_content::identities,
                      .dead_letters = dead_letter_form{
                          .target = "t", .fingerprint = [](std::string_view) { return "f"; }}}};
  const auto page = make_page(
      page_text({R"({"id":"carol","namespaces":[{"name":"beta"},{"name":tru}],"_lsn":7})"}));
  const auto got = outcome_of(*stages.salvage(page, {}));
  EXPECT_THAT(got.keys, ::testing::ElementsAre("carol"));
  EXPECT_THAT(got.unusable, ::testing::ElementsAre("damaged"));
}

TEST(bad_documents, that_break_their_page_are_guessed_to_be_where_they_are) {
  for (const auto& d : table()) {
    if (!d.page)
      continue;
    SCOPED_TRACE(d.name);
    for (const std::size_t place : {0U, 1U, 7U, 19U}) {
      std::vector<std::string> documents;
      for (std::size_t i = 0; i < 20; ++i)
        documents.push_back(i == place ? d.text : action("n|" + std::to_string(i), "us", i + 1));
      auto stages = make_stages();
      const auto page = make_page(page_text(documents));
      const auto walked = stages.walk(page);
      EXPECT_GE(walked + 1, place);
      EXPECT_LE(walked, place + 1);
    }
  }
}

TEST(bad_documents, dead_letters_hash_the_document_as_it_came) {
  for (const auto& d : table()) {
    if (d.page || d.unusable.empty())
      continue;
    SCOPED_TRACE(d.name);
    auto stages = make_stages();
    const auto page = make_page(page_text({action("n|before", "us"), " " + d.text + " "}));
    const auto b = stages.process(page, {});
    ASSERT_TRUE(b.has_value());
    const auto record = (*b)->value((*b)->messages.back());
    EXPECT_EQ(member_of(record, "sha256"), std::to_string(std::hash<std::string_view>{}(d.text)));
    EXPECT_NE(record.find("\"bytes\":" + std::to_string(d.text.size()) + ","), std::string::npos);
    EXPECT_NE(record.find("\"index\":1"), std::string::npos);
    EXPECT_LT(record.size(), 2'000U);
  }
}

} // namespace feedcast::testing
