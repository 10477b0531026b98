#include "query_support.hpp"

#include <cstdint>
#include <limits>

namespace feedcast::emulator {
namespace {

using testing::parameter;
using testing::rows_of;

constexpr const char* document =
    R"({"id":"i1","s":"Text","n":5,"f":-1.5,"b":true,"z":null,"e":"","ü":"Ä",)"
    R"("a":[1,"x",{"k":1,"m":2}],"o":{"p":{"q":7}},"big":9007199254740993,"huge":1e300})";

/// "undefined" if it is.
std::string value_of(std::string_view expression) {
  const auto rows = rows_of("SELECT VALUE " + std::string(expression) + " FROM c", {document});
  return rows.empty() ? "undefined" : rows.front();
}

struct sample {
  std::string_view expression;
  std::string_view value;
};

TEST(query_expression, paths_and_literals) {
  for (const auto& [expression, value] : {
           sample{"c.n", "5"},
           sample{"c.f", "-1.5"},
           sample{"c[\"s\"]", "\"Text\""},
           sample{"c['o'][\"p\"].q", "7"},
           sample{"c.ü", "\"Ä\""},
           sample{"c.a[1]", "\"x\""},
           sample{"c.a[2].m", "2"},
           sample{"c.a[9]", "undefined"},
           sample{"c.missing", "undefined"},
           sample{"c.s.x", "undefined"},
           sample{"c.s[0]", "undefined"},
           sample{"c.a.k", "undefined"},
           sample{"c.o[0]", "undefined"},
           sample{"c[c.missing]", "undefined"},
           sample{"c[LOWER('N')]", "5"},
           sample{"c.a[c.a[0]]", "\"x\""},
           sample{"c.o", R"({"p":{"q":7}})"},
           sample{"c.a", R"([1,"x",{"k":1,"m":2}])"},
           sample{"c", document},
           sample{"c.z", "null"},
           sample{"c.big", "9007199254740993"},
           sample{"c.huge", "1e+300"},
           sample{"940713232788149103232", "9.407132327881491e+20"},
           sample{"1e3", "1000"},
           sample{"0.5", "0.5"},
           sample{"9007199254740993", "9007199254740993"},
           sample{"-9007199254740993", "-9007199254740993"},
           sample{"-c.n", "-5"},
           sample{"- -3", "3"},
           sample{"-c.s", "undefined"},
           sample{"null", "null"},
           sample{"undefined", "undefined"},
           sample{"TRUE", "true"},
           sample{R"('a"\\\n')", R"("a\"\\\u000a")"},
           sample{R"({"x": c.n, y: c.missing, 'z': [c.b]})", R"({"x":5,"z":[true]})"},
           sample{"[c.n, c.missing, {}]", "[5,null,{}]"},
           sample{"{a: {b: 4}}.a.b", "4"},
           sample{"[1, 2][1]", "2"},
       })
    EXPECT_EQ(value_of(expression), value) << expression;
}

TEST(query_expression, equality_is_by_value_and_type) {
  for (const auto& [expression, value] : {
           sample{"c.n = 5", "true"},
           sample{"c.n = 5.0", "true"},
           sample{"c.n = '5'", "false"},
           sample{"c.n != '5'", "true"},
           sample{"c.s <> null", "true"},
           sample{"c.z <> null", "false"},
           sample{"c.z = null", "true"},
           sample{"c.b = 1", "false"},
           sample{"c.missing = 1", "undefined"},
           sample{"c.missing <> 1", "undefined"},
           sample{"c.missing = undefined", "undefined"},
           sample{"c.o = {p: {q: 7}}", "true"},
           sample{"c.o = {p: {q: 7}, r: 1}", "false"},
           sample{"c.o = {}", "false"},
           sample{"{} = {}", "true"},
           sample{"c.a = [1, 'x', {m: 2, k: 1}]", "true"},
           sample{"c.a = [1, 'x']", "false"},
           sample{"c.a = c.o", "false"},
       })
    EXPECT_EQ(value_of(expression), value) << expression;
}

TEST(query_expression, order_is_within_one_type) {
  for (const auto& [expression, value] : {
           sample{"c.n < 6", "true"},
           sample{"c.n <= 5", "true"},
           sample{"c.n > 5", "false"},
           sample{"c.n >= 5", "true"},
           sample{"c.s < 'Texu'", "true"},
           sample{"c.s > 'a'", "false"}, // by code point
           sample{"c.b > false", "true"},
           sample{"null <= null", "true"},
           sample{"c.n < '6'", "undefined"},
           sample{"c.z < 1", "undefined"},
           sample{"c.missing < 1", "undefined"},
           sample{"c.a <= c.a", "undefined"},
           sample{"c.o <= c.o", "undefined"},
           sample{"c.n BETWEEN 5 AND 6", "true"},
           sample{"c.n BETWEEN 6 AND 7", "false"},
           sample{"c.n BETWEEN 4 AND 'x'", "undefined"},
           sample{"c.n BETWEEN 6 AND 'x'", "false"},
           sample{"c.n NOT BETWEEN 6 AND 7", "true"},
           sample{"c.s BETWEEN 'A' AND 'U' AND c.b", "true"},
           sample{"c.missing BETWEEN 1 AND 2", "undefined"},
       })
    EXPECT_EQ(value_of(expression), value) << expression;
}

TEST(query_expression, logic_has_three_values) {
  for (const auto& [expression, value] : {
           sample{"true AND true", "true"},
           sample{"true AND false", "false"},
           sample{"c.missing AND false", "false"},
           sample{"false AND c.missing", "false"},
           sample{"c.missing AND true", "undefined"},
           sample{"c.missing OR true", "true"},
           sample{"c.missing OR false", "undefined"},
           sample{"false OR false", "false"},
           sample{"NOT true", "false"},
           sample{"NOT NOT true", "true"},
           sample{"NOT c.missing", "undefined"},
           sample{"NOT c.n", "undefined"},
           sample{"c.n AND true", "undefined"},
           sample{"c.n OR true", "true"},
           sample{"NOT c.n = 6", "true"}, // NOT binds less than =
           sample{"NOT (c.n = '5')", "true"},
           sample{"NOT (c.n < '5')", "undefined"},
           sample{"true OR true AND false", "true"}, // AND binds more than OR
           sample{"(true OR true) AND false", "false"},
           sample{"c.n IN (1, 5)", "true"},
           sample{"c.n IN (1, 2)", "false"},
           sample{"c.n IN ('5')", "false"},
           sample{"c.n IN (c.missing, 5)", "true"},
           sample{"c.n IN (c.missing, 2)", "undefined"},
           sample{"c.missing IN (1)", "undefined"},
           sample{"c.n NOT IN (1, 2)", "true"},
           sample{"c.o IN ({p: {q: 7}})", "true"},
       })
    EXPECT_EQ(value_of(expression), value) << expression;
}

TEST(query_expression, functions_of_types) {
  for (const auto& [expression, value] : {
           sample{"IS_DEFINED(c.z)", "true"},
           sample{"IS_DEFINED(c.missing)", "false"},
           sample{"IS_NULL(c.z)", "true"},
           sample{"IS_NULL(c.missing)", "false"},
           sample{"IS_BOOL(c.b)", "true"},
           sample{"IS_BOOL(c.n)", "false"},
           sample{"IS_NUMBER(c.f)", "true"},
           sample{"IS_NUMBER(c.s)", "false"},
           sample{"IS_STRING(c.s)", "true"},
           sample{"IS_STRING(c.a)", "false"},
           sample{"IS_ARRAY(c.a)", "true"},
           sample{"IS_ARRAY(c.o)", "false"},
           sample{"IS_OBJECT(c.o)", "true"},
           sample{"IS_OBJECT(c.a)", "false"},
           sample{"IS_OBJECT({})", "true"},
           sample{"IS_PRIMITIVE(c.z)", "true"},
           sample{"IS_PRIMITIVE(c.s)", "true"},
           sample{"IS_PRIMITIVE(c.a)", "false"},
           sample{"IS_PRIMITIVE(c.missing)", "false"},
       })
    EXPECT_EQ(value_of(expression), value) << expression;
}

TEST(query_expression, functions_of_texts) {
  for (const auto& [expression, value] : {
           sample{"STARTSWITH(c.s, 'Te')", "true"},
           sample{"STARTSWITH(c.s, 'te')", "false"},
           sample{"STARTSWITH(c.s, 'te', true)", "true"},
           sample{"STARTSWITH(c.s, 'te', false)", "false"},
           sample{"STARTSWITH(c.s, '')", "true"},
           sample{"STARTSWITH(c.n, '5')", "undefined"},
           sample{"STARTSWITH(c.s, 5)", "undefined"},
           sample{"STARTSWITH(c.s, 'Te', 1)", "undefined"},
           sample{"STARTSWITH(c.missing, 'x')", "undefined"},
           sample{"ENDSWITH(c.s, 'xt')", "true"},
           sample{"ENDSWITH(c.s, 'XT')", "false"},
           sample{"ENDSWITH(c.s, 'XT', true)", "true"},
           sample{"ENDSWITH(c.e, 'x')", "false"},
           sample{"CONTAINS(c.s, 'ex')", "true"},
           sample{"CONTAINS(c.s, 'EX')", "false"},
           sample{"CONTAINS(c.s, 'EX', true)", "true"},
           sample{"CONTAINS(c.missing, 'x')", "undefined"},
           sample{"LOWER(c.s)", "\"text\""},
           sample{"UPPER(c.s)", "\"TEXT\""},
           sample{"LOWER(c.n)", "undefined"},
           sample{"LENGTH(c.ü)", "1"},
           sample{"LENGTH(c.n)", "undefined"},
       })
    EXPECT_EQ(value_of(expression), value) << expression;
}

TEST(query_expression, functions_of_arrays) {
  for (const auto& [expression, value] : {
           sample{"ARRAY_CONTAINS(c.a, 'x')", "true"},
           sample{"ARRAY_CONTAINS(c.a, 'y')", "false"},
           sample{"ARRAY_CONTAINS(c.a, '1')", "false"},
           sample{"ARRAY_CONTAINS(c.a, {k: 1})", "false"},
           sample{"ARRAY_CONTAINS(c.a, {k: 1}, true)", "true"},
           sample{"ARRAY_CONTAINS(c.a, {k: 2}, true)", "false"},
           sample{"ARRAY_CONTAINS(c.a, {m: 2, k: 1})", "true"},
           sample{"ARRAY_CONTAINS(c.s, 'x')", "undefined"},
           sample{"ARRAY_CONTAINS(c.a, c.missing)", "undefined"},
           sample{"ARRAY_CONTAINS(['a', 'b'], 'b')", "true"},
           sample{"ARRAY_LENGTH(c.a)", "3"},
           sample{"ARRAY_LENGTH(c.o)", "undefined"},
       })
    EXPECT_EQ(value_of(expression), value) << expression;
}

TEST(query_expression, parameters_are_values_of_any_kind) {
  constexpr std::string_view sql =
      "SELECT VALUE c.id FROM c WHERE c.n = @n AND ARRAY_CONTAINS(@all, c.s) AND c.o = @o AND "
      "c[@name] = @none AND c.n IN (@a, @n)";

  EXPECT_EQ(rows_of(sql, {document},
                    {parameter("@n", 5), parameter("@all", {"x", "Text"}),
                     parameter("@o", {{"p", {{"q", 7}}}}), parameter("@name", "z"),
                     parameter("@none", nullptr), parameter("@a", 1)}),
            std::vector<std::string>{"\"i1\""});
}

TEST(query_expression, the_lowest_number_of_all_can_be_negated) {
  EXPECT_EQ(rows_of("SELECT VALUE -@p FROM c", {"{}"},
                    {parameter("@p", std::numeric_limits<std::int64_t>::min())}),
            std::vector<std::string>{"9223372036854775808"});
}

TEST(query_expression, what_a_row_makes_is_bounded) {
  const std::string text = R"({"t":")" + std::string(std::size_t{1} << 20, 'x') + R"("})";
  const auto refusal_of = [&](const std::string& part, int times, const char* between) {
    std::string sql = "SELECT VALUE [" + part;
    for (int i = 1; i < times; ++i)
      sql += between + part;
    const auto rows = run_query(*testing::parse(sql + "] FROM c"), {text});
    return rows ? "" : rows.error().message;
  };

  EXPECT_EQ(refusal_of("c.t", 10, ","), "");
  EXPECT_EQ(refusal_of("c.t", 40, ","), "a row of the query is larger than 16 MiB");
  EXPECT_EQ(refusal_of("UPPER(c.t) = ''", 60, ","), "");
  EXPECT_EQ(refusal_of("UPPER(c.t) = ''", 70, ","),
            "the functions of the query make more than 64 MiB of one row");
}

TEST(query_expression, a_condition_that_is_undefined_leaves_the_document_out) {
  for (const char* condition : {"c.missing", "c.n", "c.missing = 1", "NOT c.missing", "null"})
    EXPECT_TRUE(rows_of(std::string("SELECT * FROM c WHERE ") + condition, {document}).empty())
        << condition;
}

TEST(query_expression, joins_make_a_row_of_each_element) {
  const std::vector<std::string> documents{
      R"({"id":"a","list":[{"v":1},{"v":2}],"other":["x","y"]})", R"({"id":"b","list":[]})",
      R"({"id":"c","list":5})", R"({"id":"d","list":[{"w":[7]}]})"};

  EXPECT_EQ(rows_of("SELECT VALUE l.v FROM c JOIN l IN c.list", documents),
            (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(rows_of("SELECT VALUE [l.v, o] FROM c JOIN l IN c.list JOIN o IN c.other", documents),
            (std::vector<std::string>{R"([1,"x"])", R"([1,"y"])", R"([2,"x"])", R"([2,"y"])"}));
  EXPECT_EQ(rows_of("SELECT c.id, w FROM c JOIN l IN c.list JOIN w IN l.w", documents),
            std::vector<std::string>{R"({"id":"d","w":7})"});
}

TEST(query_expression, columns_that_are_undefined_are_left_out) {
  EXPECT_EQ(rows_of("SELECT c.n, c.missing, c.z AS none FROM c", {document}),
            std::vector<std::string>{R"({"n":5,"none":null})"});
  EXPECT_EQ(rows_of("SELECT c.missing FROM c", {document}), std::vector<std::string>{"{}"});
  EXPECT_TRUE(rows_of("SELECT VALUE c.missing FROM c", {document}).empty());
}

TEST(query_expression, offset_limit_and_top_cut_the_rows) {
  const std::vector<std::string> documents{R"({"n":1})", R"({"n":2})", R"({"n":3})", R"({"n":4})"};

  EXPECT_EQ(rows_of("SELECT TOP 2 VALUE c.n FROM c", documents),
            (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(rows_of("SELECT VALUE c.n FROM c OFFSET 1 LIMIT 2", documents),
            (std::vector<std::string>{"2", "3"}));
  EXPECT_TRUE(rows_of("SELECT TOP 0 * FROM c", documents).empty());
}

} // namespace
} // namespace feedcast::emulator
