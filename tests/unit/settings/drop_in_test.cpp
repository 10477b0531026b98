#include "fixture.hpp"
#include "settings/complete.hpp"
#include "settings/upstream_variables.hpp"

#include <gmock/gmock.h>

namespace feedcast::settings {

using testing::HasSubstr;

namespace {

/// The least that the replaced service starts with.
load_request four_variables() {
  load_request request;
  request.environment = {{"COSMOSDB_ENDPOINT", "https://acme.documents.azure.com:443/"},
                         {"COSMOSDB_KEY", "aHVudGVyMg=="},
                         {"COSMOSDB_NAME", "openwhisk"},
                         {"KAFKA_HOSTS", "k0:9092,k1:9092"},
                         {"HOSTNAME", "pod-0"}};
  return request;
}

load_outcome load_with(const std::map<std::string, std::string>& more) {
  auto request = four_variables();
  for (const auto& [name, value] : more)
    request.environment[name] = value;
  return load(request);
}

} // namespace

TEST(drop_in, needs_four_variables_only) {
  const auto outcome = load(four_variables());

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(messages(outcome), "");
  const auto& config = *outcome.config;
  EXPECT_EQ(config.accounts.at("main").endpoint, "https://acme.documents.azure.com:443/");
  EXPECT_EQ(config.accounts.at("main").key.reveal(), "aHVudGVyMg==");
  EXPECT_EQ(config.accounts.at("main").database, "openwhisk");
  EXPECT_EQ(config.feeds.at("whisks").collection, "whisks");
  EXPECT_EQ(config.feeds.at("whisks").start, start_kind::now);
  const auto& target = config.targets.at("default");
  EXPECT_THAT(target.feeds, testing::ElementsAre("whisks"));
  EXPECT_EQ(target.kafka.brokers, "k0:9092,k1:9092");
  EXPECT_EQ(topic_of(target.kafka), "cacheInvalidation");
  EXPECT_EQ(target.kafka.key, "constant");
  EXPECT_EQ(target.confirm_after.count(), 0);
  EXPECT_EQ(target.own_changes, own_changes_mode::send);
  EXPECT_EQ(config.leases.collection, "cache-invalidator-lease");
  EXPECT_EQ(lease_prefix_of(config, target, config.feeds.at("whisks")), "whisks");
  EXPECT_EQ(config.admin.listen, "0.0.0.0:8080");
  EXPECT_EQ(config.instance, "pod-0");
}

TEST(drop_in, takes_over_every_setting_that_means_something) {
  const auto outcome =
      load_with({{"CONFIG_whisk_cacheInvalidator_clusterId", "eu1"},
                 {"CONFIG_whisk_cacheInvalidator_port", "9000"},
                 {"CONFIG_whisk_cacheInvalidator_cosmosdb_leaseCollection", "leases"},
                 {"CONFIG_whisk_cacheInvalidator_cosmosdb_hostname", "ci-0"},
                 {"CONFIG_whisk_cacheInvalidator_cosmosdb_startFromBeginning", "true"},
                 {"CONFIG_whisk_cacheInvalidator_cosmosdb_throughput", "800"},
                 {"CONFIG_whisk_kafka_topics_prefix", "dev-"},
                 {"CONFIG_akka_kafka_producer_kafkaClients_security_protocol", "SSL"}});

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(messages(outcome), "");
  const auto& config = *outcome.config;
  const auto& target = config.targets.at("default");
  EXPECT_EQ(target.cluster_id, "eu1");
  EXPECT_EQ(target.own_changes, own_changes_mode::skip);
  EXPECT_EQ(topic_of(target.kafka), "dev-cacheInvalidation");
  EXPECT_EQ(target.kafka.properties.at("security.protocol"), "SSL");
  EXPECT_EQ(lease_prefix_of(config, target, config.feeds.at("whisks")), "eu1-whisks");
  EXPECT_EQ(config.leases.collection, "leases");
  EXPECT_EQ(config.leases.throughput, 800u);
  EXPECT_EQ(config.feeds.at("whisks").start, start_kind::beginning);
  EXPECT_EQ(config.admin.listen, "0.0.0.0:9000");
  EXPECT_EQ(config.instance, "ci-0");
}

TEST(drop_in, names_each_variable_that_is_missing) {
  for (const auto* name : {"COSMOSDB_ENDPOINT", "COSMOSDB_KEY", "COSMOSDB_NAME", "KAFKA_HOSTS"}) {
    for (const bool empty : {false, true}) {
      auto request = four_variables();
      request.environment.erase(name);
      if (empty)
        request.environment[name] = "";

      const auto outcome = load(request);

      EXPECT_FALSE(outcome.ok());
      EXPECT_EQ(messages(outcome),
                "environment " + std::string{name}
                    + ": error: is not set. hint: set it, or name a configuration file with -c\n");
    }
  }
}

TEST(drop_in, names_all_variables_that_are_missing) {
  EXPECT_EQ(load({}).diagnostics.size(), 4u);
}

TEST(drop_in, prefers_the_long_name_over_the_short_one) {
  const auto outcome =
      load_with({{"CONFIG_whisk_cacheInvalidator_cosmosdb_db", "other"},
                 {"CONFIG_pekko_kafka_producer_kafkaClients_bootstrap_servers", "b:1"}});

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(outcome.config->accounts.at("main").database, "other");
  EXPECT_EQ(outcome.config->targets.at("default").kafka.brokers, "b:1");
}

TEST(drop_in, follows_a_dollar_sign_to_another_variable) {
  const auto outcome = load_with({{"CONFIG_whisk_cacheInvalidator_clusterId", "$CLUSTER"},
                                  {"CLUSTER", "eu7"},
                                  {"CONFIG_whisk_cacheInvalidator_cosmosdb_key", "$OTHER_KEY"},
                                  {"OTHER_KEY", "YWJj"}});

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(outcome.config->targets.at("default").cluster_id, "eu7");
  EXPECT_EQ(outcome.config->accounts.at("main").key.reveal(), "YWJj");
}

TEST(drop_in, says_which_variable_points_to_nothing) {
  EXPECT_EQ(messages(load_with({{"CONFIG_whisk_cacheInvalidator_clusterId", "$CLUSTER"}})),
            "environment CONFIG_whisk_cacheInvalidator_clusterId: error: refers to a variable that "
            "is not set. hint: "
            "set the variable named after `$`\n");
}

TEST(drop_in, gives_whisks_and_the_leases_their_own_accounts) {
  const auto outcome = load_with(
      {{"CONFIG_whisk_cacheInvalidator_cosmosdb_collections_whisks_db", "entities"},
       {"CONFIG_whisk_cacheInvalidator_cosmosdb_collections_cacheInvalidatorLease_endpoint",
        "https://local/"},
       {"CONFIG_whisk_cacheInvalidator_cosmosdb_collections_cacheInvalidatorLease_throughput",
        "1200"}});

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(messages(outcome), "");
  const auto& config = *outcome.config;
  EXPECT_EQ(config.accounts.at("main").database, "entities");
  EXPECT_EQ(config.accounts.at("leases").database, "openwhisk");
  EXPECT_EQ(config.accounts.at("leases").endpoint, "https://local/");
  EXPECT_EQ(config.leases.account, "leases");
  EXPECT_EQ(config.leases.throughput, 1200u);
}

TEST(drop_in, warns_of_what_has_no_meaning_here) {
  for (const auto* name : {"CONFIG_whisk_cacheInvalidator_cosmosdb_connectionMode",
                           "CONFIG_whisk_cacheInvalidator_cosmosdb_consistencyLevel",
                           "CONFIG_whisk_cacheInvalidator_eventProducer_bufferSize",
                           "CONFIG_whisk_cacheInvalidator_cosmosdb_collections_whisks_throughput",
                           "CONFIG_whisk_cacheInvalidator_cosmosdb_collections_subjects_db",
                           "CONFIG_whisk_metrics_prometheusEnabled", "METRICS_KAMON", "METRICS_LOG",
                           "OPENWHISK_CONFIG", "CACHE_INVALIDATOR_OPTS"}) {
    const auto outcome = load_with({{name, "x"}});

    EXPECT_TRUE(outcome.ok()) << messages(outcome);
    EXPECT_THAT(messages(outcome), HasSubstr("environment " + std::string{name}
                                             + ": warning: has no meaning for feedcast. hint: "));
  }
}

TEST(drop_in, warns_of_producer_settings_it_does_not_take_over) {
  const auto outcome =
      load_with({{"CONFIG_pekko_kafka_producer_kafkaClients_sasl_jaas_config", "hunter2"}});

  EXPECT_TRUE(outcome.ok());
  EXPECT_THAT(messages(outcome), HasSubstr("this producer setting is not taken over: "
                                           "pekko.kafka.producer.kafka-clients.sasl.jaas.config"));
  EXPECT_THAT(messages(outcome), testing::Not(HasSubstr("hunter2")));
}

TEST(drop_in, warns_of_misspelt_settings) {
  EXPECT_THAT(messages(load_with({{"CONFIG_whisk_cacheInvalidator_clusterID", "eu1"}})),
              HasSubstr("is not a setting of the replaced service: "
                        "whisk.cache-invalidator.cluster-i-d. hint: did you "
                        "mean \"whisk.cache-invalidator.cluster-id\"?"));
}

TEST(drop_in, leaves_the_settings_of_other_services_alone) {
  const auto outcome = load_with({{"CONFIG_whisk_kafka_common_securityProtocol", "SSL"},
                                  {"CONFIG_logback_log_level", "INFO"}});

  EXPECT_EQ(messages(outcome), "");
}

TEST(drop_in, can_be_refined_by_variables_and_sets) {
  auto request = four_variables();
  request.environment["FEEDCAST_TARGETS__DEFAULT__REGIONS"] = "West Europe";
  request.environment["FEEDCAST_ACCOUNTS__MAIN__PROXY"] = "none";
  request.sets = {"targets.default.kafka.key=id"};

  const auto outcome = load(request);

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_THAT(outcome.config->targets.at("default").regions, testing::ElementsAre("West Europe"));
  EXPECT_EQ(outcome.config->accounts.at("main").proxy, "none");
  EXPECT_EQ(outcome.config->targets.at("default").kafka.key, "id");
}

TEST(drop_in, completes_a_file_that_names_no_account) {
  const auto outcome = load_alone("tuning: {poll: {max: 3s}}", four_variables());

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_TRUE(outcome.config->targets.contains("default"));
}

TEST(drop_in, leaves_the_targets_to_a_file_that_has_some) {
  auto request = four_variables();
  request.environment.erase("KAFKA_HOSTS");

  const auto outcome = load_alone(
      "targets: {eu: {cluster_id: eu1, feeds: [whisks], kafka: {brokers: \"a:1\"}}}", request);

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_FALSE(outcome.config->targets.contains("default"));
}

TEST(drop_in, is_ignored_with_a_warning_beside_a_file_with_accounts) {
  const auto outcome = load_over_base({}, four_variables());

  ASSERT_TRUE(outcome.ok());
  EXPECT_FALSE(outcome.config->targets.contains("default"));
  EXPECT_EQ(messages(outcome), "environment COSMOSDB_ENDPOINT: warning: is ignored. hint: the "
                               "configuration file names its own accounts\n"
                               "environment COSMOSDB_KEY: warning: is ignored. hint: the "
                               "configuration file names its own accounts\n"
                               "environment COSMOSDB_NAME: warning: is ignored. hint: the "
                               "configuration file names its own accounts\n");
}

TEST(drop_in, does_not_warn_of_variables_that_the_file_uses) {
  auto request = four_variables();
  request.environment.erase("COSMOSDB_NAME");

  const auto outcome = load_over_base(
      "accounts: {main: {key: {from_env: COSMOSDB_KEY}, endpoint: \"${COSMOSDB_ENDPOINT}\"}}",
      request);

  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(messages(outcome), "");
}

TEST(drop_in, names_settings_as_the_replaced_service_does) {
  EXPECT_EQ(dotted_name("CONFIG_whisk_cacheInvalidator_cosmosdb_leaseCollection"),
            "whisk.cache-invalidator.cosmosdb.lease-collection");
  EXPECT_EQ(dotted_name("CONFIG_akka_kafka_producer_x"), "pekko.kafka.producer.x");
  EXPECT_EQ(dotted_name("CONFIG_whisk_couchdb_databases_WhiskEntity"),
            "whisk.couchdb.databases.WhiskEntity");
}

TEST(drop_in, checks_what_it_takes_over) {
  EXPECT_THAT(
      messages(load_with({{"CONFIG_whisk_cacheInvalidator_port", "http"}})),
      HasSubstr(
          "environment CONFIG_whisk_cacheInvalidator_port: error: admin.listen: is not host:port"));
  EXPECT_THAT(
      messages(load_with({{"CONFIG_whisk_cacheInvalidator_cosmosdb_startFromBeginning", "yes"}})),
      HasSubstr("is neither true nor false"));
  EXPECT_THAT(messages(load_with({{"KAFKA_HOSTS", "kafka"}})),
              HasSubstr("environment KAFKA_HOSTS: error: targets.default.kafka.brokers: is not a "
                        "list of host:port"));
}

} // namespace feedcast::settings
