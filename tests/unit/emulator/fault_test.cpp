#include "test_client.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

using testing::docs;
using testing::result_of_call;
using testing::test_client;

struct fault_test : ::testing::Test {
  fault_test() {
    account.make_container();
    account.put("a");
  }

  result_of_call add(std::string rule) {
    return account.send_unsigned("POST", "/_emulator/faults", {}, std::move(rule));
  }

  result_of_call feed() {
    return account.send("GET", std::string(docs), {{"a-im", "Incremental Feed"}});
  }

  test_client account;
};

TEST_F(fault_test, a_status_rule_answers_so_many_times) {
  const auto added =
      add(R"({"operation":"feed","status":429,"substatus":3200,"retry_after_ms":12,"times":2})");
  ASSERT_EQ(added.status(), 201U) << added.body;

  for (int i = 0; i < 2; ++i) {
    const auto r = feed();
    EXPECT_EQ(r.status(), 429U);
    EXPECT_EQ(r.header("x-ms-substatus"), "3200");
    EXPECT_EQ(r.header("x-ms-retry-after-ms"), "12");
    EXPECT_EQ(r.json().at("code"), "TooManyRequests");
  }
  EXPECT_EQ(feed().status(), 200U);
  const auto rules = account.send_unsigned("GET", "/_emulator/faults").json();
  EXPECT_EQ(rules.at("faults").at(0).at("hits"), 2);
}

TEST_F(fault_test, a_faulted_write_is_not_carried_out) {
  add(R"({"operation":"create","status":503})");

  EXPECT_EQ(account.send("POST", std::string(docs), {}, R"({"id":"b"})").status(), 503U);
  EXPECT_EQ(account.data.document_count(), 1U);
}

TEST_F(fault_test, a_rule_holds_only_where_its_conditions_do) {
  add(R"({"operation":"feed","container":"other","status":500})");
  add(R"({"operation":"feed","range":"7","status":501})");
  add(R"({"operation":"pkranges","container":"c1","status":502})");

  EXPECT_EQ(feed().status(), 200U);
  EXPECT_EQ(
      account
          .send("GET", std::string(docs),
                {{"a-im", "Incremental Feed"}, {"x-ms-documentdb-partitionkeyrangeid", "x,7"}})
          .status(),
      501U);
  EXPECT_EQ(account.send("GET", "/dbs/db1/colls/c1/pkranges").status(), 502U);
}

TEST_F(fault_test, containers_are_matched_by_resource_id_requests_too) {
  add(R"({"container":"c1","status":503})");
  const rid at = account.data.find_container("db1", "c1").value()->address();

  const auto r =
      account.send("GET", "/dbs/" + rid{at.database}.to_text() + "/colls/" + at.to_text());

  EXPECT_EQ(r.status(), 503U);
}

TEST_F(fault_test, any_hits_every_operation_but_the_emulators_own) {
  add(R"({"operation":"any","status":503})");

  EXPECT_EQ(account.send("GET", "/", {{"host", "h"}}).status(), 503U);
  EXPECT_EQ(account.send("GET", "/dbs").status(), 503U);
  EXPECT_EQ(account.send_unsigned("GET", "/_emulator/faults").status(), 200U);
}

TEST_F(fault_test, a_truncated_body_ends_early) {
  const std::string whole = feed().body;
  add(R"({"kind":"truncate","at_byte":10,"times":1})");

  EXPECT_EQ(feed().body, whole.substr(0, 10));
  EXPECT_EQ(feed().body, whole);
}

TEST_F(fault_test, a_corrupt_body_differs_in_one_byte) {
  std::string whole = feed().body;
  add(R"({"kind":"corrupt","at_byte":3})");

  whole[3] = '\xff';
  EXPECT_EQ(feed().body, whole);
}

TEST_F(fault_test, body_rules_pass_over_answers_without_body) {
  add(R"({"kind":"truncate"})");

  const auto r = account.send("GET", std::string(docs),
                              {{"a-im", "Incremental Feed"}, {"if-none-match", "*"}});

  EXPECT_EQ(r.status(), 304U);
  EXPECT_EQ(account.faults.list().front().hits, 0U);
}

TEST_F(fault_test, a_reset_comes_before_the_request_is_carried_out_or_after) {
  add(R"({"operation":"create","kind":"reset","apply":false,"times":1})");
  add(R"({"operation":"create","kind":"reset","times":1})");

  const auto before = account.send("POST", std::string(docs), {}, R"({"id":"b"})");
  EXPECT_TRUE(before.response.reset);
  EXPECT_EQ(before.response.cut_after, 0U);
  EXPECT_EQ(account.data.document_count(), 1U);

  const auto after = account.send("POST", std::string(docs), {}, R"({"id":"b"})");
  EXPECT_TRUE(after.response.reset);
  EXPECT_EQ(account.data.document_count(), 2U);
  const auto rules = account.send_unsigned("GET", "/_emulator/faults").json();
  EXPECT_EQ(rules.at("faults").at(0).at("hits"), 1);
  EXPECT_EQ(rules.at("faults").at(0).at("apply"), false);
}

TEST_F(fault_test, resets_and_delays_are_left_to_the_server) {
  add(R"({"operation":"feed","kind":"reset","at_byte":100,"times":1})");
  const auto reset = feed();
  EXPECT_TRUE(reset.response.reset);
  EXPECT_EQ(reset.response.cut_after, 100U);

  add(R"({"operation":"feed","kind":"delay","delay_ms":250})");
  EXPECT_EQ(feed().response.delay, std::chrono::milliseconds(250));
}

TEST_F(fault_test, a_rate_hits_a_share_and_the_same_share_again) {
  const auto hits = [](double rate) {
    fault_rules rules;
    fault_rule rule;
    rule.rate = rate;
    rules.add(rule);
    for (int i = 0; i < 1000; ++i)
      rules.before_serving({operation::feed, "c", "0"});
    return rules.list().front().hits;
  };

  EXPECT_NEAR(static_cast<double>(hits(0.3)), 300, 60);
  EXPECT_EQ(hits(0.3), hits(0.3));
  EXPECT_EQ(hits(0), 0U);
  EXPECT_EQ(hits(1), 1000U);
}

TEST_F(fault_test, rules_are_removed_by_id) {
  const auto id = add(R"({"status":503})").json().at("id").to_number<int>();

  EXPECT_EQ(account.send_unsigned("DELETE", "/_emulator/faults/" + std::to_string(id)).status(),
            204U);
  EXPECT_EQ(account.send_unsigned("DELETE", "/_emulator/faults/" + std::to_string(id)).status(),
            404U);
  EXPECT_EQ(feed().status(), 200U);
}

TEST_F(fault_test, bad_rules_are_refused_by_the_name_of_the_member) {
  struct {
    const char* rule;
    const char* member;
  } const bad[] = {
      {"[]", "fault rule"},
      {R"({"operation":"fly"})", "operation"},
      {R"({"operation":"control"})", "operation"},
      {R"({"kind":"explode"})", "kind"},
      {R"({"status":200})", "status"},
      {R"({"status":"429"})", "status"},
      {R"({"rate":2})", "rate"},
      {R"({"times":-1})", "times"},
      {R"({"delay_ms":1.5})", "delay_ms"},
      {R"({"colour":1})", "colour"},
      {R"({"error":"Explosion"})", "error"},
      {R"({"length_by":0})", "length_by"},
      {R"({"duration_ms":0})", "duration_ms"},
      {R"({"kind":"truncate","apply":false})", "apply"},
  };

  for (const auto& [rule, member] : bad) {
    const auto r = add(rule);
    EXPECT_EQ(r.status(), 400U) << rule;
    EXPECT_NE(r.body.find(member), std::string::npos) << r.body;
  }
  EXPECT_TRUE(account.faults.empty());
}

TEST_F(fault_test, an_answer_drips_or_lies_about_its_length) {
  add(R"({"operation":"feed","kind":"drip","piece":5,"delay_ms":20,"times":1})");
  const auto slow = feed();
  EXPECT_EQ(slow.response.drip, 5U);
  EXPECT_EQ(slow.response.pause, std::chrono::milliseconds(20));

  add(R"({"operation":"feed","kind":"wrong_length","length_by":-3,"times":1})");
  const auto wrong = feed();
  EXPECT_EQ(wrong.response.told_length, wrong.body.size() - 3);
}

TEST_F(fault_test, a_write_may_be_carried_out_and_answered_with_an_error) {
  add(R"({"operation":"create","error":"Timeout","apply":true,"times":1})");

  EXPECT_EQ(account.send("POST", std::string(docs), {}, R"({"id":"b"})").status(), 408U);
  EXPECT_EQ(account.send("POST", std::string(docs), {}, R"({"id":"b"})").status(), 409U);
}

TEST_F(fault_test, a_request_may_be_dropped_and_its_error_delayed) {
  add(R"({"operation":"create","kind":"delay","delay_ms":70,"apply":false,"status":408})");

  const auto r = account.send("POST", std::string(docs), {}, R"({"id":"b"})");

  EXPECT_EQ(r.status(), 408U);
  EXPECT_EQ(r.response.delay, std::chrono::milliseconds(70));
  EXPECT_EQ(account.data.document_count(), 1U);
}

TEST_F(fault_test, errors_go_by_the_names_of_the_services_library) {
  add(R"({"operation":"feed","error":"TooManyRequests","times":1})");
  const auto throttled = feed();
  EXPECT_EQ(throttled.status(), 429U);
  EXPECT_EQ(throttled.header("x-ms-substatus"), "3200");
  EXPECT_EQ(throttled.header("x-ms-retry-after-ms"), "500");

  add(R"({"operation":"feed","error":"ReadSessionNotAvailable","hit_limit":1})");
  const auto behind = feed();
  EXPECT_EQ(behind.status(), 404U);
  EXPECT_EQ(behind.header("x-ms-substatus"), "1002");
}

TEST_F(fault_test, a_rule_starts_late_and_ends) {
  using namespace std::chrono_literals;
  add(R"({"operation":"feed","status":503,"start_delay_ms":1000,"duration_ms":500})");

  EXPECT_EQ(feed().status(), 200U);
  account.clock.advance(1s);
  EXPECT_EQ(feed().status(), 503U);
  account.clock.advance(499ms);
  EXPECT_EQ(feed().status(), 503U);
  account.clock.advance(1ms);
  EXPECT_EQ(feed().status(), 200U);
  EXPECT_EQ(account.faults.list().front().hits, 2U);
}

TEST_F(fault_test, one_operation_is_hit_so_often_and_the_next_again) {
  add(R"({"operation":"feed","status":503,"times_per_operation":2})");
  const auto ask = [&](std::string activity) {
    return account
        .send("GET", std::string(docs),
              {{"a-im", "Incremental Feed"}, {"x-ms-activity-id", std::move(activity)}})
        .status();
  };

  EXPECT_EQ(ask("one"), 503U);
  EXPECT_EQ(ask("one"), 503U);
  EXPECT_EQ(ask("one"), 200U);
  EXPECT_EQ(ask("two"), 503U);
  EXPECT_EQ(account.faults.list().front().hits, 3U);
}

TEST_F(fault_test, a_rule_is_shown_as_it_is_in_force) {
  const auto r = add(R"({"operation":"read","region":"West","kind":"drip","piece":4,"times":7,)"
                     R"("start_delay_ms":3,"duration_ms":9})")
                     .json();

  EXPECT_EQ(r.at("region"), "West");
  EXPECT_EQ(r.at("hit_limit"), 7);
  EXPECT_EQ(r.at("times"), 7);
  EXPECT_EQ(r.at("piece"), 4);
  EXPECT_EQ(r.at("start_delay_ms"), 3);
  EXPECT_EQ(r.at("duration_ms"), 9);
  EXPECT_EQ(r.at("apply"), true);
  EXPECT_EQ(r.at("hits"), 0);
}

TEST_F(fault_test, statistics_count_by_operation_and_status) {
  feed();
  feed();
  account.send("GET", std::string(docs) + "/none",
               {{"x-ms-documentdb-partitionkey", "[\"none\"]"}});

  const auto r = account.send_unsigned("GET", "/_emulator/stats").json();

  EXPECT_EQ(r.at("documents"), 1);
  EXPECT_GT(r.at("bytes").to_number<int>(), 0);
  EXPECT_EQ(r.at("requests").at("feed").at("200"), 2);
  EXPECT_EQ(r.at("requests").at("read").at("404"), 1);
  EXPECT_EQ(r.at("requests").at("upsert").at("201"), 1);
}

} // namespace
} // namespace feedcast::emulator
