#include "query_support.hpp"

namespace feedcast::emulator {
namespace {

using testing::parameter;
using testing::parse;
using testing::rows_of;

struct refused {
  std::string_view sql;
  std::string_view why;
  std::string_view where;
};

void expect_refused(const refused& r) {
  const auto q = parse(r.sql);
  ASSERT_FALSE(q.has_value()) << r.sql;
  EXPECT_EQ(q.error().status, 400U) << r.sql;
  EXPECT_NE(q.error().message.find(r.why), std::string::npos) << r.sql << ": " << q.error().message;
  EXPECT_NE(q.error().message.find(", at " + std::string(r.where) + ';'), std::string::npos)
      << r.sql << ": " << q.error().message;
}

TEST(query_parser, what_is_unsupported_is_named_with_its_place) {
  for (const refused& r : {
           refused{"SELECT DISTINCT c.a FROM c", "DISTINCT", "line 1, column 8"},
           refused{"SELECT c.a FROM c GROUP BY c.a", "GROUP BY", "line 1, column 19"},
           refused{"SELECT c.a FROM c UNION SELECT 1", "UNION", "line 1, column 19"},
           refused{"SELECT * FROM c\nWHERE c.a LIKE 'x%'", "LIKE", "line 2, column 11"},
           refused{"SELECT * FROM c WHERE c.a NOT LIKE 'x%'", "LIKE", "line 1, column 31"},
           refused{"SELECT c.a + 1 FROM c", "the operator +", "line 1, column 12"},
           refused{"SELECT c.a ?? 1 FROM c", "the operator ??", "line 1, column 12"},
           refused{"SELECT c.a ? 1 : 2 FROM c", "the operator ?", "line 1, column 12"},
           refused{"SELECT 'a' || c.b FROM c", "the operator ||", "line 1, column 12"},
           refused{"SELECT * FROM c WHERE c.a = 1 + 1", "the operator +", "line 1, column 31"},
           refused{"SELECT * FROM c WHERE +1 = 1", "the operator +", "line 1, column 23"},
           refused{"SELECT * FROM c WHERE EXISTS(SELECT 1)", "a subquery", "line 1, column 23"},
           refused{"SELECT ARRAY(SELECT 1) FROM c", "a subquery", "line 1, column 8"},
           refused{"SELECT (SELECT 1) FROM c", "a subquery", "line 1, column 9"},
           refused{"SELECT * FROM c WHERE c.a IN (SELECT 1)", "a subquery", "line 1, column 31"},
           refused{"SELECT * FROM x IN c.a", "a part of the documents", "line 1, column 17"},
           refused{"SELECT * FROM c.a", "a part of the documents", "line 1, column 16"},
           refused{"SELECT 1 FROM c, d", "several sources", "line 1, column 16"},
           refused{"SELECT udf.f(c.a) FROM c", "user-defined function", "line 1, column 8"},
           refused{"SELECT ST_DISTANCE(c.a, c.b) FROM c", "the function 'ST_DISTANCE'",
                   "line 1, column 8"},
           refused{"SELECT * FROM c ORDER BY c.a, LOWER(c.b)", "ORDER BY of something",
                   "line 1, column 31"},
           refused{"SELECT * FROM c ORDER BY RANK RRF(1)", "ORDER BY of something",
                   "line 1, column 26"},
       })
    expect_refused(r);
}

TEST(query_parser, what_is_wrong_is_named_with_its_place) {
  for (const refused& r : {
           refused{"", "the end of the query where SELECT", "line 1, column 1"},
           refused{"DELETE", "'DELETE' where SELECT", "line 1, column 1"},
           refused{"SELECT", "an expression", "line 1, column 7"},
           refused{"SELECT *", "FROM", "line 1, column 9"},
           refused{"SELECT * FROM", "the name of the container", "line 1, column 14"},
           refused{"SELECT * FROM value ORDER BY value.a", "the name of the container",
                   "line 1, column 15"},
           refused{"SELECT * FROM c AS not", "an alias", "line 1, column 20"},
           refused{"SELECT x FROM c JOIN top IN c.a", "a name for the elements",
                   "line 1, column 22"},
           refused{"SELECT * FROM c WHERE", "an expression", "line 1, column 22"},
           refused{"SELECT * FROM c;", "the end of the query", "line 1, column 16"},
           refused{"SELECT * FROM c WHERE x.a = 1", "the name 'x'", "line 1, column 23"},
           refused{"SELECT x FROM c", "the name 'x'", "line 1, column 8"},
           refused{"SELECT n FROM c JOIN n IN m.a JOIN m IN c.b", "the name 'm'",
                   "line 1, column 27"},
           refused{"SELECT n FROM c JOIN c IN c.a", "two sources named 'c'", "line 1, column 22"},
           refused{"SELECT * FROM c JOIN n IN c.a", "SELECT * and a JOIN", "line 1, column 15"},
           refused{"SELECT c.a, c.b.a FROM c", "two columns named 'a'", "line 1, column 13"},
           refused{"SELECT * FROM c WHERE c.a = 'x", "closing quote", "line 1, column 29"},
           refused{"SELECT * FROM c WHERE c.a = 1e", "a number that is none", "line 1, column 29"},
           refused{"SELECT * FROM c WHERE c.a = 1e999", "beyond those of a double",
                   "line 1, column 29"},
           refused{"SELECT * FROM c WHERE c[1.5] = 1", "in brackets", "line 1, column 25"},
           refused{"SELECT * FROM c WHERE c[-1] = 1", "in brackets", "line 1, column 25"},
           refused{"SELECT * FROM c WHERE c.a NOT = 1", "IN or BETWEEN", "line 1, column 31"},
           refused{"SELECT * FROM c WHERE (c.a = 1", "')'", "line 1, column 31"},
           refused{"SELECT * FROM c WHERE LOWER() = 1", "0 arguments for LOWER",
                   "line 1, column 23"},
           refused{"SELECT * FROM c WHERE STARTSWITH(c.a)", "1 arguments for STARTSWITH",
                   "line 1, column 23"},
           refused{"SELECT TOP 'x' * FROM c", "behind TOP", "line 1, column 12"},
           refused{"SELECT TOP 1.5 * FROM c", "behind TOP", "line 1, column 12"},
           refused{"SELECT TOP @none * FROM c", "behind TOP", "line 1, column 12"},
           refused{"SELECT TOP 2147483648 * FROM c", "behind TOP", "line 1, column 12"},
           refused{"SELECT * FROM c OFFSET 5", "LIMIT", "line 1, column 25"},
           refused{"SELECT TOP 1 * FROM c OFFSET 5 LIMIT 1", "both TOP and OFFSET",
                   "line 1, column 39"},
           refused{"SELECT c.a, COUNT(1) FROM c", "no GROUP BY", "line 1, column 8"},
           refused{"SELECT COUNT(1), {x: c.a} FROM c", "no GROUP BY", "line 1, column 22"},
           refused{"SELECT VALUE COUNT(SUM(c.a)) FROM c", "aggregate", "line 1, column 20"},
           refused{"SELECT * FROM c WHERE COUNT(1) > 1", "aggregate", "line 1, column 23"},
           refused{"SELECT VALUE COUNT(1) FROM c ORDER BY c.a", "ORDER BY and an aggregate",
                   "line 1, column 39"},
       })
    expect_refused(r);
}

TEST(query_parser, columns_go_by_their_alias_or_their_own_names) {
  const auto q = parse("SELECT c.a, c.b.d AS x, c['e'] y, c, 1, c.l[0], 'z' FROM c");

  ASSERT_TRUE(q.has_value());
  std::vector<std::string> names;
  for (const query_column& column : q->columns)
    names.push_back(column.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "x", "y", "c", "$1", "$2", "$3"}));
}

TEST(query_parser, keywords_and_functions_have_no_case) {
  const std::vector<std::string> documents{R"({"id":"Lease"})"};

  EXPECT_EQ(rows_of("select value c.id from root as c where startswith(c.id, 'le', TRUE) and not "
                    "is_Defined(c.x)",
                    documents),
            std::vector<std::string>{R"("Lease")"});
}

TEST(query_parser, a_parameter_without_a_value_is_undefined) {
  const std::vector<std::string> documents{"{}"};
  constexpr std::string_view sql = "SELECT VALUE IS_DEFINED(@p) FROM c";

  EXPECT_EQ(rows_of(sql, documents), std::vector<std::string>{"false"});
  EXPECT_EQ(rows_of(sql, documents, {{{"name", "@p"}}}), std::vector<std::string>{"false"});
  EXPECT_EQ(rows_of(sql, documents, {parameter("@p", nullptr)}), std::vector<std::string>{"true"});
}

TEST(query_parser, what_a_parameter_holds_outlives_its_request) {
  auto q =
      parse("SELECT VALUE @p FROM c",
            {parameter("@p", {{"list", {1, "two"}}, {"text", "long enough to be elsewhere"}})});
  ASSERT_TRUE(q.has_value());
  const query moved = std::move(*q);

  EXPECT_EQ(*run_query(moved, {"{}"}),
            std::vector<std::string>{R"({"list":[1,"two"],"text":"long enough to be elsewhere"})"});
}

TEST(query_parser, a_body_that_is_no_query_is_refused) {
  for (const char* body :
       {"", "[]", "{}", R"({"query":5})", R"({"query":"SELECT * FROM c","parameters":{}})",
        R"({"query":"SELECT * FROM c","parameters":[5]})",
        R"({"query":"SELECT * FROM c","parameters":[{"value":1}]})",
        R"({"query":"SELECT * FROM c","parameters":[{"name":"p","value":1}]})",
        R"({"query":"SELECT * FROM c","parameters":[{"name":"@","value":1}]})",
        R"({"query":"SELECT * FROM c","parameters":[{"name":"@p"},{"name":"@p"}]})"})
    EXPECT_EQ(parse_query(body).error().status, 400U) << body;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

TEST(query_parser, size_and_nesting_are_bounded) {
  const std::string start = "SELECT * FROM c WHERE ";
  const auto is_good = [](const std::string& sql) { return parse(sql).has_value(); };

  EXPECT_TRUE(is_good(start + repeated("(", 60) + "true" + repeated(")", 60)));
  EXPECT_FALSE(is_good(start + repeated("(", 65) + "true" + repeated(")", 65)));
  EXPECT_FALSE(is_good(start + repeated("(", 100'000)));
  EXPECT_FALSE(is_good(start + repeated("NOT ", 100'000) + "true"));
  EXPECT_FALSE(is_good(start + repeated("- ", 100'000) + "1"));
  EXPECT_FALSE(is_good(start + repeated("[", 100'000)));
  EXPECT_FALSE(is_good(start + repeated("{a:", 100'000)));
  EXPECT_TRUE(is_good(start + "true" + repeated(" AND true", 2000)));
  EXPECT_FALSE(is_good(start + "true" + repeated(" AND true", 2001)));
  EXPECT_FALSE(is_good(start + "true" + repeated(" OR true", 2001)));
  EXPECT_TRUE(is_good(start + "1 IN (1" + repeated(",1", 15'999) + ')'));
  EXPECT_FALSE(is_good(start + "1 IN (1" + repeated(",1", 16'000) + ')'));
  EXPECT_FALSE(is_good("SELECT VALUE [1" + repeated(",1", 100'000) + "] FROM c"));
  EXPECT_FALSE(is_good("SELECT * FROM c" + repeated(" ", max_query_size)));
  EXPECT_TRUE(is_good(start + "c" + repeated(".a", 10'000) + " = 1"));
  EXPECT_FALSE(is_good("SELECT * FROM c ORDER BY c.a" + repeated(", c.a", 8)));
}

TEST(query_parser, what_it_quotes_is_short_and_whole_characters) {
  const std::string name = repeated("é", 1000); // two bytes each
  const std::string shown = '\'' + repeated("é", 20) + '\'';
  const auto message_of = [](const std::string& sql) { return parse(sql).error().message; };

  for (const std::string& sql :
       {"SELECT x" + name + " FROM c", "SELECT * FROM c " + name + ' ' + name,
        "SELECT x" + name + "(c.a) FROM c", "SELECT c.a x" + name + ", c.b x" + name + " FROM c",
        "SELECT 1 FROM x" + name + " JOIN x" + name + " IN c.a"}) {
    EXPECT_LT(message_of(sql).size(), 400U) << sql;
    EXPECT_TRUE(simdjson::validate_utf8(message_of(sql))) << message_of(sql);
  }
  EXPECT_NE(message_of("SELECT * FROM c x " + name).find(shown), std::string::npos);
}

TEST(query_parser, joins_are_bounded_in_number_and_in_rows) {
  std::string sql = "SELECT VALUE 1 FROM c";
  for (int i = 0; i < 10; ++i)
    sql += " JOIN n" + std::to_string(i) + " IN c.a";
  const auto q = parse(sql);
  ASSERT_TRUE(q.has_value());
  EXPECT_FALSE(parse(sql + " JOIN x IN c.a").has_value());

  EXPECT_EQ(run_query(*q, {R"({"a":[1,2]})"})->size(), 1024U);
  EXPECT_EQ(run_query(*q, {R"({"a":[1,2,3,4]})"}).error().status, 400U);
  const std::string many = R"({"a":[1)" + repeated(",1", 999) + R"(],"none":[]})";
  const auto rowless =
      parse("SELECT VALUE 1 FROM c JOIN x IN c.a JOIN y IN c.a JOIN z IN c.a JOIN n IN c.none");
  EXPECT_NE(run_query(*rowless, {many}).error().message.find("elements of one document"),
            std::string::npos);
}

} // namespace
} // namespace feedcast::emulator
