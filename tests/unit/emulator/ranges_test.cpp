#include "test_client.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

using testing::docs;
using testing::ids;
using testing::test_client;

constexpr const char* ranges_path = "/dbs/db1/colls/c1/pkranges";

TEST(ranges, cover_the_hash_space_without_gap) {
  test_client account;
  account.make_container(4);

  const auto r = account.send("GET", ranges_path);

  ASSERT_EQ(r.status(), 200U);
  EXPECT_EQ(r.header("x-ms-item-count"), "4");
  std::string reached;
  const auto json = r.json();
  for (const auto& each : json.at("PartitionKeyRanges").as_array()) {
    EXPECT_EQ(each.at("minInclusive").as_string(), reached);
    reached = each.at("maxExclusive").as_string();
    EXPECT_EQ(each.at("status"), "online");
    EXPECT_TRUE(each.at("parents").as_array().empty());
    const auto address = parse_rid(each.at("_rid").as_string());
    EXPECT_TRUE(address && address->is_range);
  }
  EXPECT_EQ(reached, "FF");
}

TEST(ranges, an_unchanged_map_is_304_so_that_incremental_readers_end) {
  test_client account;
  account.make_container(2);
  const auto first = account.send("GET", ranges_path, {{"a-im", "Incremental Feed"}});

  const auto again = account.send(
      "GET", ranges_path, {{"a-im", "Incremental Feed"}, {"if-none-match", first.header("etag")}});

  EXPECT_EQ(again.status(), 304U);
  EXPECT_EQ(again.header("etag"), first.header("etag"));
  EXPECT_EQ(again.body, "");
}

TEST(ranges, are_read_by_resource_id) {
  test_client account;
  const rid at = account.make_container()->address();

  const auto r = account.send("GET", "/dbs/" + rid{at.database}.to_text() + "/colls/" + at.to_text()
                                         + "/pkranges/");

  EXPECT_EQ(r.status(), 200U);
}

TEST(ranges, a_split_replaces_the_parent_by_two_children_that_name_it) {
  test_client account;
  account.make_container(2);
  const auto before = account.send("GET", ranges_path);

  const auto split = account.send_unsigned("POST", "/_emulator/dbs/db1/colls/c1/split/0");

  ASSERT_EQ(split.status(), 200U) << split.body;
  EXPECT_EQ(split.body, R"({"children":["2","3"]})");
  const auto after = account.send("GET", ranges_path, {{"if-none-match", before.header("etag")}});
  ASSERT_EQ(after.status(), 200U);
  const auto list = after.json().at("PartitionKeyRanges").as_array();
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].at("id"), "2");
  EXPECT_EQ(list[0].at("parents"), boost::json::array{"0"});
  EXPECT_EQ(list[0].at("maxExclusive"), list[1].at("minInclusive"));
  EXPECT_EQ(list[2].at("id"), "1");
}

TEST(ranges, grandchildren_name_all_their_ancestors) {
  test_client account;
  const auto c = account.make_container();
  ASSERT_TRUE(c->split("0").has_value());
  ASSERT_TRUE(c->split("1").has_value());

  EXPECT_EQ(c->ranges().ranges.front().parents, (std::vector<std::string>{"0", "1"}));
}

TEST(ranges, the_feed_of_a_split_range_is_gone_and_its_children_go_on_from_the_old_position) {
  test_client account;
  const auto c = account.make_container();
  for (int i = 0; i < 20; ++i)
    account.put("d" + std::to_string(i));
  const auto page = account.send("GET", std::string(docs),
                                 {{"a-im", "Incremental feed"}, {"x-ms-max-item-count", "8"}});
  ASSERT_TRUE(c->split("0").has_value());
  account.put("after");

  const auto gone =
      account.send("GET", std::string(docs),
                   {{"a-im", "Incremental feed"}, {"x-ms-documentdb-partitionkeyrangeid", "0"}});
  EXPECT_EQ(gone.status(), 410U);
  EXPECT_EQ(gone.header("x-ms-substatus"), "1002");
  EXPECT_EQ(gone.json().at("code"), "Gone");

  std::vector<std::string> rest;
  for (const char* child : {"1", "2"}) {
    const auto r = account.send("GET", std::string(docs),
                                {{"a-im", "Incremental feed"},
                                 {"x-ms-documentdb-partitionkeyrangeid", child},
                                 {"if-none-match", page.header("etag")}});
    ASSERT_EQ(r.status(), 200U);
    const auto found = ids(r);
    rest.insert(rest.end(), found.begin(), found.end());
  }
  EXPECT_EQ(rest.size(), 13U);
}

TEST(ranges, splitting_what_is_not_there_is_refused) {
  test_client account;
  account.make_container();

  EXPECT_EQ(account.send_unsigned("POST", "/_emulator/dbs/db1/colls/c1/split/5").status(), 404U);
  EXPECT_EQ(account.send_unsigned("POST", "/_emulator/dbs/db1/colls/c1/split/x").status(), 404U);
  EXPECT_EQ(account.send_unsigned("POST", "/_emulator/dbs/db1/colls/none/split/0").status(), 404U);
}

} // namespace
} // namespace feedcast::emulator
