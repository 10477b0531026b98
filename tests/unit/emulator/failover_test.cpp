#include "test_client.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;
using testing::docs;
using testing::ids;
using testing::key_of;
using testing::result_of_call;
using testing::test_client;

constexpr std::size_t west = 0;
constexpr std::size_t east = 1;

/// Two regions; West takes the writes, East is a second behind.
struct failover_test : ::testing::Test {
  failover_test() {
    account.make_container();
    account.account.set_address(west, "", 8001);
    account.account.set_address(east, "", 8002);
    region("East", R"({"delay_ms":1000})");
    account.clock.advance(10s);
  }

  boost::json::value region(std::string name, std::string body) {
    return account.control("POST", "/_emulator/regions/" + name, std::move(body));
  }

  boost::json::value fail_over(std::string body) {
    return account.control("POST", "/_emulator/failover", std::move(body));
  }

  result_of_call write(std::size_t where, std::string_view id) {
    account.at = where;
    auto r = account.send(
        "POST", std::string(docs),
        {{"x-ms-documentdb-is-upsert", "true"}, {"x-ms-documentdb-partitionkey", key_of(id)}},
        R"({"id":")" + std::string(id) + R"("})");
    account.at.reset();
    return r;
  }

  result_of_call feed(std::size_t where, std::string after = "\"0\"") {
    account.at = where;
    auto r = account.send("GET", std::string(docs),
                          {{"a-im", "Incremental Feed"}, {"if-none-match", std::move(after)}});
    account.at.reset();
    return r;
  }

  result_of_call account_document(std::optional<std::size_t> where = {}) {
    account.at = where;
    auto r = account.send("GET", "/", {{"host", "localhost:8000"}});
    account.at.reset();
    return r;
  }

  /// "East http://localhost:8002/, ..."
  static std::string locations(const result_of_call& document, std::string_view list) {
    std::string text;
    const auto json = document.json();
    for (const auto& each : json.at(list).as_array())
      text += (text.empty() ? "" : ", ") + std::string(each.at("name").as_string()) + ' '
              + std::string(each.at("databaseAccountEndpoint").as_string());
    return text;
  }

  test_client account{{"West", "East"}};
};

TEST_F(failover_test, each_region_has_an_endpoint_of_its_own) {
  const auto document = account_document();

  EXPECT_EQ(locations(document, "writableLocations"), "West http://localhost:8001/");
  EXPECT_EQ(locations(document, "readableLocations"),
            "West http://localhost:8001/, East http://localhost:8002/");
}

TEST_F(failover_test, writes_elsewhere_are_forbidden) {
  const auto refused = write(east, "a");

  EXPECT_EQ(refused.status(), 403U);
  EXPECT_EQ(refused.header("x-ms-substatus"), "3");
  EXPECT_EQ(write(west, "a").status(), 201U);
  account.at = east;
  EXPECT_EQ(account.send("POST", "/dbs", {}, R"({"id":"db2"})").header("x-ms-substatus"), "3");
  EXPECT_EQ(account
                .send("POST", "/dbs", {{"x-ms-documentdb-isquery", "true"}},
                      R"({"query":"SELECT * FROM c"})")
                .status(),
            200U);
}

TEST_F(failover_test, a_region_is_behind_the_writes) {
  write(west, "a");

  EXPECT_EQ(feed(west).status(), 200U);
  EXPECT_EQ(feed(east).status(), 304U);
  account.clock.advance(1s);
  EXPECT_EQ(ids(feed(east)), (std::vector<std::string>{"a"}));
}

TEST_F(failover_test, a_planned_failover_moves_the_writes_and_loses_nothing) {
  write(west, "a");

  const auto done = fail_over(R"({"to":"East"})");

  EXPECT_EQ(done.at("write_region"), "East");
  EXPECT_EQ(done.at("lost"), 0);
  EXPECT_EQ(ids(feed(east)), (std::vector<std::string>{"a"}));
  EXPECT_EQ(write(west, "b").header("x-ms-substatus"), "3");
  EXPECT_EQ(write(east, "b").status(), 201U);
  const auto document = account_document();
  EXPECT_EQ(locations(document, "writableLocations"), "East http://localhost:8002/");
  EXPECT_EQ(locations(document, "readableLocations"),
            "East http://localhost:8002/, West http://localhost:8001/");
}

TEST_F(failover_test, an_outage_shows_as_it_is_told_to) {
  region("West", R"({"outage":"reset"})");
  EXPECT_TRUE(write(west, "a").response.reset);

  region("West", R"({"outage":"unavailable"})");
  EXPECT_EQ(write(west, "a").status(), 503U);

  region("West", R"({"outage":"silent"})");
  EXPECT_GT(feed(west).response.delay, 1min);

  region("West", R"({"outage":"none"})");
  EXPECT_EQ(write(west, "a").status(), 201U);
}

TEST_F(failover_test, the_accounts_own_endpoint_tells_about_it_while_any_region_works) {
  region("West", R"({"outage":"reset"})");

  EXPECT_EQ(account_document().status(), 200U);
  EXPECT_TRUE(account_document(west).response.reset);
  EXPECT_EQ(account_document(east).status(), 200U);
  EXPECT_TRUE(account.send("GET", "/dbs").response.reset); // that is for the write region
  region("East", R"({"outage":"reset"})");
  EXPECT_TRUE(account_document().response.reset);
}

TEST_F(failover_test, an_unplanned_failover_loses_the_tail_and_uses_its_lsns_again) {
  write(west, "kept");
  account.clock.advance(2s);
  write(west, "lost1");
  EXPECT_EQ(write(west, "lost2").header("lsn"), "3");
  const std::string ahead = feed(west).header("etag");

  region("West", R"({"outage":"silent"})");
  const auto done = fail_over(R"({"to":"East","planned":false})");

  EXPECT_EQ(done.at("lost"), 2);
  EXPECT_EQ(ids(feed(east)), (std::vector<std::string>{"kept"}));
  const auto again = write(east, "new");
  EXPECT_EQ(again.status(), 201U);
  EXPECT_EQ(again.header("lsn"), "2");
  EXPECT_EQ(again.header("x-ms-session-token"), "0:1#2");
  // A reader that had got the lost writes does not see what took their place.
  EXPECT_EQ(ahead, "\"3\"");
  EXPECT_EQ(feed(east, ahead).status(), 304U);
  EXPECT_EQ(ids(feed(east)), (std::vector<std::string>{"kept", "new"}));
}

TEST_F(failover_test, the_feed_of_all_versions_lags_and_forgets_the_tail_too) {
  const auto versions = [&](std::string after) {
    account.at = east;
    const auto r =
        account.send("GET", std::string(docs),
                     {{"a-im", "Full-Fidelity Feed"}, {"if-none-match", std::move(after)}});
    account.at.reset();
    std::vector<std::string> seen;
    if (r.status() != 200)
      return seen;
    const auto page = r.json();
    for (const auto& each : page.at("Documents").as_array())
      seen.emplace_back(each.at("current").at("id").as_string());
    return seen;
  };
  write(west, "kept");
  account.clock.advance(2s);
  write(west, "lost");

  EXPECT_EQ(versions("\"0\""), (std::vector<std::string>{"kept"}));
  fail_over(R"({"to":"East","planned":false})");
  EXPECT_EQ(versions("\"0\""), (std::vector<std::string>{"kept"}));
  write(east, "new");
  EXPECT_EQ(versions("\"0\""), (std::vector<std::string>{"kept", "new"}));
  EXPECT_EQ(versions("\"1\""), (std::vector<std::string>{"new"}));
}

TEST_F(failover_test, what_was_replaced_or_deleted_in_the_tail_is_there_again) {
  write(west, "a");
  const std::string kept = write(west, "b").header("etag");
  account.clock.advance(2s);
  write(west, "b");
  account.at = west;
  account.send("DELETE", std::string(docs) + "/a", {{"x-ms-documentdb-partitionkey", key_of("a")}});
  account.at.reset();
  const auto bytes = account.data.bytes();

  fail_over(R"({"to":"East","planned":false})");

  EXPECT_EQ(ids(feed(east)), (std::vector<std::string>{"a", "b"}));
  account.at = east;
  const auto b = account.send("GET", std::string(docs) + "/b",
                              {{"x-ms-documentdb-partitionkey", key_of("b")}});
  EXPECT_EQ(b.header("etag"), kept);
  EXPECT_GT(account.data.bytes(), bytes);
  EXPECT_EQ(account.data.document_count(), 2U);
  // And it can be changed as ever.
  EXPECT_EQ(
      account
          .send("DELETE", std::string(docs) + "/a", {{"x-ms-documentdb-partitionkey", key_of("a")}})
          .status(),
      204U);
}

TEST_F(failover_test, sessions_of_before_compare_no_longer) {
  account.clock.advance(2s);
  write(west, "a");
  const std::string old = write(west, "b").header("x-ms-session-token");
  fail_over(R"({"to":"East","planned":false})");
  write(east, "c");
  account.at = east;

  const auto r =
      account.send("GET", std::string(docs) + "/c",
                   {{"x-ms-documentdb-partitionkey", key_of("c")}, {"x-ms-session-token", old}});
  const auto impossible = account.send(
      "GET", std::string(docs) + "/c",
      {{"x-ms-documentdb-partitionkey", key_of("c")}, {"x-ms-session-token", "0:1#99"}});

  EXPECT_EQ(old, "0:-1#2");
  EXPECT_EQ(r.status(), 200U);
  EXPECT_EQ(impossible.status(), 404U);
  EXPECT_EQ(impossible.header("x-ms-substatus"), "1002");
}

TEST_F(failover_test, the_former_write_region_comes_back_without_the_tail) {
  account.clock.advance(2s);
  write(west, "lost");
  fail_over(R"({"to":"East","planned":false})");
  EXPECT_EQ(write(west, "x").status(), 503U);
  write(east, "new");

  region("West", R"({"outage":"none"})");

  EXPECT_EQ(write(west, "x").header("x-ms-substatus"), "3");
  EXPECT_EQ(ids(feed(west)), (std::vector<std::string>{"new"}));
}

TEST_F(failover_test, a_region_that_was_taken_out_knows_the_account_no_more) {
  fail_over(R"({"to":"East"})");
  region("West", R"({"removed":true})");

  for (const auto& r : {feed(west), write(west, "a"), account_document(west)}) {
    EXPECT_EQ(r.status(), 403U);
    EXPECT_EQ(r.header("x-ms-substatus"), "1008");
  }
  EXPECT_EQ(locations(account_document(), "readableLocations"), "East http://localhost:8002/");
}

TEST_F(failover_test, fault_rules_hold_in_one_region) {
  account.control("POST", "/_emulator/faults",
                  R"({"operation":"feed","region":"East","status":500})");

  EXPECT_EQ(feed(east).status(), 500U);
  EXPECT_EQ(feed(west).status(), 304U);
}

TEST_F(failover_test, each_region_has_request_units_of_its_own) {
  account.control("POST", "/_emulator/throughput", R"({"units":1})");

  EXPECT_EQ(feed(east).status(), 304U);
  EXPECT_EQ(feed(east).status(), 429U);
  EXPECT_EQ(feed(west).status(), 304U);
}

TEST_F(failover_test, the_state_of_the_account_is_told) {
  const auto state = account.control("GET", "/_emulator/account");

  EXPECT_EQ(state.at("consistency"), "Session");
  EXPECT_EQ(state.at("session_version"), -1);
  const auto& second = state.at("regions").at(1);
  EXPECT_EQ(second.at("name"), "East");
  EXPECT_EQ(second.at("port"), 8002);
  EXPECT_EQ(second.at("delay_ms"), 1000);
  EXPECT_EQ(second.at("writes"), false);
  EXPECT_EQ(second.at("outage"), "none");
}

TEST_F(failover_test, bad_failovers_are_refused) {
  const auto post = [&](std::string body) {
    return account.send_unsigned("POST", "/_emulator/failover", {}, std::move(body));
  };

  EXPECT_EQ(post("{}").status(), 400U);
  EXPECT_EQ(post(R"({"to":"Moon"})").status(), 404U);
  EXPECT_EQ(post(R"({"to":"West","planned":false})").status(), 409U);
  region("West", R"({"outage":"reset"})");
  EXPECT_EQ(post(R"({"to":"East"})").status(), 409U);
}

} // namespace
} // namespace feedcast::emulator
