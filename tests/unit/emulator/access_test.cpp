#include "emulator/access.hpp"
#include "test_client.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace feedcast::emulator {
namespace {

using testing::docs;
using testing::key_of;
using testing::test_client;

struct access_test : ::testing::Test {
  access_test() { account.make_container(); }

  test_client account;
};

TEST_F(access_test, a_bearer_token_is_as_good_as_the_key) {
  const auto read = account.send_as(well_known_token, "GET", "/dbs/db1/colls/c1");
  const auto made =
      account.send_as(well_known_token, "POST", std::string(docs),
                      {{"x-ms-documentdb-partitionkey", key_of("a")}}, R"({"id":"a"})");

  EXPECT_EQ(read.status(), 200U);
  EXPECT_EQ(made.status(), 201U);
}

TEST_F(access_test, a_token_that_is_not_escaped_is_taken_too) {
  const auto r = account.send_unsigned(
      "GET", "/dbs/db1",
      {{"authorization", "type=aad&ver=1.0&sig=" + std::string(well_known_token)}});

  EXPECT_EQ(r.status(), 200U);
}

TEST_F(access_test, another_token_is_refused) {
  EXPECT_EQ(account.send_as("other", "GET", "/dbs/db1").status(), 401U);
  account.state.access.token = "other";
  EXPECT_EQ(account.send_as("other", "GET", "/dbs/db1").status(), 200U);
  EXPECT_EQ(account.send_as(well_known_token, "GET", "/dbs/db1").status(), 401U);
}

TEST_F(access_test, an_account_of_tokens_refuses_its_key_as_the_service_does) {
  account.state.access.aad_only = true;

  const auto by_key = account.send("GET", "/dbs/db1");

  EXPECT_EQ(by_key.status(), 401U);
  EXPECT_EQ(by_key.header("x-ms-substatus"), "5202");
  EXPECT_NE(by_key.body.find("Local Authorization is disabled"), std::string::npos);
  EXPECT_EQ(account.send_as(well_known_token, "GET", "/dbs/db1").status(), 200U);
}

TEST_F(access_test, a_token_changes_no_databases_and_containers) {
  for (const auto& [method, path] : {std::pair("POST", "/dbs"), std::pair("POST", "/dbs/db1/colls"),
                                     std::pair("DELETE", "/dbs/db1/colls/c1")}) {
    const auto r = account.send_as(well_known_token, method, path, {}, R"({"id":"x"})");
    EXPECT_EQ(r.status(), 403U) << method << path;
    EXPECT_EQ(r.header("x-ms-substatus"), "5300");
    EXPECT_NE(r.body.find("cannot be authorized by AAD token in data plane"), std::string::npos);
  }
  const auto query =
      account.send_as(well_known_token, "POST", "/dbs", {{"x-ms-documentdb-isquery", "true"}},
                      R"({"query":"SELECT * FROM c"})");
  EXPECT_EQ(query.status(), 200U);
}

TEST_F(access_test, a_read_only_key_reads_and_writes_nothing) {
  account.put("a");
  account.state.access.read_only_key = std::exchange(account.state.key, "another");

  EXPECT_EQ(account.send("GET", "/dbs/db1/colls/c1").status(), 200U);
  EXPECT_EQ(account.send("GET", std::string(docs)).status(), 200U);
  const auto made = account.send("POST", std::string(docs),
                                 {{"x-ms-documentdb-partitionkey", key_of("b")}}, R"({"id":"b"})");
  EXPECT_EQ(made.status(), 403U);
  EXPECT_EQ(account.send("POST", "/dbs/db1/colls", {}, R"({"id":"c2"})").status(), 403U);
}

TEST_F(access_test, a_resource_token_reads_and_writes_nothing) {
  account.state.access.resource_token = "type=resource&ver=1&sig=abc";
  const auto with = [&](std::string method, std::string token) {
    return account
        .send_unsigned(
            std::move(method), std::string(docs),
            {{"authorization", std::move(token)}, {"x-ms-documentdb-partitionkey", key_of("a")}},
            R"({"id":"a"})")
        .status();
  };

  EXPECT_EQ(with("GET", "type%3Dresource%26ver%3D1%26sig%3Dabc"), 200U);
  EXPECT_EQ(with("POST", "type%3Dresource%26ver%3D1%26sig%3Dabc"), 403U);
  EXPECT_EQ(with("GET", "type%3Dresource%26ver%3D1%26sig%3Dother"), 401U);
  account.state.access.resource_token.clear();
  EXPECT_EQ(with("GET", "type%3Dresource%26ver%3D1%26sig%3Dabc"), 401U);
}

TEST_F(access_test, without_control_plane_the_key_changes_documents_only) {
  account.state.access.no_control_plane = true;

  const auto refused = account.send("POST", "/dbs/db1/colls", {}, R"({"id":"c2"})");

  EXPECT_EQ(refused.status(), 403U);
  EXPECT_NE(refused.body.find("Operation 'POST' on resource 'colls' is not allowed through"),
            std::string::npos)
      << refused.body;
  account.put("a");
  EXPECT_EQ(account.send("GET", "/dbs/db1/colls").status(), 200U);
}

TEST_F(access_test, containers_are_ordered_by_control_then) {
  account.state.access.no_control_plane = true;

  account.control("POST", "/_emulator/dbs/db2/colls/c2", R"({"ranges":3,"partition_key":"/pk"})");

  const auto made = account.data.find_container("db2", "c2");
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ((*made)->ranges().ranges.size(), 3U);
  EXPECT_EQ(account.send_unsigned("POST", "/_emulator/dbs/db2/colls/c2").status(), 409U);
}

TEST_F(access_test, a_serverless_account_knows_no_throughput) {
  account.state.access.serverless = true;

  const auto offers = account.send("GET", "/offers");
  const auto made =
      account.send("POST", "/dbs/db1/colls", {{"x-ms-offer-throughput", "400"}}, R"({"id":"c2"})");

  EXPECT_EQ(offers.status(), 400U);
  EXPECT_NE(offers.body.find("not supported for serverless accounts"), std::string::npos);
  EXPECT_EQ(made.status(), 400U);
  EXPECT_EQ(account.send("POST", "/dbs/db1/colls", {}, R"({"id":"c2"})").status(), 201U);
}

} // namespace
} // namespace feedcast::emulator
