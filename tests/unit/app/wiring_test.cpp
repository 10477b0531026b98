#include "app/wiring.hpp"
#include "settings/complete.hpp"

#include <gmock/gmock.h>

namespace feedcast::app {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

namespace {

/// One target with a feed of each kind of database.
settings::service_config configured() {
  settings::service_config c;
  c.accounts["azure"].endpoint = "https://acme.documents.azure.com:443/";
  c.accounts["azure"].key = settings::secret{"c2VjcmV0"};
  c.accounts["azure"].database = "openwhisk";
  c.accounts["couch"].type = "couchdb";
  c.accounts["couch"].endpoint = "https://couch.example:6984/";
  c.accounts["couch"].user = "feedcast";
  c.accounts["couch"].password = settings::secret{"c2VjcmV0"};
  for (const auto* name : {"azure", "couch"}) {
    c.feeds[name].account = name;
    c.feeds[name].collection = "whisks";
  }
  auto& target = c.targets["eu"];
  target.cluster_id = "eu1";
  target.feeds = {"azure", "couch"};
  target.kafka.brokers = "127.0.0.1:9";
  c.instance = "test";
  c.tuning.request_units.share = settings::percent{20};
  return c;
}

} // namespace

class wiring : public testing::Test {
 protected:
  result<processor_leases> leases(const std::string& feed) {
    return wire_leases(config_, "eu", feed, shared_, {}, false);
  }

  settings::service_config config_ = configured();
  platform shared_{1, {"0", "", ""}, "test"};
};

TEST_F(wiring, a_target_reads_both_kinds_of_database) {
  const auto tree = wire(config_, shared_);

  ASSERT_TRUE(tree) << tree.error().detail;
  ASSERT_EQ(tree->targets.size(), 1u);
  const auto& collections = tree->targets.front().collections;
  ASSERT_EQ(collections.size(), 2u);
  EXPECT_DOUBLE_EQ(collections[0].options.units.share, 0.2);
  EXPECT_DOUBLE_EQ(collections[1].options.units.share, 0) << "there are no request units";
  for (const auto& c : collections) {
    EXPECT_TRUE(c.open_source());
    EXPECT_TRUE(c.open_leases());
  }
}

TEST_F(wiring, all_targets_share_the_server_that_counts_their_wrong_passwords) {
  auto us = config_.targets.begin()->second;
  us.cluster_id = "us2";
  config_.targets["us"] = us;

  const auto tree = wire(config_, shared_);

  ASSERT_TRUE(tree) << tree.error().detail;
  ASSERT_EQ(tree->targets.size(), 2u);
  ASSERT_EQ(shared_.couch_servers.size(), 1u);
  EXPECT_GE(shared_.couch_servers.begin()->second.use_count(), 1 + 2 * 2)
      << "feed and leases of both";
}

TEST_F(wiring, leases_lie_in_the_kind_of_database_that_the_feed_is_of) {
  const auto azure = leases("azure");
  ASSERT_TRUE(azure) << azure.error().detail;
  EXPECT_EQ(azure->place, "container cache-invalidator-lease");
  EXPECT_EQ(azure->host, "acme.documents.azure.com");
  EXPECT_EQ(azure->database, "openwhisk");
  EXPECT_TRUE(azure->read_rid);

  const auto couch = leases("couch");
  ASSERT_TRUE(couch) << couch.error().detail;
  EXPECT_EQ(couch->place, "database cache-invalidator-lease");
  EXPECT_EQ(couch->host, "couch.example");
  EXPECT_THAT(couch->database, IsEmpty());
  EXPECT_EQ(couch->collection, "whisks");
  EXPECT_EQ(couch->prefix, "eu1-whisks");
  EXPECT_TRUE(azure->knows_times);
  EXPECT_FALSE(couch->knows_times);
  EXPECT_FALSE(couch->read_rid) << "positions name their database themselves";
  EXPECT_TRUE(couch->open());
  EXPECT_TRUE(couch->open_source());
}

TEST_F(wiring, leases_in_files_need_no_database) {
  config_.leases.store = settings::lease_store_kind::file;
  config_.leases.path = "/var/lib/feedcast";
  for (const auto* feed : {"azure", "couch"}) {
    const auto wired = leases(feed);
    ASSERT_TRUE(wired) << wired.error().detail;
    EXPECT_EQ(wired->place, "folder /var/lib/feedcast");
  }
}

TEST_F(wiring, what_can_be_refused_without_a_connection_is) {
  config_.accounts["couch"].endpoint = "http://couch.example:5984/";

  const auto tree = wire(config_, shared_);

  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().code, errc::rejected);
  EXPECT_THAT(tree.error().detail, StartsWith("accounts.couch: "));
  EXPECT_THAT(tree.error().detail, HasSubstr("http"));
}

} // namespace feedcast::app
