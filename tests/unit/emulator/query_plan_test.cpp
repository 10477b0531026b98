#include "emulator/query_plan.hpp"
#include "query_support.hpp"

namespace feedcast::emulator {
namespace {

using testing::parameter;
using testing::parse;

constexpr std::string_view all_features =
    "Aggregate, CompositeAggregate, MultipleOrderBy, MultipleAggregates, OffsetAndLimit, OrderBy, "
    "Top, NonValueAggregate";

boost::json::object plan_of(std::string_view sql, boost::json::array parameters = {}) {
  const auto q = parse(sql, std::move(parameters));
  EXPECT_TRUE(q.has_value()) << sql << ": " << (q ? "" : q.error().message);
  const auto plan = plan_query(*q, all_features);
  EXPECT_TRUE(plan.has_value()) << sql << ": " << (plan ? "" : plan.error().message);
  return boost::json::parse(*plan).as_object();
}

TEST(query_plan, a_plain_query_goes_to_every_range_as_it_is) {
  EXPECT_EQ(
      boost::json::serialize(plan_of("SELECT c.a FROM c WHERE c.b = 1")),
      R"({"partitionedQueryExecutionInfoVersion":2,"queryInfo":{"distinctType":"None","top":null,)"
      R"("offset":null,"limit":null,"orderBy":[],"orderByExpressions":[],"groupByExpressions":[],)"
      R"("groupByAliases":[],"aggregates":[],"groupByAliasToAggregateType":{},"rewrittenQuery":"",)"
      R"("hasSelectValue":false,"dCountInfo":null,"hasNonStreamingOrderBy":false},)"
      R"("queryRanges":[{"min":"","max":"FF","isMinInclusive":true,"isMaxInclusive":false}]})");
}

struct rewriting {
  std::string_view sql;
  std::string_view rewritten;
};

TEST(query_plan, what_clients_merge_is_rewritten_for_them) {
  for (const auto& [sql, rewritten] : {
           rewriting{"SELECT TOP 3 * FROM c", ""},
           rewriting{"SELECT * FROM c ORDER BY c.id",
                     "SELECT c._rid, [{\"item\": c.id}] AS orderByItems, c AS payload\nFROM c\n"
                     "WHERE ({documentdb-formattableorderbyquery-filter})\nORDER BY c.id"},
           rewriting{"SELECT TOP 2 r.a, r.b AS x FROM root r WHERE r.n > @n OR true ORDER BY r.n "
                     "DESC, r[\"m\"] ASC",
                     "SELECT TOP 2 r._rid, [{\"item\": r.n}, {\"item\": r[\"m\"]}] AS "
                     "orderByItems, {\"a\": r.a, \"x\": r.b} AS payload\nFROM root r\nWHERE ((r.n "
                     "> @n OR true) AND ({documentdb-formattableorderbyquery-filter}))\nORDER BY "
                     "r.n DESC, r[\"m\"] ASC"},
           rewriting{"SELECT VALUE n FROM c JOIN n IN c.a ORDER BY c.x OFFSET 5 LIMIT 7",
                     "SELECT c._rid, [{\"item\": c.x}] AS orderByItems, n AS payload\nFROM c JOIN "
                     "n IN c.a\nWHERE ({documentdb-formattableorderbyquery-filter})\nORDER BY "
                     "c.x\nOFFSET 0 LIMIT 12"},
           rewriting{"SELECT c.a FROM c WHERE c.b OFFSET 10 LIMIT 2147483647",
                     "SELECT c.a\nFROM c\nWHERE c.b\nOFFSET 0 LIMIT 2147483647"},
           rewriting{"SELECT VALUE COUNT(1) FROM c", "SELECT VALUE [{\"item\": COUNT(1)}]\nFROM c"},
           rewriting{"SELECT TOP 1 VALUE COUNT(r) FROM root r WHERE r.a = 1",
                     "SELECT TOP 1 VALUE [{\"item\": COUNT(r)}]\nFROM root r\nWHERE r.a = 1"},
           rewriting{"SELECT VALUE SUM(c.n) FROM c", "SELECT VALUE [{\"item\": SUM(c.n)}]\nFROM c"},
           rewriting{"SELECT VALUE AVG(c.n) FROM c",
                     "SELECT VALUE [{\"item\": {\"sum\": SUM(c.n), \"count\": COUNT(c.n)}}]\nFROM "
                     "c"},
           rewriting{"SELECT VALUE MIN(c.n) FROM c",
                     "SELECT VALUE [{\"item\": MIN(c.n), \"item2\": {\"min\": MIN(c.n), "
                     "\"count\": COUNT(c.n)}}]\nFROM c"},
           rewriting{"SELECT VALUE MAX(c.n) FROM c",
                     "SELECT VALUE [{\"item\": MAX(c.n), \"item2\": {\"max\": MAX(c.n), "
                     "\"count\": COUNT(c.n)}}]\nFROM c"},
           rewriting{"SELECT COUNT(1) AS n, MAX(c.x) FROM c",
                     "SELECT {\"n\": {\"item\": COUNT(1)}, \"$1\": {\"item\": MAX(c.x), "
                     "\"item2\": {\"max\": MAX(c.x), \"count\": COUNT(c.x)}}} AS payload\nFROM c"},
       }) {
    const auto plan = plan_of(sql);
    const auto& text = plan.at("queryInfo").at("rewrittenQuery").as_string();
    EXPECT_EQ(std::string_view(text), rewritten) << sql;
    if (text.empty())
      continue;
    std::string filled(text);
    constexpr std::string_view filter = "{documentdb-formattableorderbyquery-filter}";
    if (const auto at = filled.find(filter); at != std::string::npos)
      filled.replace(at, filter.size(), "true");
    const auto again = parse(filled);
    EXPECT_TRUE(again.has_value()) << filled << ": " << (again ? "" : again.error().message);
  }
}

TEST(query_plan, says_how_to_merge) {
  const auto ordered =
      plan_of("SELECT * FROM c ORDER BY c.a DESC, c.b OFFSET @o LIMIT 4", {parameter("@o", 3)})
          .at("queryInfo")
          .as_object();
  EXPECT_EQ(boost::json::serialize(ordered.at("orderBy")), R"(["Descending","Ascending"])");
  EXPECT_EQ(boost::json::serialize(ordered.at("orderByExpressions")), R"(["c.a","c.b"])");
  EXPECT_EQ(ordered.at("offset"), 3);
  EXPECT_EQ(ordered.at("limit"), 4);
  EXPECT_TRUE(ordered.at("top").is_null());

  const auto average = plan_of("SELECT VALUE AVG(c.n) FROM c").at("queryInfo").as_object();
  EXPECT_EQ(boost::json::serialize(average.at("aggregates")), R"(["Average"])");
  EXPECT_EQ(average.at("hasSelectValue"), true);

  const auto named = plan_of("SELECT COUNT(1) AS n, 5 AS five FROM c").at("queryInfo").as_object();
  EXPECT_EQ(boost::json::serialize(named.at("groupByAliasToAggregateType")),
            R"({"n":"Count","five":null})");
  EXPECT_EQ(boost::json::serialize(named.at("groupByAliases")), R"(["n","five"])");
  EXPECT_EQ(boost::json::serialize(named.at("aggregates")), "[]");

  const auto top = plan_of("SELECT TOP @n * FROM c", {parameter("@n", 9)});
  EXPECT_EQ(top.at("queryInfo").at("top"), 9);
}

TEST(query_plan, what_a_client_can_not_do_is_refused) {
  struct sample {
    std::string_view sql;
    std::string_view features;
    std::string_view missing;
  };

  for (const auto& [sql, features, missing] : {
           sample{"SELECT VALUE COUNT(1) FROM c", "", "Aggregate"},
           sample{"SELECT COUNT(1) FROM c", "Aggregate,OrderBy", "NonValueAggregate"},
           sample{"SELECT COUNT(1), SUM(c.a) FROM c", "NonValueAggregate", "MultipleAggregates"},
           sample{"SELECT * FROM c ORDER BY c.a", "MultipleOrderBy", "OrderBy"},
           sample{"SELECT * FROM c ORDER BY c.a, c.b", "OrderBy, Top", "MultipleOrderBy"},
           sample{"SELECT TOP 1 * FROM c", "OrderBy", "Top"},
           sample{"SELECT * FROM c OFFSET 1 LIMIT 1", "Top", "OffsetAndLimit"},
       }) {
    const auto plan = plan_query(*parse(sql), features);
    ASSERT_FALSE(plan.has_value()) << sql;
    EXPECT_EQ(plan.error().status, 400U);
    EXPECT_NE(plan.error().message.find("contained " + std::string(missing) + ", which"),
              std::string::npos)
        << plan.error().message;
  }
  EXPECT_EQ(plan_query(*parse("SELECT VALUE {n: COUNT(1)} FROM c"), all_features).error().status,
            400U);
}

} // namespace
} // namespace feedcast::emulator
