#include "fixture.hpp"
#include "settings/complete.hpp"

#include <gmock/gmock.h>

namespace feedcast::settings {

using namespace std::chrono_literals;

TEST(values, defaults_stand_where_nothing_is_said) {
  const auto outcome = load_over_base({});

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(messages(outcome), "");
  const auto& config = *outcome.config;
  EXPECT_EQ(config.accounts.at("main").type, "cosmosdb");
  EXPECT_EQ(config.feeds.at("whisks").collection, "whisks");
  EXPECT_EQ(config.feeds.at("whisks").start, start_kind::now);
  EXPECT_FALSE(config.feeds.at("whisks").identities_feed);
  EXPECT_EQ(config.leases.collection, "cache-invalidator-lease");
  EXPECT_EQ(config.admin.listen, "127.0.0.1:8080");
  EXPECT_EQ(config.drain_deadline, 10s);
  EXPECT_EQ(config.targets.at("eu").kafka.key, "id");
  EXPECT_FALSE(config.targets.at("eu").leases);
}

TEST(values, every_key_reaches_its_member) {
  load_request request;
  request.environment["TOKEN"] = "0123456789abcdef";
  const auto outcome = load_over_base(R"(
accounts: {main: {proxy: "http://u:p@proxy:3128"}}
feeds: {whisks: {collection: w, start: "2026-01-31T12:00:00Z"}}
targets:
  eu:
    own_changes: send
    confirm_after: 0
    regions: [West Europe]
    filter: {kinds: [action, rule], namespaces: ["a-*"]}
    kafka: {topic: t, topic_prefix: p-, key: constant, create_topic: true, lsn_header: true, properties: {debug: msg}}
    leases: {account: main, collection: l, format: pk, prefix: x, throughput: 1000}
admin: {listen: "[::1]:0", token: "${TOKEN}", hosts: [feedcast.internal, 10.0.0.1]}
drain_deadline: 2m
tuning:
  poll: {min: 20ms, max: 30ms, timeout: 2s}
  page: {max_items: 7, max_bytes: 2MiB}
  request_units: {share: 35%}
  window: {bytes: 64KiB, keys: 8, batches: 9}
  checkpoint: {interval: 200ms}
  threads: {io: 3, actors: 4}
  produce: {linger: 0, message_timeout: 3s}
)",
                                      request);

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  const auto& c = *outcome.config;
  EXPECT_EQ(c.accounts.at("main").proxy, "http://u:p@proxy:3128");
  EXPECT_EQ(c.feeds.at("whisks").collection, "w");
  EXPECT_EQ(c.feeds.at("whisks").start, start_kind::time);
  EXPECT_EQ(format_iso8601(c.feeds.at("whisks").start_time), "2026-01-31T12:00:00.000Z");
  const auto& eu = c.targets.at("eu");
  EXPECT_EQ(eu.own_changes, own_changes_mode::send);
  EXPECT_THAT(eu.regions, testing::ElementsAre("West Europe"));
  EXPECT_THAT(eu.filter.kinds, testing::ElementsAre("action", "rule"));
  EXPECT_THAT(eu.filter.namespaces, testing::ElementsAre("a-*"));
  EXPECT_EQ(topic_of(eu.kafka), "p-t");
  EXPECT_EQ(eu.kafka.key, "constant");
  EXPECT_TRUE(eu.kafka.create_topic);
  EXPECT_TRUE(eu.kafka.lsn_header);
  EXPECT_EQ(eu.kafka.properties.at("debug"), "msg");
  ASSERT_TRUE(eu.leases);
  EXPECT_EQ(eu.leases->account, "main");
  EXPECT_EQ(eu.leases->collection, "l");
  EXPECT_EQ(eu.leases->format, "pk");
  EXPECT_EQ(eu.leases->prefix, "x");
  EXPECT_EQ(eu.leases->throughput, 1000u);
  EXPECT_EQ(c.admin.listen, "[::1]:0");
  EXPECT_EQ(c.admin.token.reveal(), "0123456789abcdef");
  EXPECT_THAT(c.admin.hosts, testing::ElementsAre("feedcast.internal", "10.0.0.1"));
  EXPECT_EQ(c.drain_deadline, 2min);
  EXPECT_EQ(c.tuning.poll.min, 20ms);
  EXPECT_EQ(c.tuning.poll.max, 30ms);
  EXPECT_EQ(c.tuning.poll.timeout, 2s);
  EXPECT_EQ(c.tuning.page.max_items, 7u);
  EXPECT_EQ(c.tuning.page.max_bytes, 2u << 20U);
  EXPECT_EQ(c.tuning.request_units.share, percent{35});
  EXPECT_EQ(c.tuning.window.bytes, 64u << 10U);
  EXPECT_EQ(c.tuning.window.keys, 8u);
  EXPECT_EQ(c.tuning.window.batches, 9u);
  EXPECT_EQ(c.tuning.checkpoint.interval, 200ms);
  EXPECT_EQ(c.tuning.threads.io, 3u);
  EXPECT_EQ(c.tuning.threads.actors, 4u);
  EXPECT_EQ(c.tuning.produce.linger, 0ms);
  EXPECT_EQ(c.tuning.produce.message_timeout, 3s);
}

TEST(values, own_changes_are_skipped_only_if_they_can_be_told) {
  const auto outcome =
      load_over_base("targets: {us: {feeds: [whisks], kafka: {brokers: \"a:1\"}}}");

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(outcome.config->targets.at("eu").own_changes, own_changes_mode::skip);
  EXPECT_EQ(outcome.config->targets.at("us").own_changes, own_changes_mode::send);
}

TEST(values, subjects_hold_identities_unless_told_otherwise) {
  const auto outcome = load_over_base(R"(
feeds:
  subjects: {account: main}
  other: {account: main, collection: people, identities: namespace}
  plain: {account: main, collection: subjects, identities: off}
targets: {eu: {feeds: [whisks, subjects, other]}}
)");

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  const auto& feeds = outcome.config->feeds;
  EXPECT_TRUE(feeds.at("subjects").identities_feed);
  EXPECT_EQ(feeds.at("subjects").identities, identity_mode::namespaces);
  EXPECT_TRUE(feeds.at("other").identities_feed);
  EXPECT_FALSE(feeds.at("plain").identities_feed);
  EXPECT_FALSE(feeds.at("whisks").identities_feed);
  EXPECT_EQ(feeds.at("whisks").identities, identity_mode::off);
}

TEST(values, identities_that_are_off_are_read_by_no_target) {
  const auto outcome = load_over_base(R"(
feeds:
  subjects: {account: main, identities: off}
  far: {account: main, collection: subjects, identities: uuid}
  entities: {account: main, collection: more, identities: off}
targets: {eu: {feeds: [subjects, whisks, far, entities]}}
)");

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  const auto& config = *outcome.config;
  EXPECT_EQ(config.targets.at("eu").feeds, (std::vector<std::string>{"whisks", "far", "entities"}));
  EXPECT_FALSE(config.feeds.at("subjects").read);
  EXPECT_EQ(config.feeds.at("far").identities, identity_mode::uuid);
  EXPECT_TRUE(config.feeds.at("far").read);
  EXPECT_FALSE(config.feeds.at("entities").identities_feed);
  EXPECT_TRUE(config.feeds.at("entities").read) << "off is what a feed of entities has anyway";
  EXPECT_NE(messages(outcome).find("feeds.subjects.identities: is off, so no target reads this"),
            std::string::npos)
      << messages(outcome);
}

TEST(values, a_target_overrides_single_keys_of_the_common_leases) {
  const auto outcome = load_over_base(R"(
leases: {collection: common, throughput: 500}
targets: {eu: {leases: {prefix: mine}}}
)");

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  const auto& config = *outcome.config;
  const auto& leases = leases_of(config, config.targets.at("eu"));
  EXPECT_EQ(leases.collection, "common");
  EXPECT_EQ(leases.throughput, 500u);
  EXPECT_EQ(leases.prefix, "mine");
}

TEST(values, lease_ids_begin_as_the_replaced_service_writes_them) {
  const auto outcome =
      load_over_base("targets: {us: {feeds: [whisks], kafka: {brokers: \"a:1\"}}}");

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  const auto& config = *outcome.config;
  const auto& feed = config.feeds.at("whisks");
  EXPECT_EQ(lease_prefix_of(config, config.targets.at("eu"), feed), "eu1-whisks");
  EXPECT_EQ(lease_prefix_of(config, config.targets.at("us"), feed), "whisks");
  EXPECT_EQ(lease_account_of(config, config.targets.at("us"), feed), "main");
}

TEST(values, a_mode_of_its_own_has_leases_of_its_own) {
  const auto outcome = load_over_base(R"(
feeds:
  whisks: {tombstone_ttl: 10h}
  all: {account: main, collection: whisks, mode: all-versions, overlap: 2h, max_outage: 48h}
targets: {eu: {feeds: [whisks, all]}}
)");

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  const auto& config = *outcome.config;
  const auto& whisks = config.feeds.at("whisks");
  EXPECT_EQ(whisks.mode, feed_mode::latest);
  EXPECT_EQ(whisks.tombstone_ttl, 10h);
  EXPECT_EQ(whisks.max_outage, 8h);
  const auto& all = config.feeds.at("all");
  EXPECT_EQ(all.mode, feed_mode::all_versions);
  EXPECT_EQ(all.overlap, 2h);
  EXPECT_EQ(all.max_outage, 48h);
  EXPECT_EQ(lease_prefix_of(config, config.targets.at("eu"), whisks), "eu1-whisks");
  EXPECT_EQ(lease_prefix_of(config, config.targets.at("eu"), all), "eu1-whisks-all-versions");
}

TEST(values, targets_with_prefixes_of_their_own_may_share_a_cluster_id) {
  const auto outcome = load_over_base(R"(
targets:
  eu: {leases: {prefix: a}}
  copy: {cluster_id: eu1, feeds: [whisks], kafka: {brokers: "a:1"}, leases: {prefix: b}}
)");

  EXPECT_TRUE(outcome.ok()) << messages(outcome);
}

TEST(values, targets_with_lease_collections_of_their_own_may_share_a_prefix) {
  const auto outcome = load_over_base(R"(
targets:
  copy: {cluster_id: eu1, feeds: [whisks], kafka: {brokers: "a:1"}, leases: {collection: other}}
)");

  EXPECT_TRUE(outcome.ok()) << messages(outcome);
}

TEST(values, the_instance_is_the_host_unless_it_has_a_name) {
  load_request request;
  request.environment["HOSTNAME"] = "pod-7";

  const auto outcome = load_over_base("instance: \"\"", request);

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(outcome.config->instance, "pod-7");
}

TEST(values, a_feed_nobody_reads_is_a_warning) {
  const auto outcome = load_over_base("feeds: {subjects: {account: main}}");

  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(messages(outcome),
            "case.yaml:1:19: warning: feeds.subjects: no target reads this feed. hint: list it "
            "in a target's `feeds`\n");
}

TEST(values, plain_http_is_fine_on_this_machine) {
  EXPECT_TRUE(load_over_base("accounts: {main: {endpoint: \"http://127.0.0.1:8081/\"}}").ok());
}

} // namespace feedcast::settings
