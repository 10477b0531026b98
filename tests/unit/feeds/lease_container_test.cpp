#include "fake_container.hpp"
#include "feeds/cosmos/lease_container.hpp"
#include "tests/contract/lease_store_contract.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

using namespace std::chrono_literals;
using test::await;
using test::fake_container;
using test::fake_network;
using test::reply;
using test::scripted;
using test::sent_request;

namespace {

struct container_harness {
  container_harness() {
    network->answer = [this](const sent_request& s) { return container(s); };
  }

  // Held by the function above.
  container_harness(const container_harness&) = delete;
  container_harness& operator=(const container_harness&) = delete;

  std::unique_ptr<lease_store> connect() {
    at = *account::open(test::local_account(), fake_network::factory(network), clock);
    return std::make_unique<lease_container>(at, *collection_ref::make("ow", "leases"), ids);
  }

  fake_container container;
  std::shared_ptr<fake_network> network = std::make_shared<fake_network>();
  test::manual_clock clock;
  lease_ids ids = *lease_ids::make("eu1-whisks", "acme.documents.azure.com", "ow", "whisks");
  std::shared_ptr<account> at;
};

class lease_container_test : public testing::Test {
 protected:
  result<lease_store_state> open() {
    return await<lease_store_state>([&](auto done) { store_->open(std::move(done)); });
  }

  /// Answers of the server for requests that `concerned` picks; all others are served as usual.
  template <class Concerned>
  void answer_instead(Concerned concerned, scripted (*with)()) {
    harness_.network->answer = [this, concerned, with](const sent_request& s) -> scripted {
      return concerned(s.request) ? with() : harness_.container(s);
    };
  }

  container_harness harness_;
  std::unique_ptr<lease_store> store_ = harness_.connect();
};

} // namespace

} // namespace feedcast::cosmos

namespace feedcast::test {

INSTANTIATE_TYPED_TEST_SUITE_P(cosmos, lease_store_contract, cosmos::container_harness);

} // namespace feedcast::test

namespace feedcast::cosmos {

TEST_F(lease_container_test, creates_the_container_once) {
  ASSERT_TRUE(open().has_value());
  EXPECT_TRUE(harness_.container.exists);
  const auto before = harness_.network->sent.size();
  ASSERT_TRUE(open().has_value());
  for (auto i = before; i < harness_.network->sent.size(); ++i)
    EXPECT_EQ(harness_.network->sent[i].request.method, "GET");
}

TEST_F(lease_container_test, another_instance_may_create_it_first) {
  answer_instead(
      [this](const http::request& r) {
        harness_.container.exists = harness_.container.exists || r.target == "/dbs/ow/colls";
        return r.target == "/dbs/ow/colls";
      },
      [] { return reply(409); });
  // The fake has no definition then, which is as good as a container with another partition key.
  EXPECT_EQ(open().error().code, errc::malformed);
}

TEST_F(lease_container_test, a_missing_database_is_named) {
  answer_instead([](const http::request& r) { return r.target != "/"; }, [] { return reply(404); });
  const auto state = open();
  ASSERT_FALSE(state.has_value());
  EXPECT_EQ(state.error().code, errc::not_found);
  EXPECT_NE(state.error().detail.find("database ow"), std::string::npos);
}

TEST_F(lease_container_test, a_missing_right_to_create_is_named) {
  answer_instead([](const http::request& r) { return r.target == "/dbs/ow/colls"; },
                 [] {
                   return reply(403, {{"x-ms-substatus", "5300"}});
                 });
  const auto state = open();
  ASSERT_FALSE(state.has_value());
  EXPECT_EQ(state.error().code, errc::forbidden);
  EXPECT_NE(state.error().detail.find("containers/write"), std::string::npos);
}

TEST_F(lease_container_test, a_container_with_another_partition_key_is_refused) {
  answer_instead([](const http::request& r) { return r.target == "/dbs/ow/colls/leases"; },
                 [] { return reply(200, {}, R"({"partitionKey":{"paths":["/pk"]}})"); });
  EXPECT_EQ(open().error().code, errc::rejected);
}

TEST_F(lease_container_test, a_young_foreign_lock_is_waited_for) {
  ASSERT_TRUE(open().has_value());
  harness_.container.documents[harness_.ids.lock()] = {{"id", harness_.ids.lock()},
                                                       {"_ts", 1'767'225'590}};
  const auto waiting = open();
  ASSERT_FALSE(waiting.has_value());
  EXPECT_EQ(waiting.error().code, errc::throttled);
  EXPECT_GT(waiting.error().retry_after, 0ms);
  harness_.container.documents[harness_.ids.lock()]["_ts"] = 1'767'225'000;
  EXPECT_TRUE(open().has_value()) << "an orphaned lock must not stop us for ever";
}

TEST_F(lease_container_test, a_lock_beside_the_marker_is_of_no_interest) {
  ASSERT_TRUE(open().has_value());
  ASSERT_TRUE(await<bool>([&](auto done) {
                store_->mark_initialised(wall_time{1h}, std::move(done));
              }).has_value());
  harness_.container.documents[harness_.ids.lock()] = {{"id", harness_.ids.lock()},
                                                       {"_ts", 1'767'225'600}};
  EXPECT_TRUE(open().has_value());
}

TEST_F(lease_container_test, lists_all_pages_by_a_parameterised_query) {
  ASSERT_TRUE(open().has_value());
  for (const auto* range : {"0", "1", "2", "3", "4"})
    ASSERT_TRUE(await<lease>([&](auto done) {
                  store_->create({range, "", "", {}, "", ""}, std::move(done));
                }).has_value());
  const auto all = await<std::vector<lease>>([&](auto done) { store_->list(std::move(done)); });
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->size(), 5U);
  const auto& r = harness_.network->sent.back().request;
  EXPECT_EQ(r.headers.get("content-type"), "application/query+json");
  EXPECT_EQ(r.body, R"q({"query":"SELECT * FROM c WHERE STARTSWITH(c.id, @PartitionLeasePrefix)",)q"
                    R"q("parameters":[{"name":"@PartitionLeasePrefix","value":")q"
                        + harness_.ids.lease_prefix() + R"q("}]})q");
}

TEST_F(lease_container_test, leases_of_other_processors_are_not_listed) {
  ASSERT_TRUE(open().has_value());
  harness_.container.documents["eu1-subjectsacme.documents.azure.com_ow_subjects..0"] = {
      {"id", "eu1-subjectsacme.documents.azure.com_ow_subjects..0"}};
  EXPECT_TRUE(
      await<std::vector<lease>>([&](auto done) { store_->list(std::move(done)); })->empty());
}

TEST_F(lease_container_test, all_its_traffic_goes_to_the_write_region) {
  harness_.network->answer = [this](const sent_request& s) -> scripted {
    if (s.request.target == "/")
      return reply(
          200, {},
          R"({"writableLocations":[{"name":"B","databaseAccountEndpoint":"http://127.0.0.1:8082"}],
        "readableLocations":[{"name":"A","databaseAccountEndpoint":"http://127.0.0.1:8083"}]})");
    return harness_.container(s);
  };
  ASSERT_TRUE(open().has_value());
  ASSERT_TRUE(
      await<std::vector<lease>>([&](auto done) { store_->list(std::move(done)); }).has_value());
  for (const auto& s : harness_.network->calls())
    EXPECT_EQ(s.server.port, 8082) << s.request.target;
}

TEST_F(lease_container_test, replacing_names_the_version_that_was_read) {
  ASSERT_TRUE(open().has_value());
  const auto l = await<lease>([&](auto done) {
    store_->create({"0", "", "", {}, "", ""}, std::move(done));
  });
  ASSERT_TRUE(l.has_value());
  ASSERT_TRUE(await<lease>([&](auto done) { store_->replace(*l, std::move(done)); }).has_value());
  EXPECT_EQ(harness_.network->sent.back().request.headers.get("if-match"), l->version);
}

TEST_F(lease_container_test, members_of_other_libraries_survive_a_replace) {
  ASSERT_TRUE(open().has_value());
  const auto id = harness_.ids.lease("0");
  harness_.container.documents[id] = {
      {"id", id}, {"_etag", "\"x\""}, {"LeaseToken", "0"}, {"Mode", "Incremental Feed"}};
  auto l = await<lease>([&](auto done) { store_->read("0", std::move(done)); });
  ASSERT_TRUE(l.has_value());
  l->owner = "me";
  ASSERT_TRUE(await<lease>([&](auto done) { store_->replace(*l, std::move(done)); }).has_value());
  EXPECT_EQ(harness_.container.documents[id]["Mode"], "Incremental Feed");
}

TEST_F(lease_container_test, after_destruction_no_answer_comes) {
  ASSERT_TRUE(open().has_value());
  harness_.network->hold = true;
  int answers = 0;
  store_->list([&](const result<std::vector<lease>>&) { ++answers; });
  store_->open([&](const result<lease_store_state>&) { ++answers; });
  store_.reset();
  harness_.network->release();
  EXPECT_EQ(answers, 0);
}

} // namespace feedcast::cosmos
