#include "test_client.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

using testing::test_client;

TEST(databases, are_made_read_listed_and_dropped) {
  test_client account;

  const auto made = account.send("POST", "/dbs", {}, R"({"id":"db1"})");
  ASSERT_EQ(made.status(), 201U);
  EXPECT_EQ(made.json().at("_etag").as_string(), made.header("etag"));
  EXPECT_EQ(account.send("POST", "/dbs", {}, R"({"id":"db1"})").status(), 409U);
  const std::string by_id = "/dbs/" + std::string(made.json().at("_rid").as_string());
  EXPECT_EQ(account.send("GET", "/dbs/db1/").body, made.body);
  EXPECT_EQ(account.send("GET", by_id).body, made.body);
  EXPECT_EQ(account.send("GET", "/dbs").json().at("Databases").as_array().size(), 1U);
  EXPECT_EQ(account.send("DELETE", by_id).status(), 204U);
  EXPECT_EQ(account.send("GET", "/dbs/db1").status(), 404U);
}

TEST(databases, bad_definitions_are_refused) {
  test_client account;

  for (const char* body :
       {"", "[]", "{}", R"({"id":5})", R"({"id":"a/b"})", "{\"id\":\"a\\r\\nb\"}"})
    EXPECT_EQ(account.send("POST", "/dbs", {}, body).status(), 400U) << body;
}

TEST(databases, can_be_queried) {
  test_client account;
  for (const char* name : {"one", "two"})
    ASSERT_TRUE(account.data.create_database(name).has_value());

  const auto r = account.send("POST", "/dbs", {{"x-ms-documentdb-isquery", "True"}},
                              R"({"query":"SELECT * FROM root r WHERE r.id = 'two'"})");

  ASSERT_EQ(r.status(), 200U) << r.body;
  EXPECT_EQ(r.json().at("Databases").as_array().size(), 1U);
}

TEST(containers, echo_their_definition_with_the_hash_that_is_used) {
  test_client account;
  ASSERT_TRUE(account.data.create_database("db1").has_value());

  const auto r = account.send("POST", "/dbs/db1/colls", {},
                              R"({"id":"c1","partitionKey":{"paths":["/pk"]},"defaultTtl":-1,)"
                              R"("indexingPolicy":{"automatic":true},"_rid":"x"})");

  ASSERT_EQ(r.status(), 201U) << r.body;
  const auto json = r.json();
  EXPECT_EQ(json.at("partitionKey"),
            boost::json::parse(R"({"paths":["/pk"],"kind":"Hash","version":2})"));
  EXPECT_EQ(json.at("defaultTtl"), -1);
  EXPECT_EQ(json.at("indexingPolicy").at("automatic"), true);
  EXPECT_NE(json.at("_rid"), "x");
  EXPECT_EQ(json.at("_docs"), "docs/");
  EXPECT_EQ(r.header("etag"), std::string(json.at("_etag").as_string()));
  // The path of the owner: the Java client appends the container to it.
  EXPECT_EQ(r.header("x-ms-alt-content-path"), "dbs/db1");
  EXPECT_EQ(r.header("x-ms-content-path"),
            std::string(account.send("GET", "/dbs/db1").json().at("_rid").as_string()));
}

TEST(containers, are_read_by_name_and_by_resource_id) {
  test_client account;
  account.make_container();

  const auto by_name = account.send("GET", "/dbs/db1/colls/c1");
  const std::string self(by_name.json().at("_self").as_string());
  const auto by_id = account.send("GET", '/' + self);

  EXPECT_EQ(by_name.status(), 200U);
  EXPECT_EQ(by_id.status(), 200U) << self;
  EXPECT_EQ(by_id.body, by_name.body);
}

TEST(containers, bad_definitions_are_refused_by_name) {
  test_client account;
  ASSERT_TRUE(account.data.create_database("db1").has_value());

  for (const char* body :
       {"{}",
        R"({"id":"c"})"
        "x",
        R"({"id":"c","partitionKey":5})", R"({"id":"c","partitionKey":{"paths":["/a","/b"]}})",
        R"({"id":"c","partitionKey":{"paths":["a"]}})",
        R"({"id":"c","partitionKey":{"paths":["/a"],"kind":"Range"}})",
        R"({"id":"c","defaultTtl":0})"})
    EXPECT_EQ(account.send("POST", "/dbs/db1/colls", {}, body).status(), 400U) << body;
  EXPECT_EQ(account.send("POST", "/dbs/db1/colls", {{"x-feedcast-ranges", "0"}}, R"({"id":"c"})")
                .status(),
            400U);
  EXPECT_EQ(account.send("POST", "/dbs/none/colls", {}, R"({"id":"c"})").status(), 404U);
}

TEST(containers, a_missing_owner_is_told_from_a_missing_container) {
  test_client account;
  ASSERT_TRUE(account.data.create_database("db1").has_value());

  const auto itself = account.send("GET", "/dbs/db1/colls/none");
  const auto below = account.send("GET", "/dbs/db1/colls/none/docs");

  EXPECT_EQ(itself.status(), 404U);
  EXPECT_EQ(itself.header("x-ms-substatus"), "");
  EXPECT_EQ(below.status(), 404U);
  EXPECT_EQ(below.header("x-ms-substatus"), "1003");
}

TEST(containers, replacing_changes_the_ttl_but_not_the_key) {
  test_client account;
  account.make_container();
  const auto before = account.send("GET", "/dbs/db1/colls/c1");

  const auto after =
      account.send("PUT", "/dbs/db1/colls/c1", {},
                   R"({"id":"c1","partitionKey":{"paths":["/id"]},"defaultTtl":60})");

  ASSERT_EQ(after.status(), 200U) << after.body;
  EXPECT_EQ(after.json().at("defaultTtl"), 60);
  EXPECT_NE(after.header("etag"), before.header("etag"));
  EXPECT_EQ(account
                .send("PUT", "/dbs/db1/colls/c1", {},
                      R"({"id":"c1","partitionKey":{"paths":["/other"]}})")
                .status(),
            400U);
}

TEST(containers, a_container_made_again_has_another_resource_id) {
  test_client account;
  const rid before = account.make_container()->address();

  ASSERT_EQ(account.send("DELETE", "/dbs/db1/colls/c1").status(), 204U);
  EXPECT_EQ(account.send("DELETE", "/dbs/db1/colls/c1").status(), 404U);
  const auto again = account.make_container();

  EXPECT_NE(again->address(), before);
  EXPECT_EQ(account.send("GET", "/dbs/db1/colls").json().at("_count"), 1);
}

} // namespace
} // namespace feedcast::emulator
