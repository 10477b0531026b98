#include "queries_fixture.hpp"

#include <set>

namespace feedcast::emulator {
namespace {

using testing::docs;
using testing::field_list;
using testing::ids;
using testing::range_header;

struct queries_test : testing::queries_fixture {
  /// So that each part of a range has some, too.
  void put_more(int count) {
    for (int i = 0; i < count; ++i)
      account.put("more" + std::to_string(i), i);
  }
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
    const auto all = rows("SELECT VALUE c.id FROM c", size);
    EXPECT_EQ(all.size(), 12U) << size;
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 12U) << size;
  }
}

TEST_F(queries_test, pages_of_a_filter_hold_every_match_once) {
  const auto all = rows("SELECT VALUE c.n FROM c WHERE c.n <> 3", 2);

  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 11U);
  EXPECT_EQ(all.size(), 11U);
}

TEST_F(queries_test, documents_that_change_between_pages_come_once_and_none_is_left_out) {
  std::vector<std::string> all;
  page p;
  int n = 100;
  do {
    p = read_page("SELECT VALUE c.id FROM c", 2, p.continuation, {});
    all.insert(all.end(), p.rows.begin(), p.rows.end());
    for (int i = 0; i < 10; ++i) // all of them get new LSNs
      account.put("lease..." + std::to_string(i), ++n);
  } while (!p.continuation.empty());

  EXPECT_EQ(all.size(), 12U);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 12U);
}

TEST_F(queries_test, what_was_deleted_does_not_stop_a_query) {
  const auto first = read_page("SELECT VALUE c.id FROM c", 3, {}, {});
  for (int i = 0; i < 10; ++i) {
    const std::string id = "lease..." + std::to_string(i);
    EXPECT_EQ(account
                  .send("DELETE", std::string(docs) + '/' + id,
                        {{"x-ms-documentdb-partitionkey", testing::key_of(id)}})
                  .status(),
              204U);
  }
  const auto second = read_page("SELECT VALUE c.id FROM c", 3, first.continuation, {});

  EXPECT_EQ(second.rows, (std::vector<std::string>{"\"other..10\"", "\"other..11\""}));
  EXPECT_EQ(second.continuation, "");
}

TEST_F(queries_test, a_continuation_goes_on_in_both_halves_of_a_split) {
  put_more(30);
  const auto whole = of_range_0("SELECT VALUE c.id FROM c", 100);
  ASSERT_GE(whole.size(), 3U);
  const auto first = read_page("SELECT VALUE c.id FROM c", 1, {}, {{range_header, "0"}});
  const auto children = container->split("0");
  ASSERT_TRUE(children.has_value());
  EXPECT_EQ(query("SELECT VALUE c.id FROM c",
                  {{range_header, "0"}, {"x-ms-continuation", first.continuation}})
                .header("x-ms-substatus"),
            "1002");

  auto all = first.rows;
  for (const std::string& child : {children->first, children->second}) {
    page p{{}, first.continuation};
    do {
      p = read_page("SELECT VALUE c.id FROM c", 1, p.continuation, {{range_header, child}});
      all.insert(all.end(), p.rows.begin(), p.rows.end());
    } while (!p.continuation.empty());
  }

  EXPECT_EQ(std::multiset<std::string>(all.begin(), all.end()),
            std::multiset<std::string>(whole.begin(), whole.end()));
}

TEST_F(queries_test, one_range_or_partition_key_can_be_asked) {
  std::size_t sum = 0;
  for (const char* range : {"0", "1", "2"})
    sum += ids(query("SELECT * FROM c", {{range_header, range}})).size();

  EXPECT_EQ(sum, 12U);
  EXPECT_EQ(ids(query("SELECT * FROM c",
                      {{"x-ms-documentdb-partitionkey", testing::key_of("other..11")}})),
            std::vector<std::string>{"other..11"});
  EXPECT_EQ(query("SELECT * FROM c", {{range_header, "9"}}).status(), 410U);
}

TEST_F(queries_test, the_bounds_of_a_part_of_a_range_are_kept) {
  put_more(30);
  const auto ranges = container->ranges().ranges;
  const auto part =
      ids(query("SELECT * FROM c",
                {{range_header, "0"}, {"x-ms-start-epk", ranges[0].min}, {"x-ms-end-epk", "08"}}));
  const auto rest =
      ids(query("SELECT * FROM c",
                {{range_header, "0"}, {"x-ms-start-epk", "08"}, {"x-ms-end-epk", ranges[0].max}}));

  EXPECT_EQ(part.size() + rest.size(), ids(query("SELECT * FROM c", {{range_header, "0"}})).size());
  EXPECT_FALSE(part.empty());
  EXPECT_FALSE(rest.empty());
}

TEST_F(queries_test, a_query_that_has_to_be_merged_is_refused_with_its_plan) {
  for (const char* sql : {"SELECT TOP 5 * FROM c", "SELECT * FROM c ORDER BY c.n",
                          "SELECT VALUE COUNT(1) FROM c", "SELECT * FROM c OFFSET 1 LIMIT 1"}) {
    const auto r = query(sql);
    ASSERT_EQ(r.status(), 400U) << sql;
    EXPECT_EQ(r.header("x-ms-substatus"), "1004") << sql;
    EXPECT_NE(r.body.find("can not be directly served by the gateway"), std::string::npos);

    const auto plan = account.send(
        "POST", std::string(docs),
        {{"x-ms-cosmos-is-query-plan-request", "True"},
         {"x-ms-cosmos-supported-query-features", "Aggregate, OrderBy, Top, OffsetAndLimit"}},
        boost::json::serialize(boost::json::object{{"query", sql}}));
    ASSERT_EQ(plan.status(), 200U) << plan.body;
    EXPECT_EQ(boost::json::parse(std::string_view(r.json().at("additionalErrorInfo").as_string())),
              plan.json())
        << sql;
  }
}

TEST_F(queries_test, an_aggregate_with_a_name_is_refused_in_the_words_that_clients_know) {
  const auto r = query("SELECT COUNT(1) AS n FROM c");

  EXPECT_EQ(r.status(), 400U);
  EXPECT_NE(r.body.find("Cross partition query only supports 'VALUE <AggregateFunc>'"),
            std::string::npos);
}

TEST_F(queries_test, asking_all_ranges_has_to_be_allowed) {
  const auto ask = [&](testing::field also) {
    return account
        .send("POST", std::string(docs), {{"x-ms-documentdb-isquery", "True"}, std::move(also)},
              R"({"query":"SELECT * FROM c"})")
        .status();
  };

  EXPECT_EQ(ask({"accept", "application/json"}), 400U);
  EXPECT_EQ(ask({"x-ms-documentdb-query-enablecrosspartition", "false"}), 400U);
  EXPECT_EQ(ask({"x-ms-documentdb-query-enablecrosspartition", "true"}), 200U);
  EXPECT_EQ(ask({range_header, "0"}), 200U);
  EXPECT_EQ(ask({"x-ms-documentdb-partitionkey", testing::key_of("other..11")}), 200U);
}

TEST_F(queries_test, a_plan_is_told_from_a_query_and_from_a_document) {
  for (const char* type : {"application/query+json", "application/json"}) {
    const auto r = account.send("POST", std::string(docs),
                                {{"x-ms-cosmos-is-query-plan-request", "True"},
                                 {"x-ms-cosmos-supported-query-features", "Top"},
                                 {"content-type", type}},
                                R"({"query":"SELECT TOP 3 * FROM c"})");
    ASSERT_EQ(r.status(), 200U) << r.body;
    EXPECT_EQ(r.json().at("queryInfo").at("top"), 3);
    EXPECT_EQ(r.json().at("queryRanges").at(0).at("max"), "FF");
  }
}

TEST_F(queries_test, an_unknown_query_is_400_with_its_place) {
  const auto r = query("SELECT * FROM c\nGROUP BY c.a");

  EXPECT_EQ(r.status(), 400U);
  EXPECT_NE(r.body.find("GROUP BY, which this emulator does not support, at line 2, column 1"),
            std::string::npos)
      << r.body;
}

TEST_F(queries_test, foreign_continuations_are_refused) {
  for (const char* bad : {"x", "1", "1:2", "1:2:3:4", "+RID:~abc", "1:o:1:1:1:MA=="})
    EXPECT_EQ(query("SELECT * FROM c", {{"x-ms-continuation", bad}}).status(), 400U) << bad;
}

TEST_F(queries_test, a_list_is_a_query_for_everything) {
  const auto r = account.send("GET", std::string(docs) + '/', {{"x-ms-max-item-count", "5"}});

  EXPECT_EQ(ids(r).size(), 5U);
  EXPECT_NE(r.header("x-ms-continuation"), "");
}

TEST_F(queries_test, databases_and_containers_can_be_asked_for) {
  const auto ask = [&](std::string_view target, std::string_view sql) {
    return account.send("POST", std::string(target), {{"x-ms-documentdb-isquery", "True"}},
                        boost::json::serialize(boost::json::object{{"query", sql}}));
  };

  EXPECT_EQ(ask("/dbs", "SELECT VALUE r.id FROM root r WHERE r.id = 'db1'").json().at("Databases"),
            boost::json::value(boost::json::array{"db1"}));
  EXPECT_EQ(ask("/dbs", "SELECT * FROM root r WHERE r.id = 'x'").json().at("_count"), 0);
  EXPECT_EQ(ask("/dbs/db1/colls", "SELECT VALUE c.partitionKey.paths[0] FROM c")
                .json()
                .at("DocumentCollections"),
            boost::json::value(boost::json::array{"/id"}));
  EXPECT_EQ(ask("/dbs/db1/colls", "SELECT * FROM c ORDER BY c.id").status(), 400U);
}

} // namespace
} // namespace feedcast::emulator
