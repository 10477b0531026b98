#include "emulator/charges.hpp"
#include "test_client.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;
using testing::docs;
using testing::key_of;
using testing::result_of_call;
using testing::test_client;

struct throughput_test : ::testing::Test {
  throughput_test() { account.make_container(2); }

  result_of_call limit(std::string body) {
    return account.send_unsigned("POST", "/_emulator/throughput", {}, std::move(body));
  }

  result_of_call figures() { return account.send_unsigned("GET", "/_emulator/throughput"); }

  result_of_call write(std::string_view id) {
    return account.send(
        "POST", std::string(docs),
        {{"x-ms-documentdb-is-upsert", "true"}, {"x-ms-documentdb-partitionkey", key_of(id)}},
        R"({"id":")" + std::string(id) + R"("})");
  }

  result_of_call feed(std::string range) {
    return account.send(
        "GET", std::string(docs),
        {{"a-im", "Incremental Feed"}, {"x-ms-documentdb-partitionkeyrangeid", std::move(range)}});
  }

  /// How many writes of new documents into range 0 are served until one is not.
  int writes_until_refused(int from = 0) {
    for (int i = from; i < from + 1000; ++i)
      if (write("x").status() == 429) // "x" is in range 0 of two
        return i - from;
    return -1;
  }

  test_client account;
};

TEST(charges, grow_with_size_as_those_of_the_service) {
  EXPECT_DOUBLE_EQ(read_charge(100), 1);
  EXPECT_DOUBLE_EQ(read_charge(1024), 1);
  EXPECT_DOUBLE_EQ(read_charge(4 * 1024), 1.3);
  EXPECT_DOUBLE_EQ(read_charge(64 * 1024), 10);
  EXPECT_NEAR(read_charge(128 * 1024), 19.28, 0.01);
  EXPECT_DOUBLE_EQ(write_charge(1024), 5);
  EXPECT_DOUBLE_EQ(write_charge(1024, true), 10);
  EXPECT_DOUBLE_EQ(write_charge(64 * 1024), 48);
  EXPECT_DOUBLE_EQ(page_charge(0), 1);
  EXPECT_DOUBLE_EQ(page_charge(64 * 1024), 11);
}

TEST_F(throughput_test, nothing_is_throttled_unless_told) {
  EXPECT_EQ(writes_until_refused(), -1);
}

TEST_F(throughput_test, a_range_that_has_spent_its_units_refuses_and_says_how_long) {
  ASSERT_EQ(limit(R"({"units":100})").status(), 200U);

  // 5 for the create, 10 for each replacement: the bucket is in debt after the eleventh.
  EXPECT_EQ(writes_until_refused(), 11);
  const auto r = write("x");
  EXPECT_EQ(r.status(), 429U);
  EXPECT_EQ(r.header("x-ms-substatus"), "3200");
  EXPECT_EQ(r.header("x-ms-retry-after-ms"), "51"); // a debt of 5 at 100 a second
  EXPECT_EQ(r.json().at("code"), "TooManyRequests");
  EXPECT_EQ(account.data.document_count(), 1U);
}

TEST_F(throughput_test, whoever_waits_as_told_is_served) {
  limit(R"({"units":100})");
  writes_until_refused();

  account.clock.advance(milliseconds(std::stoi(write("x").header("x-ms-retry-after-ms"))));

  EXPECT_EQ(write("x").status(), 200U);
  EXPECT_EQ(write("x").status(), 429U);
}

TEST_F(throughput_test, one_range_is_no_other) {
  limit(R"({"units":100})");
  writes_until_refused();

  EXPECT_EQ(feed("0").status(), 429U);
  EXPECT_EQ(feed("1").status(), 304U);
}

TEST_F(throughput_test, metadata_is_free) {
  limit(R"({"units":1})");

  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(account.send("GET", "/dbs/db1/colls/c1/pkranges").status(), 200U);
}

TEST_F(throughput_test, a_competing_client_eats_its_share) {
  limit(R"({"units":100,"competitor":0.5})");

  EXPECT_EQ(writes_until_refused(), 6); // half of eleven
  account.clock.advance(1s);
  write("x");

  const auto f = figures().json().at("ranges").at(0);
  EXPECT_EQ(f.at("range"), "0");
  EXPECT_EQ(f.at("container"), "dbs/db1/colls/c1");
  EXPECT_EQ(f.at("throttled"), 1);
  EXPECT_EQ(f.at("served"), 7);
  EXPECT_EQ(f.at("charged").to_number<double>(), 65);
  EXPECT_EQ(f.at("eaten").to_number<double>(), 50);
}

TEST_F(throughput_test, a_limit_holds_for_one_container_or_for_all) {
  limit(R"({"container":"other","units":1})");
  EXPECT_EQ(writes_until_refused(), -1);

  limit(R"({"container":"c1","units":100})");
  EXPECT_GE(writes_until_refused(), 0);

  limit(R"({"container":"c1","units":0})");
  EXPECT_EQ(writes_until_refused(), -1);
}

TEST_F(throughput_test, children_of_a_split_have_units_of_their_own) {
  limit(R"({"units":100})");
  writes_until_refused();

  account.send_unsigned("POST", "/_emulator/dbs/db1/colls/c1/split/0");

  EXPECT_EQ(write("x").status(), 200U);
}

TEST_F(throughput_test, bad_limits_are_refused_by_the_name_of_the_member) {
  for (const auto* body :
       {R"({"units":-1})", R"({"units":"1"})", R"({"competitor":1})", R"({"container":1})"}) {
    const auto r = limit(body);
    EXPECT_EQ(r.status(), 400U) << body;
    EXPECT_NE(r.body.find("must be"), std::string::npos) << r.body;
  }
  EXPECT_NE(limit(R"({"unit":1})").body.find("there are container, units or competitor"),
            std::string::npos);
  EXPECT_NE(limit("[]").body.find("JSON object"), std::string::npos);
}

} // namespace
} // namespace feedcast::emulator
