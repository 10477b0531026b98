#include "emulator/read_view.hpp"
#include "test_client.hpp"

#include <gtest/gtest.h>

#include <set>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;
using testing::docs;
using testing::field_list;
using testing::ids;
using testing::key_of;
using testing::result_of_call;
using testing::test_client;

struct replicas_test : ::testing::Test {
  replicas_test() {
    data = account.make_container(2);
    account.clock.advance(10s);
  }

  /// "x" and "partitionKey" are in range 0, "a" is in range 1.
  result_of_call read(std::string_view id, std::string session = {}) {
    field_list headers{{"x-ms-documentdb-partitionkey", key_of(id)}};
    if (!session.empty())
      headers.emplace_back("x-ms-session-token", std::move(session));
    return account.send_all("GET", std::string(docs) + '/' + std::string(id), headers);
  }

  result_of_call feed(std::string after = {}, std::string range = "0", std::string session = {}) {
    field_list headers{{"a-im", "Incremental Feed"},
                       {"x-ms-documentdb-partitionkeyrangeid", std::move(range)}};
    if (!after.empty())
      headers.emplace_back("if-none-match", std::move(after));
    if (!session.empty())
      headers.emplace_back("x-ms-session-token", std::move(session));
    return account.send_all("GET", std::string(docs), headers);
  }

  void lag(std::string replicas) {
    account.control("POST", "/_emulator/regions/South%20Central%20US",
                    R"({"replicas":)" + replicas + '}');
    account.clock.advance(10s);
  }

  void rules(std::string body) { account.control("POST", "/_emulator/account", std::move(body)); }

  static std::int64_t n_of(const result_of_call& r) { return r.json().at("n").as_int64(); }

  test_client account;
  container_ptr data;
};

TEST_F(replicas_test, a_lagging_replica_shows_what_was) {
  lag("[1000]");
  account.put("x", 1);
  account.clock.advance(2s);
  account.put("x", 2);
  account.put("partitionKey", 1);

  EXPECT_EQ(n_of(read("x")), 1);
  EXPECT_EQ(read("partitionKey").status(), 404U);
  EXPECT_EQ(ids(feed()), (std::vector<std::string>{"x"}));

  account.clock.advance(1s);
  EXPECT_EQ(n_of(read("x")), 2);
  EXPECT_EQ(ids(feed()), (std::vector<std::string>{"x", "partitionKey"}));
}

TEST_F(replicas_test, what_was_deleted_is_still_there_for_a_while) {
  lag("[1000]");
  account.put("x", 1);
  account.clock.advance(2s);
  account.send("DELETE", std::string(docs) + "/x", {{"x-ms-documentdb-partitionkey", key_of("x")}});

  EXPECT_EQ(read("x").status(), 200U);
  const auto list = account.send("GET", std::string(docs));
  EXPECT_EQ(ids(list), (std::vector<std::string>{"x"}));
  account.clock.advance(1s);
  EXPECT_EQ(read("x").status(), 404U);
}

TEST_F(replicas_test, what_has_expired_is_shown_by_no_replica) {
  auto spec = data->spec();
  spec.default_ttl = 5;
  ASSERT_TRUE(data->redefine(spec).has_value());
  lag("[60000]");
  account.clock.advance(60s);
  account.put("x", 1);
  account.clock.advance(61s); // the replica has got it, and its time is over
  account.control("POST", "/_emulator/regions/South%20Central%20US", R"({"replicas":[0,60000]})");

  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(read("x").status(), 404U);
    EXPECT_EQ(feed().status(), 304U);
  }
}

TEST_F(replicas_test, past_versions_come_in_the_order_of_their_lsns) {
  lag("[1000]");
  for (const char* id : {"x", "partitionKey", "redmond"}) // LSNs 1 to 3, all in range 0 or 1
    account.put(id);
  const auto before = account.send("GET", std::string(docs));
  account.clock.advance(2s);
  const auto whole = feed();
  account.put("partitionKey", 2);
  account.put("x", 2);

  EXPECT_EQ(ids(before).size(), 0U);
  EXPECT_EQ(feed().body, whole.body);
  EXPECT_EQ(feed().header("etag"), whole.header("etag"));
}

TEST_F(replicas_test, pages_of_the_past_are_cut_as_those_of_now) {
  lag("[1000]");
  for (const char* id : {"x", "partitionKey", "x1", "x2", "x3", "x4"})
    account.put(id);
  account.clock.advance(2s);
  std::vector<std::string> now;
  for (const char* range : {"0", "1"})
    for (const auto& id : ids(feed({}, range)))
      now.push_back(id);
  ASSERT_EQ(now.size(), 6U);
  account.put("x", 2); // the newest versions are invisible still

  std::vector<std::string> seen;
  for (const char* range : {"0", "1"}) {
    std::string after;
    for (;;) {
      field_list headers{{"a-im", "Incremental Feed"},
                         {"x-ms-documentdb-partitionkeyrangeid", range},
                         {"x-ms-max-item-count", "1"}};
      if (!after.empty())
        headers.emplace_back("if-none-match", after);
      const auto page = account.send_all("GET", std::string(docs), headers);
      if (page.status() == 304)
        break;
      ASSERT_EQ(ids(page).size(), 1U);
      seen.push_back(ids(page).front());
      after = page.header("etag");
    }
  }
  EXPECT_EQ(seen, now);
}

TEST_F(replicas_test, reads_without_a_token_hit_any_replica) {
  lag("[0,1000]");
  account.put("x", 1);
  account.clock.advance(2s);
  account.put("x", 2);

  std::set<std::int64_t> seen;
  for (int i = 0; i < 40; ++i)
    seen.insert(n_of(read("x")));

  EXPECT_EQ(seen, (std::set<std::int64_t>{1, 2}));
}

TEST_F(replicas_test, a_session_token_finds_the_replica_that_has_it) {
  lag("[0,1000]");
  account.put("x", 1);
  account.clock.advance(2s);
  const std::string token = account.put("x", 2).header("x-ms-session-token");

  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(n_of(read("x", token)), 2);
}

TEST_F(replicas_test, without_one_the_session_is_not_available) {
  lag("[1000]");
  const std::string token = account.put("x", 1).header("x-ms-session-token");

  for (const auto& r : {read("x", token), feed({}, "0", token)}) {
    EXPECT_EQ(r.status(), 404U);
    EXPECT_EQ(r.header("x-ms-substatus"), "1002");
  }
  account.clock.advance(1s);
  EXPECT_EQ(read("x", token).status(), 200U);
}

TEST_F(replicas_test, tokens_of_other_ranges_do_not_matter) {
  lag("[1000]");
  account.put("x", 1);
  const std::string token = account.put("a", 1).header("x-ms-session-token");
  ASSERT_EQ(token.front(), '1');

  EXPECT_EQ(feed({}, "0", token).status(), 304U);
  EXPECT_EQ(feed({}, "1", token).status(), 404U);
}

TEST_F(replicas_test, a_read_may_wait_for_its_session) {
  lag("[400]");
  rules(R"({"session_wait_ms":1000})");
  account.put("x", 1);
  const std::string token = account.put("x", 2).header("x-ms-session-token");
  account.clock.advance(100ms);

  const auto r = read("x", token);

  EXPECT_EQ(r.status(), 200U);
  EXPECT_EQ(n_of(r), 2);
  EXPECT_EQ(r.response.delay, 300ms);
  EXPECT_EQ(r.header("x-ms-session-token"), token);
}

TEST_F(replicas_test, but_no_longer_than_it_is_told_to) {
  lag("[400]");
  rules(R"({"session_wait_ms":200})");
  const std::string token = account.put("x", 2).header("x-ms-session-token");

  EXPECT_EQ(read("x", token).status(), 404U);
  account.clock.advance(200ms);
  EXPECT_EQ(read("x", token).status(), 200U);
}

TEST_F(replicas_test, the_feed_steps_back_below_session_consistency_only) {
  lag("[0,1000]");
  account.put("x", 1);
  account.clock.advance(2s);
  account.put("x", 2);

  const auto answers = [&] {
    std::set<std::string> etags;
    for (int i = 0; i < 40; ++i)
      etags.insert(feed("\"2\"").header("etag"));
    return etags;
  };
  EXPECT_EQ(answers(), (std::set<std::string>{"\"2\""}));

  rules(R"({"consistency":"Eventual"})");
  EXPECT_EQ(answers(), (std::set<std::string>{"\"1\"", "\"2\""}));
  EXPECT_EQ(account.send("GET", "/", {{"host", "h"}})
                .json()
                .at("userConsistencyPolicy")
                .at("defaultConsistencyLevel"),
            "Eventual");

  account.clock.advance(1s); // the other replica has it too
  EXPECT_EQ(answers(), (std::set<std::string>{"\"2\""}));
}

TEST_F(replicas_test, strong_consistency_shows_no_lag) {
  lag("[1000]");
  rules(R"({"consistency":"Strong"})");
  account.put("x", 1);

  EXPECT_EQ(read("x").status(), 200U);
}

TEST_F(replicas_test, children_of_a_split_understand_the_token_of_their_parent) {
  lag("[1000]");
  const std::string token = account.put("x", 1).header("x-ms-session-token");
  account.control("POST", "/_emulator/dbs/db1/colls/c1/split/0");

  EXPECT_EQ(read("x", token).status(), 404U);
  account.clock.advance(1s);
  EXPECT_EQ(read("x", token).status(), 200U);
}

TEST_F(replicas_test, nothing_is_kept_when_nobody_lags) {
  const auto bytes = account.data.bytes();
  for (int i = 0; i < 100; ++i)
    account.put("x", i);

  EXPECT_FALSE(account.account.any_behind());
  EXPECT_LT(account.data.bytes() - bytes, 2000U);
  EXPECT_EQ(data->committed(50), std::nullopt);
}

TEST(session_tokens, the_part_of_a_range_or_its_parents_counts) {
  const range_info range{"3", 3, "", "FF", {"0", "1"}, 0};

  EXPECT_EQ(session_of("3:-1#25", range)->lsn, 25U);
  EXPECT_EQ(session_of("2:-1#99,1:2#30#1=29", range)->lsn, 30U);
  EXPECT_EQ(session_of("2:-1#99,1:2#30#1=29", range)->version, 2);
  EXPECT_EQ(session_of("0:-1#7,3:-1#9", range)->lsn, 9U);
  EXPECT_EQ(session_of("0:44", range)->lsn, 44U); // the old form
  for (const char* none : {"", "2:-1#9", "3", "3:", "3:-1#", "3:x#1", "3:-1#x", ":::,,#"})
    EXPECT_FALSE(session_of(none, range).has_value()) << none;
}

TEST_F(replicas_test, bad_changes_are_refused_by_the_name_of_the_member) {
  const auto post = [&](std::string path, std::string body) {
    return account.send_unsigned("POST", std::move(path), {}, std::move(body));
  };
  const std::string region = "/_emulator/regions/South%20Central%20US";

  EXPECT_EQ(post("/_emulator/regions/Nowhere", "{}").status(), 404U);
  for (const char* bad : {R"({"replicas":[]})", R"({"replicas":5})", R"({"replicas":[-1]})",
                          R"({"delay_ms":"1"})", R"({"outage":"some"})", R"({"held":1})"})
    EXPECT_EQ(post(region, bad).status(), 400U) << bad;
  EXPECT_NE(post(region, R"({"lag":1})").body.find("delay_ms, replicas, outage, held or removed"),
            std::string::npos);
  EXPECT_EQ(post("/_emulator/account", R"({"consistency":"Bounded"})").status(), 400U);
}

} // namespace
} // namespace feedcast::emulator
