#include "emulator/query.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

answer<query> parse(std::string_view sql, boost::json::array parameters = {}) {
  return parse_query(
      boost::json::serialize(boost::json::object{{"query", sql}, {"parameters", parameters}}));
}

bool matches(std::string_view sql, std::string_view json, boost::json::array parameters = {}) {
  const auto q = parse(sql, std::move(parameters));
  EXPECT_TRUE(q.has_value()) << sql << ": " << (q ? "" : q.error().message);
  return q && q->matches("lease..0", json);
}

TEST(query, reads_the_texts_that_lease_libraries_send) {
  const boost::json::array prefix{{{"name", "@PartitionLeasePrefix"}, {"value", "lease.."}}};

  EXPECT_TRUE(matches("SELECT * FROM c WHERE STARTSWITH(c.id, 'lease..')", "{}"));
  EXPECT_FALSE(matches("SELECT * FROM c WHERE STARTSWITH(c.id, 'other..')", "{}"));
  EXPECT_TRUE(
      matches("SELECT * FROM c WHERE STARTSWITH(c.id, @PartitionLeasePrefix)", "{}", prefix));
  EXPECT_TRUE(matches("SELECT * FROM c", "{}"));
}

TEST(query, the_mode_check_finds_leases_with_a_token) {
  constexpr std::string_view sql =
      "SELECT TOP @Top * FROM c WHERE STARTSWITH(c.id, @P) AND c.ContinuationToken <> null";
  const boost::json::array parameters{{{"name", "@Top"}, {"value", 1}},
                                      {{"name", "@P"}, {"value", "lease"}}};

  EXPECT_EQ(parse(sql, parameters)->top, 1U);
  EXPECT_TRUE(matches(sql, R"({"ContinuationToken":"\"5\""})", parameters));
  EXPECT_FALSE(matches(sql, R"({"ContinuationToken":null})", parameters));
  EXPECT_FALSE(matches(sql, "{}", parameters));
}

TEST(query, compares_by_value_and_type) {
  constexpr std::string_view json = R"({"s":"x","n":5,"b":true,"z":null,"o":{"p":-1.5}})";

  for (const char* sql : {"c.s = 'x'", "c.s = \"x\"", "c.n = 5", "c.n = 5.0", "c.b = true",
                          "c.z = null", "c.o.p = -1.5", "c[\"o\"]['p'] = -15e-1", "c.n != '5'",
                          "c.n <> 4", "c.s = 'x' and c.n = 5 AND c.b <> false"})
    EXPECT_TRUE(matches(std::string("select * from c where ") + sql, json)) << sql;
  for (const char* sql : {"c.s = 'X'", "c.n = '5'", "c.b = 1", "c.missing = null", "c.missing <> 1",
                          "c.o.p.q = 1", "STARTSWITH(c.n, '5')", "c.s = 'x' AND c.n = 6"})
    EXPECT_FALSE(matches(std::string("SELECT * FROM c WHERE ") + sql, json)) << sql;
}

TEST(query, aliases_may_be_named_freely) {
  EXPECT_TRUE(matches("SELECT * FROM root r WHERE r.id = 'lease..0'", "{}"));
  EXPECT_TRUE(matches("SELECT * FROM leases AS l WHERE STARTSWITH(l.id, 'lease')", "{}"));
}

TEST(query, quotes_are_escaped_by_a_backslash) {
  EXPECT_TRUE(matches(R"(SELECT * FROM c WHERE c.s = 'it\'s')", R"({"s":"it's"})"));
}

TEST(query, what_is_not_understood_is_400_with_its_position) {
  for (const char* sql :
       {"", "SELECT", "SELECT c.id FROM c", "SELECT VALUE COUNT(1) FROM c", "SELECT * FROM c WHERE",
        "SELECT * FROM c WHERE c.a", "SELECT * FROM c WHERE c = 1", "SELECT * FROM c WHERE x.a = 1",
        "SELECT * FROM c WHERE c.a = 1 OR c.b = 2", "SELECT * FROM c WHERE c.a = 'x",
        "SELECT * FROM c WHERE c.a = @p", "SELECT * FROM c ORDER BY c.a", "SELECT TOP 'x' * FROM c",
        "SELECT * FROM c WHERE STARTSWITH(c.id, 5)", "SELECT * FROM c WHERE c.a = 1e", "DELETE"}) {
    const auto q = parse(sql);
    ASSERT_FALSE(q.has_value()) << sql;
    EXPECT_EQ(q.error().status, 400U);
    EXPECT_NE(q.error().message.find("position"), std::string::npos) << sql;
  }
}

TEST(query, a_body_that_is_no_query_is_refused) {
  for (const char* body :
       {"", "[]", "{}", R"({"query":5})", R"({"query":"SELECT * FROM c","parameters":{}})",
        R"({"query":"SELECT * FROM c","parameters":[{"name":"@p"}]})"})
    EXPECT_EQ(parse_query(body).error().status, 400U) << body;
}

} // namespace
} // namespace feedcast::emulator
