#include "queries_fixture.hpp"
#include "query_support.hpp"

#include <limits>

namespace feedcast::emulator {
namespace {

using testing::docs;
using testing::field_list;
using testing::range_header;

/// A container of one range, whose answers are those of the whole.
struct sorted_queries_test : testing::queries_fixture {
  sorted_queries_test() {
    (void)account.data.drop_container("db1", "c1");
    container = account.make_container(1);
  }

  void put(std::string_view id, std::string_view members) {
    const auto r =
        account.send("POST", std::string(docs),
                     {{"x-ms-documentdb-is-upsert", "True"},
                      {"x-ms-documentdb-partitionkey", testing::key_of(id)}},
                     R"({"id":")" + std::string(id) + "\"," + std::string(members) + '}');
    EXPECT_LT(r.status(), 300U) << r.body;
  }
};

TEST_F(sorted_queries_test, values_are_sorted_by_type_and_value) {
  put("a", R"("v":"b")");
  put("b", R"("v":10)");
  put("c", R"("w":1)");
  put("d", R"("v":null)");
  put("e", R"("v":[1])");
  put("f", R"("v":true)");
  put("g", R"("v":-2.5)");
  put("h", R"("v":"B")");
  put("i", R"("v":{})");
  put("j", R"("v":false)");
  const std::vector<std::string> ascending{"\"c\"", "\"d\"", "\"j\"", "\"f\"", "\"g\"",
                                           "\"b\"", "\"h\"", "\"a\"", "\"e\"", "\"i\""};
  std::vector<std::string> descending(ascending.rbegin(), ascending.rend());

  for (const std::size_t size : {1U, 3U, 100U}) {
    EXPECT_EQ(of_range_0("SELECT VALUE c.id FROM c ORDER BY c.v", size), ascending) << size;
    EXPECT_EQ(of_range_0("SELECT VALUE c.id FROM c ORDER BY c.v DESC", size), descending) << size;
  }
}

TEST_F(sorted_queries_test, several_keys_sort_one_after_the_other) {
  for (int i = 0; i < 12; ++i)
    put("d" + std::to_string(i),
        R"("g":)" + std::to_string(i % 3) + R"(,"n":)" + std::to_string(i / 3));

  const std::vector<std::string> wanted{"[2,0]", "[2,1]", "[2,2]", "[2,3]", "[1,0]", "[1,1]",
                                        "[1,2]", "[1,3]", "[0,0]", "[0,1]", "[0,2]", "[0,3]"};
  for (const std::size_t size : {1U, 5U, 100U})
    EXPECT_EQ(of_range_0("SELECT VALUE [c.g, c.n] FROM c ORDER BY c.g DESC, c.n ASC", size), wanted)
        << size;
}

TEST_F(sorted_queries_test, equal_keys_come_in_the_order_of_the_resource_ids) {
  for (const char* id : {"z", "a", "m"})
    put(id, R"("v":1)");

  EXPECT_EQ(of_range_0("SELECT VALUE c.id FROM c ORDER BY c.v", 2),
            (std::vector<std::string>{"\"z\"", "\"a\"", "\"m\""}));
  EXPECT_EQ(of_range_0("SELECT VALUE c.id FROM c ORDER BY c.v DESC", 2),
            (std::vector<std::string>{"\"m\"", "\"a\"", "\"z\""}));
}

TEST_F(sorted_queries_test, sorting_is_cut_by_top_offset_and_limit) {
  for (int i = 0; i < 20; ++i)
    put("d" + std::to_string(i), R"("n":)" + std::to_string(i * 7 % 20));

  for (const std::size_t size : {1U, 3U, 100U}) {
    EXPECT_EQ(of_range_0("SELECT TOP 4 VALUE c.n FROM c ORDER BY c.n", size),
              (std::vector<std::string>{"0", "1", "2", "3"}))
        << size;
    EXPECT_EQ(of_range_0("SELECT VALUE c.n FROM c ORDER BY c.n DESC OFFSET 3 LIMIT 4", size),
              (std::vector<std::string>{"16", "15", "14", "13"}))
        << size;
    EXPECT_EQ(of_range_0("SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 18 LIMIT 4", size),
              (std::vector<std::string>{"18", "19"}))
        << size;
    EXPECT_EQ(of_range_0("SELECT TOP 5 * FROM c", size).size(), 5U) << size;
    EXPECT_EQ(of_range_0("SELECT TOP 0 * FROM c", size).size(), 0U) << size;
    EXPECT_EQ(of_range_0("SELECT * FROM c OFFSET 15 LIMIT 10", size).size(), 5U) << size;
  }
}

TEST_F(sorted_queries_test, a_page_has_no_more_than_ten_thousand_rows_however_many_are_asked_for) {
  std::string list = "1";
  for (int i = 1; i < 10'500; ++i)
    list += ",1";
  put("a", "\"l\":[" + list + ']');
  for (const char* sql : {"SELECT VALUE 1 FROM c JOIN l IN c.l",
                          "SELECT VALUE 1 FROM c JOIN l IN c.l ORDER BY c.id"}) {
    const auto first =
        read_page(sql, std::numeric_limits<std::size_t>::max(), {}, {{range_header, "0"}});
    EXPECT_EQ(first.rows.size(), 10'000U) << sql;
    EXPECT_EQ(read_page(sql, 1000, first.continuation, {{range_header, "0"}}).rows.size(), 500U)
        << sql;
  }
}

TEST_F(sorted_queries_test, a_sorted_query_goes_on_behind_its_last_row_whatever_has_changed) {
  for (int i = 0; i < 6; ++i)
    put("d" + std::to_string(i), R"("n":)" + std::to_string(i * 10));
  const field_list range{{range_header, "0"}};
  const auto first = read_page("SELECT VALUE c.n FROM c ORDER BY c.n", 3, {}, range);
  ASSERT_EQ(first.rows, (std::vector<std::string>{"0", "10", "20"}));
  put("d2", R"("n":-1)");       // the last row moves to the front,
  put("new", R"("n":25)");      // another one comes behind it,
  put("d3", R"("n":30,"x":1)"); // and one is written again

  const auto second =
      read_page("SELECT VALUE c.n FROM c ORDER BY c.n", 100, first.continuation, range);
  EXPECT_EQ(second.rows, (std::vector<std::string>{"25", "30", "40", "50"}));
}

TEST_F(sorted_queries_test, rows_of_joins_are_paged_inside_a_document) {
  put("a", R"("l":[1,2,3],"k":2)");
  put("b", R"("l":[4,5],"k":1)");

  for (const std::size_t size : {1U, 2U, 100U}) {
    EXPECT_EQ(of_range_0("SELECT VALUE l FROM c JOIN l IN c.l WHERE l <> 2", size),
              (std::vector<std::string>{"1", "3", "4", "5"}))
        << size;
    EXPECT_EQ(of_range_0("SELECT VALUE l FROM c JOIN l IN c.l ORDER BY c.k", size),
              (std::vector<std::string>{"4", "5", "1", "2", "3"}))
        << size;
  }
}

TEST_F(sorted_queries_test, aggregates_are_of_all_rows) {
  put("a", R"("n":1,"s":"x")");
  put("b", R"("n":2.5,"s":"y")");
  put("c", R"("n":null,"s":"a")");
  put("d", R"("m":[1])");

  struct sample {
    std::string_view sql;
    std::vector<std::string> rows;
  };

  const std::vector<sample> samples{
      {"SELECT VALUE COUNT(1) FROM c", {"4"}},
      {"SELECT VALUE COUNT(c.n) FROM c", {"3"}},
      {"SELECT VALUE COUNT(c) FROM c", {"4"}},
      {"SELECT TOP 1 VALUE COUNT(r) FROM root r WHERE r.n > 0", {"2"}},
      {"SELECT TOP 0 VALUE COUNT(1) FROM c", {}},
      {"SELECT COUNT(1) AS n, MAX(c.s) FROM c", {R"({"n":4,"$1":"y"})"}},
      {"SELECT VALUE SUM(c.n) FROM c WHERE IS_NUMBER(c.n)", {R"(3.5E0)"}},
      {"SELECT VALUE SUM(c.n) FROM c", {}}, // null can't be summed
      {"SELECT VALUE SUM(c.none) FROM c", {"0"}},
      {"SELECT VALUE AVG(c.n) FROM c WHERE IS_NUMBER(c.n)", {R"(1.75E0)"}},
      {"SELECT VALUE AVG(c.none) FROM c", {}},
      {"SELECT VALUE MIN(c.s) FROM c", {R"("a")"}},
      {"SELECT VALUE MAX(c.s) FROM c", {R"("y")"}},
      {"SELECT VALUE MIN(c.n) FROM c", {"null"}},
      {"SELECT VALUE MAX(c.n) FROM c", {"2.5E0"}},
      {"SELECT VALUE MIN(c.none) FROM c", {}},
      {"SELECT VALUE MIN(c.m) FROM c", {}},
      {"SELECT VALUE [{\"item\": MIN(c.n), \"item2\": {\"min\": MIN(c.n), \"count\": "
       "COUNT(c.n)}}] FROM c WHERE IS_NUMBER(c.n)",
       {R"([{"item":1,"item2":{"min":1,"count":2}}])"}},
      {"SELECT VALUE [{\"item\": MIN(c.n), \"item2\": {\"min\": MIN(c.n), \"count\": "
       "COUNT(c.n)}}] FROM c WHERE false",
       {}},
      {"SELECT VALUE [{\"item\": COUNT(1)}] FROM c WHERE false", {R"([{"item":0}])"}},
      {"SELECT {\"n\": {\"item\": COUNT(1)}} AS payload\nFROM c",
       {R"({"payload":{"n":{"item":4}}})"}},
  };
  for (const auto& [sql, wanted] : samples)
    EXPECT_EQ(of_range_0(sql, 100), wanted) << sql;
}

TEST(long_queries, come_in_several_answers_and_to_an_end) {
  memory_budget memory{1U << 26};
  class container data("d", *make_container_spec("c", "/id", 2), rid{1, 0x80000001U}, memory,
                       system_clock_source());
  for (int i = 0; i < 25'000; ++i)
    ASSERT_TRUE(data.write(write_mode::create,
                           *read_document(R"({"id":")" + std::to_string(i) + R"("})", {"id"}))
                    .has_value());
  const auto rare = testing::parse("SELECT VALUE c.id FROM c WHERE c.id = '24999'");
  const auto first = run_query(data, *rare, {}, {}, 10);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->count, 0U);
  ASSERT_TRUE(first->next.has_value());

  const auto second = run_query(data, *rare, {}, *first->next, 10);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->rows, "\"24999\"");
  EXPECT_FALSE(second->next.has_value());
  EXPECT_EQ(run_query(data, *testing::parse("SELECT VALUE COUNT(1) FROM c"), {}, {}, 10)->rows,
            "25000");
}

} // namespace
} // namespace feedcast::emulator
