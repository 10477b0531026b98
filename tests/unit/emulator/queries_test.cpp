#include "test_client.hpp"

#include <gtest/gtest.h>

#include <set>

namespace feedcast::emulator {
namespace {

using testing::docs;
using testing::field_list;
using testing::ids;
using testing::result_of_call;
using testing::test_client;

struct queries_test : ::testing::Test {
  queries_test() {
    account.make_container(3);
    for (int i = 0; i < 12; ++i)
      account.put((i < 10 ? "lease..." : "other..") + std::to_string(i), i);
  }

  result_of_call query(std::string_view sql, field_list headers = {}) {
    headers.emplace_back("x-ms-documentdb-isquery", "True");
    headers.emplace_back("content-type", "application/query+json");
    return account.send_all("POST", std::string(docs), std::move(headers),
                            R"({"query":")" + std::string(sql) + R"("})");
  }

  /// All pages of it, each no larger than `size`.
  std::vector<std::string> pages(std::string_view sql, std::size_t size) {
    std::vector<std::string> all;
    std::string continuation;
    do {
      field_list headers{{"x-ms-max-item-count", std::to_string(size)}};
      if (!continuation.empty())
        headers.emplace_back("x-ms-continuation", continuation);
      const auto r = query(sql, std::move(headers));
      EXPECT_EQ(r.status(), 200U) << r.body;
      const auto found = ids(r);
      EXPECT_LE(found.size(), size);
      EXPECT_EQ(r.header("x-ms-item-count"), std::to_string(found.size()));
      all.insert(all.end(), found.begin(), found.end());
      continuation = r.header("x-ms-continuation");
    } while (!continuation.empty());
    return all;
  }

  test_client account;
};

TEST_F(queries_test, a_lease_query_finds_the_leases_of_all_ranges) {
  const auto r = query("SELECT * FROM c WHERE STARTSWITH(c.id, 'lease..')");

  ASSERT_EQ(r.status(), 200U) << r.body;
  EXPECT_EQ(ids(r).size(), 10U);
  EXPECT_EQ(r.header("x-ms-continuation"), "");
  EXPECT_NE(r.header("x-ms-session-token"), "");
  EXPECT_EQ(r.body.find("_lsn"), std::string::npos);
}

TEST_F(queries_test, pages_hold_every_document_once) {
  for (const std::size_t size : {1U, 2U, 5U, 100U}) {
    const auto all = pages("SELECT * FROM c", size);
    EXPECT_EQ(all.size(), 12U) << size;
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 12U) << size;
  }
}

TEST_F(queries_test, pages_of_a_filter_hold_every_match_once) {
  const auto all = pages("SELECT * FROM c WHERE c.n <> 3", 2);

  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 11U);
  EXPECT_EQ(all.size(), 11U);
}

TEST_F(queries_test, top_counts_over_all_pages) {
  EXPECT_EQ(pages("SELECT TOP 5 * FROM c", 2).size(), 5U);
  EXPECT_EQ(pages("SELECT TOP 0 * FROM c", 2).size(), 0U);
}

TEST_F(queries_test, one_range_or_partition_key_can_be_asked) {
  std::size_t sum = 0;
  for (const char* range : {"0", "1", "2"})
    sum += ids(query("SELECT * FROM c", {{"x-ms-documentdb-partitionkeyrangeid", range}})).size();

  EXPECT_EQ(sum, 12U);
  EXPECT_EQ(ids(query("SELECT * FROM c",
                      {{"x-ms-documentdb-partitionkey", testing::key_of("other..11")}})),
            std::vector<std::string>{"other..11"});
  EXPECT_EQ(query("SELECT * FROM c", {{"x-ms-documentdb-partitionkeyrangeid", "9"}}).status(),
            410U);
}

TEST_F(queries_test, a_plan_is_told_from_a_query_and_from_a_document) {
  for (const char* type : {"application/query+json", "application/json"}) {
    const auto r =
        account.send("POST", std::string(docs),
                     {{"x-ms-cosmos-is-query-plan-request", "True"}, {"content-type", type}},
                     R"({"query":"SELECT TOP 3 * FROM c"})");
    ASSERT_EQ(r.status(), 200U) << r.body;
    EXPECT_EQ(r.json().at("queryInfo").at("top"), 3);
    EXPECT_EQ(r.json().at("queryRanges").at(0).at("max"), "FF");
  }
}

TEST_F(queries_test, an_unknown_query_is_400_with_help) {
  const auto r = query("SELECT VALUE COUNT(1) FROM c");

  EXPECT_EQ(r.status(), 400U);
  EXPECT_NE(r.body.find("STARTSWITH"), std::string::npos);
}

TEST_F(queries_test, foreign_continuations_are_refused) {
  for (const char* bad : {"x", "1", "1:2", "1:2:3:4", "+RID:~abc"})
    EXPECT_EQ(query("SELECT * FROM c", {{"x-ms-continuation", bad}}).status(), 400U) << bad;
}

TEST_F(queries_test, a_list_is_a_query_for_everything) {
  const auto r = account.send("GET", std::string(docs) + '/', {{"x-ms-max-item-count", "5"}});

  EXPECT_EQ(ids(r).size(), 5U);
  EXPECT_NE(r.header("x-ms-continuation"), "");
}

} // namespace
} // namespace feedcast::emulator
