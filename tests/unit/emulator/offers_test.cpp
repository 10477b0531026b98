#include "test_client.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

using testing::result_of_call;
using testing::test_client;

namespace json = boost::json;

struct offers_test : ::testing::Test {
  offers_test() { (void)account.data.create_database("db1"); }

  result_of_call create(const std::string& name, testing::fields headers = {}) {
    return account.send("POST", "/dbs/db1/colls", headers, R"({"id":")" + name + "\"}");
  }

  json::array query(const std::string& sql, const std::string& value) {
    const auto r = account.send("POST", "/offers", {{"x-ms-documentdb-isquery", "True"}},
                                R"({"query":")" + sql + R"(","parameters":[{"name":"@p","value":")"
                                    + value + "\"}]}");
    EXPECT_EQ(r.status(), 200U) << r.body;
    return r.json().at("Offers").as_array();
  }

  /// The only one there is.
  json::object only() {
    return account.send("GET", "/offers").json().at("Offers").at(0).as_object();
  }

  static std::string path(const json::object& offer) {
    return "/offers/" + std::string(offer.at("id").as_string());
  }

  test_client account;
};

TEST_F(offers_test, an_empty_account_has_none) {
  const auto r = account.send("GET", "/offers");

  EXPECT_EQ(r.body, R"({"_rid":"","Offers":[],"_count":0})");
  EXPECT_EQ(r.header("x-ms-item-count"), "0");
}

TEST_F(offers_test, are_found_by_the_link_or_the_resource_id_of_their_container) {
  const auto c1 = create("c1").json();
  create("c2", {{"x-ms-offer-throughput", "1200"}});

  const auto by_link =
      query("SELECT * from root where root.resource = @p", std::string(c1.at("_self").as_string()));
  const auto by_id = query("SELECT * FROM root r WHERE r.offerResourceId = @p",
                           std::string(c1.at("_rid").as_string()));

  ASSERT_EQ(by_link.size(), 1U);
  EXPECT_EQ(by_link, by_id);
  const auto& o = by_link.at(0);
  EXPECT_EQ(o.at("content").at("offerThroughput"), 400);
  EXPECT_EQ(o.at("offerVersion"), "V2");
  EXPECT_EQ(o.at("_rid"), o.at("id"));
  EXPECT_EQ(o.at("id").as_string().size(), 4U);
  EXPECT_EQ(o.at("_self").as_string(), "offers/" + std::string(o.at("id").as_string()) + "/");
  const auto all = account.send("GET", "/offers").json().at("Offers").as_array();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_NE(all[0].at("id"), all[1].at("id"));
  EXPECT_EQ(all[1].at("content").at("offerThroughput"), 1200);
}

TEST_F(offers_test, are_read_and_replaced) {
  create("c1");
  auto o = only();
  const auto read = account.send("GET", path(o) + '/');
  ASSERT_EQ(read.status(), 200U) << read.body;
  EXPECT_EQ(read.json().as_object(), o);
  EXPECT_EQ(read.header("x-ms-cosmos-min-throughput"), "400");
  EXPECT_EQ(read.header("x-ms-offer-replace-pending"), "false");

  o["content"].as_object()["offerThroughput"] = 1000;
  const auto replaced = account.send("PUT", path(o), {}, json::serialize(o));

  ASSERT_EQ(replaced.status(), 200U) << replaced.body;
  EXPECT_EQ(replaced.json().at("content").at("offerThroughput"), 1000);
  EXPECT_NE(replaced.header("etag"), read.header("etag"));
  EXPECT_EQ(account.send("PUT", path(o), {{"if-match", read.header("etag")}}, json::serialize(o))
                .status(),
            412U);
  EXPECT_EQ(only().at("content").at("offerThroughput"), 1000);
}

TEST_F(offers_test, stay_when_the_container_is_redefined_and_go_with_it) {
  create("c1", {{"x-ms-offer-throughput", "1200"}});
  const auto before = only();
  account.send("PUT", "/dbs/db1/colls/c1", {}, R"({"id":"c1","defaultTtl":5})");
  EXPECT_EQ(only(), before);

  account.send("DELETE", "/dbs/db1/colls/c1");
  EXPECT_EQ(account.send("GET", path(before)).status(), 404U);
}

TEST_F(offers_test, may_scale) {
  create("c1", {{"x-ms-cosmos-offer-autopilot-settings", R"({"maxThroughput":4000})"}});
  auto o = only();
  EXPECT_EQ(o.at("content").at("offerAutopilotSettings").at("maxThroughput"), 4000);
  EXPECT_EQ(o.at("content").at("offerThroughput"), 400);

  o["content"] = json::parse(R"({"offerAutopilotSettings":{"maxThroughput":6000}})");
  EXPECT_EQ(account.send("PUT", path(o), {}, json::serialize(o)).status(), 200U);
  EXPECT_EQ(only().at("content").at("offerThroughput"), 600);
}

TEST_F(offers_test, what_is_not_sold_is_refused) {
  for (const char* bad : {"100", "450", "x", "400x", "2000000"})
    EXPECT_EQ(create("c1", {{"x-ms-offer-throughput", bad}}).status(), 400U) << bad;
  for (const char* bad : {"x", "{}", R"({"maxThroughput":1500})", R"({"maxThroughput":"4000"})"})
    EXPECT_EQ(create("c1", {{"x-ms-cosmos-offer-autopilot-settings", bad}}).status(), 400U) << bad;
  EXPECT_EQ(create("c1", {{"x-ms-offer-throughput", "400"},
                          {"x-ms-cosmos-offer-autopilot-settings", R"({"maxThroughput":4000})"}})
                .status(),
            400U);
  create("c1");
  for (const char* bad : {"", "{}", R"({"content":{}})", R"({"content":{"offerThroughput":"400"}})",
                          R"({"content":{"offerThroughput":50}})"})
    EXPECT_EQ(account.send("PUT", path(only()), {}, bad).status(), 400U) << bad;
  EXPECT_EQ(account.send("GET", "/offers/none").status(), 404U);
}

} // namespace
} // namespace feedcast::emulator
