#include "fake_network.hpp"
#include "feeds/cosmos/container_setup.hpp"
#include "leases/json.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

using namespace std::chrono_literals;
using test::reply;

namespace {

const collection_ref leases = *collection_ref::make("ow", "leases");
const wall_time new_year{std::chrono::seconds{1'767'225'600}};

} // namespace

TEST(container_setup, asks_for_a_container_fit_for_leases) {
  const auto c = create_lease_container(leases, 1'000);
  EXPECT_EQ(c.method, "POST");
  EXPECT_EQ(c.target, "/dbs/ow/colls");
  EXPECT_EQ(c.headers.get("x-ms-offer-throughput"), "1000");
  EXPECT_EQ(
      c.body,
      R"({"id":"leases","partitionKey":{"paths":["/id"],"kind":"Hash","version":2},"defaultTtl":-1,)"
      R"("indexingPolicy":{"indexingMode":"consistent","automatic":true,"includedPaths":[],)"
      R"("excludedPaths":[{"path":"/*"}]}})");
}

TEST(container_setup, what_it_creates_it_accepts) {
  EXPECT_TRUE(check_lease_container(create_lease_container(leases, 400).body, leases).has_value());
}

TEST(container_setup, only_partition_key_id_will_do) {
  for (const auto* body :
       {"{}", R"({"partitionKey":{}})", R"({"partitionKey":{"paths":[]}})",
        R"({"partitionKey":{"paths":["/pk"]}})", R"({"partitionKey":{"paths":["/ID"]}})",
        R"({"partitionKey":{"paths":["/id","/pk"]}})", R"({"partitionKey":{"paths":"/id"}})"}) {
    const auto fit = check_lease_container(body, leases);
    ASSERT_FALSE(fit.has_value()) << body;
    EXPECT_EQ(fit.error().code, errc::rejected);
    EXPECT_NE(fit.error().detail.find("dbs/ow/colls/leases"), std::string::npos);
    EXPECT_NE(fit.error().detail.find("/id"), std::string::npos);
  }
  EXPECT_EQ(check_lease_container("<html>", leases).error().code, errc::malformed);
}

TEST(container_setup, a_refused_creation_says_what_to_do_by_hand) {
  for (const auto code : {errc::forbidden, errc::unauthorized}) {
    const auto e = creation_refused(make_error(code, "POST answered 403"), leases);
    EXPECT_EQ(e.code, errc::forbidden);
    for (const auto* word :
         {"dbs/ow/colls/leases", "containers/write", "by hand", "/id", "POST answered 403"})
      EXPECT_NE(e.detail.find(word), std::string::npos) << word;
  }
  const auto missing = creation_refused(make_error(errc::not_found, "POST answered 404"), leases);
  EXPECT_EQ(missing.code, errc::not_found);
  EXPECT_NE(missing.detail.find("database ow"), std::string::npos);
  const auto throttled = creation_refused({errc::throttled, "slow", 5ms}, leases);
  EXPECT_EQ(throttled.code, errc::throttled);
  EXPECT_EQ(throttled.retry_after, 5ms);
}

TEST(container_setup, a_lock_is_waited_for_only_while_it_is_young) {
  const auto date = std::pair{"date", std::string{"Thu, 01 Jan 2026 00:00:00 GMT"}};
  const auto lock = [&](std::int64_t age) {
    return reply(200, {date},
                 R"({"id":"P.lock","ttl":30,"_ts":)" + std::to_string(1'767'225'600 - age) + "}");
  };
  EXPECT_GT(wait_for_lock(lock(0), {}), 0ms);
  EXPECT_GT(wait_for_lock(lock(59), {}), 0ms);
  EXPECT_EQ(wait_for_lock(lock(60), {}), 0ms);
  EXPECT_EQ(wait_for_lock(lock(86'400), {}), 0ms);
  EXPECT_GT(wait_for_lock(lock(-5), {}), 0ms);
}

TEST(container_setup, a_lock_without_times_is_judged_by_what_there_is) {
  EXPECT_EQ(wait_for_lock(reply(200, {}, R"({"_ts":1767225500})"), new_year), 0ms);
  EXPECT_GT(wait_for_lock(reply(200, {}, R"({"_ts":1767225590})"), new_year), 0ms);
  EXPECT_GT(wait_for_lock(reply(200, {}, R"({"id":"P.lock"})"), new_year), 0ms);
  EXPECT_GT(wait_for_lock(reply(200, {}, R"({"_ts":18446744073709551615})"), new_year), 0ms);
}

} // namespace feedcast::cosmos
