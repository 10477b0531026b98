#include "fixture.hpp"

#include <gmock/gmock.h>

namespace feedcast::settings {

namespace {

load_outcome with_variables(std::map<std::string, std::string> environment,
                            std::string_view yaml = {}) {
  load_request request;
  request.environment = std::move(environment);
  return load_over_base(yaml, request);
}

load_outcome with_sets(std::vector<std::string> sets) {
  load_request request;
  request.sets = std::move(sets);
  return load_over_base({}, request);
}

} // namespace

TEST(environment, reaches_every_depth_in_any_case) {
  const auto outcome = with_variables({{"FEEDCAST_INSTANCE", "a"},
                                       {"FEEDCAST_TARGETS__EU__KAFKA__TOPIC", "b"},
                                       {"FEEDCAST_admin__Listen", "off"}});

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(outcome.config->instance, "a");
  EXPECT_EQ(outcome.config->targets.at("eu").kafka.topic, "b");
  EXPECT_EQ(outcome.config->admin.listen, "off");
}

TEST(environment, meets_names_with_dashes_dots_and_capitals) {
  const auto outcome =
      with_variables({{"FEEDCAST_TARGETS__US_WEST_2__CLUSTER_ID", "x"}},
                     "targets: {US-west.2: {feeds: [whisks], kafka: {brokers: \"a:1\"}}}");

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(outcome.config->targets.at("US-west.2").cluster_id, "x");
}

TEST(environment, makes_new_entries_in_lower_case) {
  const auto outcome = with_variables({{"FEEDCAST_TARGETS__US__FEEDS", "whisks"},
                                       {"FEEDCAST_TARGETS__US__CLUSTER_ID", "us1"},
                                       {"FEEDCAST_TARGETS__US__KAFKA__BROKERS", "k:1"}});

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(outcome.config->targets.at("us").kafka.brokers, "k:1");
}

TEST(environment, splits_lists_at_commas) {
  const auto outcome =
      with_variables({{"FEEDCAST_TARGETS__EU__REGIONS", "West Europe , North Europe"}});

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_THAT(outcome.config->targets.at("eu").regions,
              testing::ElementsAre("West Europe", "North Europe"));
}

TEST(environment, writes_properties_with_underscores_for_dots) {
  const auto outcome =
      with_variables({{"FEEDCAST_TARGETS__EU__KAFKA__PROPERTIES__SECURITY_PROTOCOL", "SSL"}});

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_THAT(outcome.config->targets.at("eu").kafka.properties,
              testing::ElementsAre(testing::Pair("security.protocol", "SSL")));
}

TEST(environment, takes_secrets_and_references_to_them_without_a_warning) {
  const auto literal = with_variables({{"FEEDCAST_ACCOUNTS__MAIN__KEY", "b3RoZXI="}});
  const auto reference =
      with_variables({{"FEEDCAST_ACCOUNTS__MAIN__KEY__FROM_ENV", "OTHER"}, {"OTHER", "b3RoZXI="}});

  for (const auto* outcome : {&literal, &reference}) {
    ASSERT_TRUE(outcome->ok()) << messages(*outcome);
    EXPECT_EQ(messages(*outcome), "");
    EXPECT_EQ(outcome->config->accounts.at("main").key.reveal(), "b3RoZXI=");
  }
}

TEST(environment, leaves_alone_what_is_no_configuration) {
  const auto outcome = with_variables({{"FEEDCAST_CONFIG", "x"},
                                       {"FEEDCAST_LOG_LEVEL", "debug"},
                                       {"FEEDCAST_LOG_FORMAT", "json"},
                                       {"FEEDCAST_SOURCE_DIR", "/x"},
                                       {"FEEDCAST_BINARY_DIR", "/x"},
                                       {"FEEDCASTER", "x"},
                                       {"feedcast_instance", "x"}});

  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(messages(outcome), "");
}

TEST(environment, leaves_alone_what_kubernetes_says_of_a_service_named_feedcast) {
  const auto outcome = with_variables({{"FEEDCAST_SERVICE_HOST", "10.0.0.1"},
                                       {"FEEDCAST_SERVICE_PORT", "8080"},
                                       {"FEEDCAST_SERVICE_PORT_ADMIN", "8080"},
                                       {"FEEDCAST_PORT", "tcp://10.0.0.1:8080"},
                                       {"FEEDCAST_PORT_8080_TCP", "tcp://10.0.0.1:8080"},
                                       {"FEEDCAST_PORT_8080_TCP_PROTO", "tcp"},
                                       {"FEEDCAST_PORT_8080_TCP_PORT", "8080"},
                                       {"FEEDCAST_PORT_8080_TCP_ADDR", "10.0.0.1"},
                                       {"FEEDCAST_ADMIN_SERVICE_HOST", "10.0.0.1"},
                                       {"FEEDCAST_ADMIN_PORT", "tcp://10.0.0.1:8080"}});

  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(messages(outcome), "");
}

TEST(set_option, takes_paths_with_quotes_and_values_with_anything) {
  const auto outcome = with_sets({R"(targets.eu.kafka.properties."security.protocol"=SSL)",
                                  R"(targets.eu.kafka.properties."a=b"=c="d".e)",
                                  "targets.eu.regions=[West Europe, North Europe]"});

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  const auto& target = outcome.config->targets.at("eu");
  EXPECT_THAT(target.kafka.properties,
              testing::UnorderedElementsAre(testing::Pair("security.protocol", "SSL"),
                                            testing::Pair("a=b", R"(c="d".e)")));
  EXPECT_THAT(target.regions, testing::ElementsAre("West Europe", "North Europe"));
}

TEST(set_option, warns_of_a_secret_that_everybody_can_list) {
  const auto outcome = with_sets({"accounts.main.key=aHVudGVyMg=="});

  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(messages(outcome),
            "--set: warning: accounts.main.key: a secret is written out in plain text. hint: "
            "write {from_file: PATH} or {from_env: NAME} instead\n");
}

} // namespace feedcast::settings
