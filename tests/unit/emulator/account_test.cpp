#include "test_client.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

using testing::test_client;

TEST(account, names_the_address_that_was_used) {
  test_client account;

  const auto r = account.send("GET", "/", {{"host", "127.0.0.1:8123"}});

  ASSERT_EQ(r.status(), 200U);
  const auto json = r.json();
  for (const char* list : {"writableLocations", "readableLocations"}) {
    ASSERT_EQ(json.at(list).as_array().size(), 1U);
    EXPECT_EQ(json.at(list).at(0).at("databaseAccountEndpoint"), "http://127.0.0.1:8123/");
  }
  EXPECT_NE(json.at("id"), "localhost");
  EXPECT_EQ(json.at("userConsistencyPolicy").at("defaultConsistencyLevel"), "Session");
  EXPECT_TRUE(boost::json::parse(json.at("queryEngineConfiguration").as_string()).is_object());
}

TEST(account, names_https_when_it_is_served_by_tls) {
  test_client account;
  account.state.tls = true;

  const auto r = account.send("GET", "/", {{"host", "localhost:1"}});

  EXPECT_EQ(r.json().at("readableLocations").at(0).at("databaseAccountEndpoint"),
            "https://localhost:1/");
}

TEST(account, a_host_that_would_break_the_answer_is_refused) {
  test_client account;

  EXPECT_EQ(account.send("GET", "/", {{"host", "a\"b"}}).status(), 400U);
  EXPECT_EQ(account.send("GET", "/").status(), 400U);
}

TEST(account, every_answer_has_the_headers_of_the_service) {
  test_client account;

  const auto first = account.send("GET", "/dbs");
  const auto second = account.send("GET", "/dbs/none");

  for (const auto* r : {&first, &second})
    for (const char* name :
         {"x-ms-activity-id", "x-ms-request-charge", "x-ms-schemaversion", "x-ms-serviceversion",
          "x-ms-gatewayversion", "x-ms-last-state-change-utc"})
      EXPECT_NE(r->header(name), "") << name;
  EXPECT_NE(first.header("x-ms-activity-id"), second.header("x-ms-activity-id"));
}

TEST(account, an_unknown_path_is_not_found_in_json) {
  test_client account;

  const auto r = account.send("GET", "/addresses");

  EXPECT_EQ(r.status(), 404U);
  EXPECT_FALSE(r.json().at("message").as_string().empty());
}

} // namespace
} // namespace feedcast::emulator
