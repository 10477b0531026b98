#include "test_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;
using testing::docs;
using testing::ids;
using testing::result_of_call;
using testing::test_client;

constexpr const char* half = "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
constexpr const char* merge_path = "/_emulator/dbs/db1/colls/c1/merge";

/// Splits and merges of a container by /id, through HTTP.
struct merges_test : ::testing::Test {
  result_of_call read(const std::string& range, const std::string& after,
                      testing::field_list more = {}) {
    more.emplace_back("a-im", "Incremental Feed");
    more.emplace_back("x-ms-documentdb-partitionkeyrangeid", range);
    if (!after.empty())
      more.emplace_back("if-none-match", after);
    return account.send_all("GET", std::string(docs), std::move(more));
  }

  result_of_call merge(const std::string& one, const std::string& other,
                       const std::string& query = {}) {
    return account.send_unsigned("POST", merge_path + query, {},
                                 R"({"ranges":[")" + one + R"(",")" + other + "\"]}");
  }

  boost::json::array ranges() {
    return account.send("GET", "/dbs/db1/colls/c1/pkranges")
        .json()
        .at("PartitionKeyRanges")
        .as_array();
  }

  test_client account;
};

TEST_F(merges_test, one_range_takes_the_place_of_two_and_names_both) {
  account.make_container(4);

  const auto merged = merge("2", "1");

  ASSERT_EQ(merged.status(), 200U) << merged.body;
  EXPECT_EQ(merged.body, R"({"range":"4"})");
  const auto list = ranges();
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[1].at("id"), "4");
  EXPECT_EQ(list[1].at("parents"), (boost::json::array{"1", "2"}));
  EXPECT_EQ(list[0].at("maxExclusive"), list[1].at("minInclusive"));
  EXPECT_EQ(list[1].at("maxExclusive"), list[2].at("minInclusive"));
  for (const char* parent : {"1", "2"}) {
    const auto gone = read(parent, "");
    EXPECT_EQ(gone.status(), 410U);
    EXPECT_EQ(gone.header("x-ms-substatus"), "1002");
  }
}

TEST_F(merges_test, the_merged_range_goes_on_from_the_higher_position) {
  account.make_container(2);
  account.put("partitionKey"); // 013A..., lower half, LSN 1
  account.put("a");            // 3A53..., upper half, LSN 2
  account.put("x");            // 11E3..., lower half, LSN 3
  ASSERT_EQ(merge("0", "1").status(), 200U);

  const auto r = read("2", "");

  EXPECT_EQ(ids(r), (std::vector<std::string>{"partitionKey", "a", "x"}));
  EXPECT_EQ(r.header("etag"), "\"3\"");
  EXPECT_EQ(r.header("x-ms-session-token"), "2:-1#3");
  account.put("a", 1);
  EXPECT_EQ(ids(read("2", "\"3\"")), std::vector<std::string>{"a"});
}

TEST_F(merges_test, old_continuations_go_on_through_the_bounds_of_their_ranges) {
  account.make_container(2);
  account.put("partitionKey"); // lower half
  account.put("a");            // upper half
  const std::string lower = read("0", "").header("etag");
  const std::string upper = read("1", "").header("etag");
  account.put("x");       // lower half
  account.put("a", 2);    // upper half
  account.put("redmond"); // 22E3..., upper half
  ASSERT_EQ(merge("0", "1").status(), 200U);

  const auto below = read("2", lower, {{"x-ms-start-epk", ""}, {"x-ms-end-epk", half}});
  const auto above = read("2", upper,
                          {{"x-ms-start-epk", half},
                           {"x-ms-end-epk", "FF"},
                           {"x-ms-read-key-type", "EffectivePartitionKeyRange"}});

  EXPECT_EQ(ids(below), std::vector<std::string>{"x"});
  EXPECT_EQ(ids(above), (std::vector<std::string>{"a", "redmond"}));
  const auto idle =
      read("2", below.header("etag"), {{"x-ms-start-epk", ""}, {"x-ms-end-epk", half}});
  EXPECT_EQ(idle.status(), 304U);
  EXPECT_EQ(idle.header("etag"), "\"5\""); // past what belongs to the other half
}

TEST_F(merges_test, all_versions_go_on_as_well) {
  const auto c = account.make_container(2);
  account.put("partitionKey");
  account.put("a");
  account.put("a", 1);
  ASSERT_EQ(merge("0", "1").status(), 200U);

  const auto r = account.send("GET", std::string(docs),
                              {{"a-im", "Full-Fidelity Feed"},
                               {"x-ms-documentdb-partitionkeyrangeid", "2"},
                               {"x-ms-start-epk", half},
                               {"x-ms-end-epk", "FF"},
                               {"if-none-match", "\"2\""}});

  ASSERT_EQ(r.status(), 200U) << r.body;
  EXPECT_EQ(r.json().at("Documents").as_array().size(), 1U);
  EXPECT_EQ(r.header("etag"), "\"3\"");
}

TEST_F(merges_test, what_was_split_can_be_merged_and_names_all_its_ancestors) {
  const auto c = account.make_container();
  ASSERT_TRUE(c->split("0"));
  ASSERT_TRUE(c->merge("1", "2"));
  ASSERT_TRUE(c->split("3"));

  for (const auto& r : ranges())
    EXPECT_EQ(r.at("parents"), (boost::json::array{"0", "1", "2", "3"}));
}

TEST_F(merges_test, documents_are_found_and_deleted_after_a_merge) {
  const auto c = account.make_container(2);
  for (const char* id : {"a", "x", "partitionKey"})
    account.put(id);
  account.put("a", 1);
  ASSERT_TRUE(c->merge("0", "1"));

  EXPECT_EQ(ids(account.send("GET", std::string(docs))).size(), 3U);
  for (const char* id : {"a", "x", "partitionKey"})
    EXPECT_EQ(account
                  .send("DELETE", std::string(docs) + '/' + id,
                        {{"x-ms-documentdb-partitionkey", testing::key_of(id)}})
                  .status(),
              204U);
  EXPECT_EQ(read("2", "\"0\"").status(), 304U);
}

TEST_F(merges_test, only_two_live_ranges_that_meet_are_merged) {
  account.make_container(3);

  EXPECT_EQ(merge("0", "2").status(), 400U);
  EXPECT_EQ(merge("1", "1").status(), 400U);
  EXPECT_EQ(merge("0", "7").status(), 404U);
  for (const char* body : {"", "{}", R"({"ranges":["0"]})", R"({"ranges":[0,1]})"})
    EXPECT_EQ(account.send_unsigned("POST", merge_path, {}, body).status(), 400U) << body;
  ASSERT_EQ(merge("0", "1").status(), 200U);
  EXPECT_EQ(merge("0", "1").status(), 404U);
}

TEST_F(merges_test, a_parent_may_say_for_a_while_that_the_split_is_being_completed) {
  account.make_container();
  account.put("a");
  const auto split =
      account.send_unsigned("POST", "/_emulator/dbs/db1/colls/c1/split/0?completing_ms=2000");
  ASSERT_EQ(split.status(), 200U) << split.body;

  const auto during = read("0", "");
  EXPECT_EQ(read("2", "").status(), 200U);
  account.clock.advance(2s);
  const auto afterwards = read("0", "");

  EXPECT_EQ(during.status(), 410U);
  EXPECT_EQ(during.header("x-ms-substatus"), "1007");
  EXPECT_EQ(during.json().at("code"), "Gone");
  EXPECT_EQ(afterwards.status(), 410U);
  EXPECT_EQ(afterwards.header("x-ms-substatus"), "1002");
  EXPECT_EQ(merge("1", "2", "?completing_ms=x").status(), 400U);
  ASSERT_EQ(merge("1", "2", "?completing_ms=1000").status(), 200U);
  EXPECT_EQ(read("1", "").header("x-ms-substatus"), "1007");
}

} // namespace
} // namespace feedcast::emulator
