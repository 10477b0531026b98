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
    return std::make_unique<lease_container>(
        at, *collection_ref::make("ow", "leases"),
        monitored_feed{at, *collection_ref::make("ow", "whisks"), "eu1-whisks",
                       "acme.documents.azure.com"},
        options);
  }

  fake_container container;
  std::shared_ptr<fake_network> network = std::make_shared<fake_network>();
  test::manual_clock clock;
  lease_ids ids = *lease_ids::make("eu1-whisks", "acme.documents.azure.com", "ow", "whisks");
  lease_ids rids =
      *lease_ids::make("eu1-whisks", "acme.documents.azure.com", "O7RwAA==", "O7RwAKylJbY=");
  lease_container_options options;
  std::shared_ptr<account> at;
};

class lease_container_test : public testing::Test {
 protected:
  result<lease_store_state> open() {
    return await<lease_store_state>([&](auto done) { store_->open(std::move(done)); });
  }

  result<lease_listing> list() {
    return await<lease_listing>([&](auto done) { store_->list(std::move(done)); });
  }

  result<lease> create(const std::string& range) {
    lease l;
    l.range_id = range;
    return await<lease>([&](auto done) { store_->create(l, std::move(done)); });
  }

  result<milliseconds> lock() {
    return await<milliseconds>([&](auto done) { store_->lock(std::move(done)); });
  }

  result<bool> unlock() {
    return await<bool>([&](auto done) { store_->unlock(std::move(done)); });
  }

  /// A lease of a range, as .NET or Java leaves it.
  void put_lease(const lease_ids& ids, const std::string& token, boost::json::object more = {}) {
    boost::json::object o{{"id", ids.lease(token)}, {"LeaseToken", token}};
    for (const auto& [name, value] : more)
      o[name] = value;
    harness_.container.put(std::move(o));
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
  for (auto i = before; i < harness_.network->sent.size(); ++i) {
    const auto& r = harness_.network->sent[i].request;
    EXPECT_TRUE(r.method == "GET" || r.headers.has("x-ms-documentdb-isquery")) << r.target;
  }
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

TEST_F(lease_container_test, lists_all_pages_by_a_parameterised_query) {
  ASSERT_TRUE(open().has_value());
  for (const auto* range : {"0", "1", "2", "3", "4"})
    ASSERT_TRUE(create(range).has_value());
  const auto all = list();
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->leases.size(), 5U);
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
  EXPECT_TRUE(list()->leases.empty());
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
  ASSERT_TRUE(list().has_value());
  ASSERT_TRUE(create("0").has_value());
  ASSERT_TRUE(await<lease>([&](auto done) { store_->read("0", std::move(done)); }).has_value());
  for (const auto& s : harness_.network->calls())
    EXPECT_EQ(s.server.port, 8082) << s.request.target;
}

TEST_F(lease_container_test, replacing_names_the_version_that_was_read) {
  ASSERT_TRUE(open().has_value());
  const auto l = create("0");
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
  store_->list([&](const result<lease_listing>&) { ++answers; });
  store_->open([&](const result<lease_store_state>&) { ++answers; });
  store_.reset();
  harness_.network->release();
  EXPECT_EQ(answers, 0);
}

TEST_F(lease_container_test, calls_before_open_are_refused) {
  EXPECT_EQ(list().error().code, errc::rejected);
  EXPECT_EQ(create("0").error().code, errc::rejected);
  EXPECT_EQ(lock().error().code, errc::rejected);
  EXPECT_EQ(unlock().error().code, errc::rejected);
}

TEST_F(lease_container_test, a_feed_that_is_not_there_is_named) {
  answer_instead([](const http::request& r) { return r.target == "/dbs/ow/colls/whisks"; },
                 [] { return reply(404); });
  const auto state = open();
  ASSERT_FALSE(state.has_value());
  EXPECT_EQ(state.error().code, errc::not_found);
  EXPECT_NE(state.error().detail.find("dbs/ow/colls/whisks"), std::string::npos);
}

// -- which leases
// ----------------------------------------------------------------------------------

TEST_F(lease_container_test, a_new_store_keeps_ranges_under_names) {
  ASSERT_TRUE(open().has_value());
  ASSERT_TRUE(create("0").has_value());
  EXPECT_TRUE(harness_.container.documents.contains(harness_.ids.lease("0")));
  EXPECT_EQ(list()->range_form, lease_form::pk);
  EXPECT_EQ(list()->span_form, lease_form::java_epk);
}

TEST_F(lease_container_test, joins_the_leases_of_dotnet) {
  ASSERT_TRUE(open().has_value());
  put_lease(harness_.rids, "0", {{"version", 0}, {"Mode", "Incremental Feed"}});
  harness_.container.put({{"id", harness_.rids.marker()}});
  store_ = harness_.connect();
  const auto state = open();
  ASSERT_TRUE(state.has_value()) << to_string(state.error());
  EXPECT_TRUE(state->initialised);
  EXPECT_EQ(state->started_at, harness_.container.now - 60s) << "before the first lease was made";
  ASSERT_EQ(list()->leases.size(), 1U);
  EXPECT_EQ(list()->span_form, lease_form::dotnet_epk);
  ASSERT_TRUE(create("1").has_value());
  EXPECT_TRUE(harness_.container.documents.contains(harness_.rids.lease("1")));
}

TEST_F(lease_container_test, leases_under_both_kinds_of_ids_need_a_word) {
  ASSERT_TRUE(open().has_value());
  put_lease(harness_.ids, "0");
  put_lease(harness_.rids, "0");
  const auto state = open();
  ASSERT_FALSE(state.has_value());
  EXPECT_EQ(state.error().code, errc::rejected);
  EXPECT_NE(state.error().detail.find("leases.format"), std::string::npos);
  harness_.options.format = lease_format::pk;
  store_ = harness_.connect();
  ASSERT_TRUE(open().has_value());
  ASSERT_TRUE(create("1").has_value());
  EXPECT_TRUE(harness_.container.documents.contains(harness_.ids.lease("1")));
}

TEST_F(lease_container_test, the_servers_clock_judges) {
  ASSERT_TRUE(open().has_value());
  ASSERT_TRUE(create("0").has_value());
  const auto stored = harness_.container.now;
  harness_.container.now += 45s;
  const auto all = list();
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->now, stored + 45s);
  EXPECT_EQ(all->leases.front().stored_at, stored);
}

TEST_F(lease_container_test, of_several_pages_the_first_ones_clock_counts) {
  ASSERT_TRUE(open().has_value());
  for (const auto* range : {"0", "1", "2"})
    ASSERT_TRUE(create(range).has_value());
  const auto begun = harness_.container.now;
  harness_.network->answer = [this](const sent_request& s) -> scripted {
    auto out = harness_.container(s);
    harness_.container.now += 100s;
    return out;
  };
  EXPECT_EQ(list()->now, begun) << "no lease may look older than it was when it was read";
}

TEST_F(lease_container_test, somebody_elses_young_lock_is_waited_for) {
  ASSERT_TRUE(open().has_value());
  harness_.container.put({{"id", harness_.ids.lock()}, {"ttl", 30}});
  harness_.container.now += 59s;
  EXPECT_EQ(*lock(), 5s);
  EXPECT_FALSE(*unlock()) << "it is not ours";
  EXPECT_TRUE(harness_.container.documents.contains(harness_.ids.lock()));
}

TEST_F(lease_container_test, an_orphaned_lock_is_taken_over) {
  ASSERT_TRUE(open().has_value());
  harness_.container.put({{"id", harness_.ids.lock()}, {"ttl", 30}});
  harness_.container.now += 60s;
  EXPECT_EQ(*lock(), 0s);
  EXPECT_TRUE(*unlock());
  EXPECT_FALSE(harness_.container.documents.contains(harness_.ids.lock()));
}

TEST_F(lease_container_test, of_two_who_take_over_a_lock_one_gets_it) {
  ASSERT_TRUE(open().has_value());
  harness_.container.put({{"id", harness_.ids.lock()}, {"ttl", 30}});
  harness_.container.now += 60s;
  harness_.network->answer = [this](const sent_request& s) -> scripted {
    if (s.request.method == "PUT") // the other one was faster
      harness_.container.put({{"id", harness_.ids.lock()}, {"ttl", 30}});
    return harness_.container(s);
  };
  EXPECT_EQ(*lock(), 5s);
}

TEST_F(lease_container_test, a_lock_whose_answer_was_lost_is_known_again) {
  ASSERT_TRUE(open().has_value());
  harness_.network->answer = [this](const sent_request& s) -> scripted {
    auto out = harness_.container(s);
    if (s.request.method == "POST")
      return make_error(errc::timeout, "lost");
    return out;
  };
  EXPECT_EQ(lock().error().code, errc::timeout);
  harness_.network->answer = [this](const sent_request& s) { return harness_.container(s); };
  EXPECT_EQ(*lock(), 0s);
  EXPECT_TRUE(*unlock());
}

TEST_F(lease_container_test, a_lock_that_was_taken_over_is_not_given_back) {
  ASSERT_TRUE(open().has_value());
  ASSERT_EQ(*lock(), 0s);
  harness_.container.put({{"id", harness_.ids.lock()}, {"ttl", 30}});
  EXPECT_FALSE(*unlock());
  EXPECT_TRUE(harness_.container.documents.contains(harness_.ids.lock()));
}

TEST_F(lease_container_test, adds_up_what_its_calls_cost) {
  ASSERT_TRUE(open().has_value());
  const auto before = store_->costs();
  ASSERT_TRUE(create("0").has_value());
  ASSERT_FALSE(create("0").has_value());
  ASSERT_TRUE(await<lease>([&](auto done) { store_->read("0", std::move(done)); }).has_value());
  ASSERT_TRUE(list().has_value());
  const auto after = store_->costs();
  EXPECT_EQ(after.writes.calls - before.writes.calls, 2U);
  EXPECT_DOUBLE_EQ(after.writes.units - before.writes.units, 2) << "errors don't say theirs";
  EXPECT_EQ(after.reads.calls - before.reads.calls, 1U);
  EXPECT_DOUBLE_EQ(after.reads.units - before.reads.units, 2);
  EXPECT_EQ(after.lists.calls - before.lists.calls, 1U);
  EXPECT_DOUBLE_EQ(after.lists.units - before.lists.units, 2);
}

// -- other host names
// ------------------------------------------------------------------------------

TEST_F(lease_container_test, does_not_begin_beside_leases_of_another_host_name) {
  ASSERT_TRUE(open().has_value());
  const auto old = *lease_ids::make("eu1-whisks", "old.documents.azure.com", "ow", "whisks");
  put_lease(old, "0");
  const auto state = open();
  ASSERT_FALSE(state.has_value());
  EXPECT_EQ(state.error().code, errc::rejected);
  EXPECT_NE(state.error().detail.find("feedcast leases adopt --from old.documents.azure.com"),
            std::string::npos)
      << state.error().detail;
  harness_.options.ignore_siblings = true;
  store_ = harness_.connect();
  EXPECT_TRUE(open().has_value());
  harness_.options.ignore_siblings = false;
  put_lease(harness_.ids, "0");
  store_ = harness_.connect();
  EXPECT_TRUE(open().has_value()) << "what was adopted is gone on with";
}

TEST_F(lease_container_test, another_processors_longer_prefix_is_no_sibling) {
  ASSERT_TRUE(open().has_value());
  put_lease(*lease_ids::make("eu1-whisks-b-", "acme.documents.azure.com", "ow", "whisks"), "0");
  put_lease(*lease_ids::make("eu1-whisks2", "acme.documents.azure.com", "ow", "whisks"), "0");
  const auto state = open();
  EXPECT_TRUE(state.has_value()) << to_string(state.error());
}

} // namespace feedcast::cosmos
