#include "fixture.hpp"
#include "settings/printer.hpp"
#include "settings/secret_source.hpp"

#include <gmock/gmock.h>

namespace feedcast::settings {

using testing::HasSubstr;
using testing::Not;

TEST(secrets, are_read_from_files_without_their_line_end) {
  const temporary_folder folder;
  for (const auto* content : {"YWJj", "YWJj\n", "YWJj\r\n", "YWJj\n\n"}) {
    const auto file = folder.write("key", content);

    const auto outcome =
        load_over_base("accounts: {main: {key: {from_file: \"" + file.string() + "\"}}}");

    ASSERT_TRUE(outcome.ok()) << messages(outcome);
    EXPECT_EQ(outcome.config->accounts.at("main").key.reveal(), "YWJj");
  }
}

TEST(secrets, are_read_through_links_as_kubernetes_mounts_them) {
  const temporary_folder folder;
  std::filesystem::create_symlink(folder.write("..data", "YWJj"), folder.path() / "key");

  const auto outcome = load_over_base("accounts: {main: {key: {from_file: \""
                                      + (folder.path() / "key").string() + "\"}}}");

  EXPECT_TRUE(outcome.ok()) << messages(outcome);
}

TEST(secrets, can_be_read_again_from_the_file_they_came_from) {
  const temporary_folder folder;
  const auto file = folder.write("key", "YWJj\n");
  const auto known =
      load_over_base("accounts: {main: {key: {from_file: \"" + file.string() + "\"}}}")
          .config->accounts.at("main")
          .key;

  folder.write("key", "ZGVm\n");
  EXPECT_EQ(read_again(known).reveal(), "ZGVm");
  EXPECT_EQ(read_again(read_again(known)).reveal(), "ZGVm") << "it still knows its file";
  folder.write("key", "\n");
  EXPECT_EQ(read_again(known).reveal(), "YWJj") << "half written";
  std::filesystem::remove(file);
  EXPECT_EQ(read_again(known).reveal(), "YWJj");
  EXPECT_EQ(read_again(secret{"literal"}).reveal(), "literal");
}

TEST(secrets, in_a_file_too_large_are_refused) {
  const temporary_folder folder;
  const auto file = folder.write("key", std::string(65'537, 'a'));

  const auto text =
      messages(load_over_base("accounts: {main: {key: {from_file: \"" + file.string() + "\"}}}"));

  EXPECT_THAT(text, HasSubstr("is larger than 64 KiB"));
  EXPECT_THAT(text, Not(HasSubstr("aaaa")));
}

TEST(secrets, written_out_work_with_a_warning) {
  const auto outcome = load_over_base("accounts: {main: {key: aHVudGVyMg==}}");

  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome.config->accounts.at("main").key.reveal(), "aHVudGVyMg==");
  EXPECT_EQ(messages(outcome),
            "case.yaml:1:24: warning: accounts.main.key: a secret is written out in plain text. "
            "hint: write {from_file: PATH} or {from_env: NAME} instead\n");
}

TEST(secrets, out_of_a_variable_need_no_warning) {
  load_request request;
  request.environment["K"] = "aHVudGVyMg==";

  const auto outcome = load_over_base("accounts: {main: {key: \"${K}\"}}", request);

  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(messages(outcome), "");
}

TEST(secrets, among_the_properties_are_told_by_name_or_by_form) {
  load_request request;
  request.environment["USER_NAME"] = "me";
  const auto outcome = load_over_base(R"(
targets: {eu: {kafka: {properties: {
  sasl.password: hunter2, sasl.username: {from_env: USER_NAME}, security.protocol: SASL_SSL}}}}
)",
                                      request);

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  const auto& kafka = outcome.config->targets.at("eu").kafka;
  EXPECT_THAT(kafka.properties,
              testing::ElementsAre(testing::Pair("security.protocol", "SASL_SSL")));
  EXPECT_EQ(kafka.secret_properties.at("sasl.password").reveal(), "hunter2");
  EXPECT_EQ(kafka.secret_properties.at("sasl.username").reveal(), "me");
  EXPECT_THAT(messages(outcome), HasSubstr("a secret is written out in plain text"));
  EXPECT_THAT(messages(outcome), Not(HasSubstr("hunter2")));
}

TEST(secrets, are_never_printed) {
  load_request request;
  request.environment["TEST_KEY"] = "aHVudGVyMg==";
  request.environment["PASSWORD"] = "hunter2";
  request.environment["FEEDCAST_ACCOUNTS__OTHER__KEY"] = "aHVudGVyMg==";
  request.sets = {R"(targets.eu.kafka.properties."ssl.key.password"=hunter2)"};
  const auto outcome = load_over_base(R"(
accounts:
  main: {proxy: "http://me:hunter2@proxy:3128"}
  other: {endpoint: "https://b/", database: d}
targets: {eu: {kafka: {properties: {sasl.password: {from_env: PASSWORD}, ssl.key.pem: hunter2}}}}
)",
                                      request);

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  const auto shown = print_effective(outcome) + messages(outcome);
  EXPECT_THAT(shown, Not(HasSubstr("hunter2")));
  EXPECT_THAT(shown, Not(HasSubstr("aHVudGVyMg")));
  EXPECT_THAT(shown, HasSubstr("key: <secret>"));
  EXPECT_THAT(shown, HasSubstr("\"http://<secret>@proxy:3128\""));
  EXPECT_THAT(shown, HasSubstr("sasl.password: <secret>"));
}

TEST(secrets, in_the_wrong_place_are_not_quoted_back) {
  const auto long_key = std::string(86, 'x') + "==";
  for (const auto* path :
       {"accounts.main.type", "accounts.main.endpoint", "accounts.main.proxy",
        "accounts.main.database.x", "feeds.whisks.account", "feeds.whisks.start",
        "feeds.whisks.identities", "targets.eu.cluster_id", "targets.eu.own_changes",
        "targets.eu.feeds", "targets.eu.filter.kinds", "targets.eu.kafka.brokers",
        "targets.eu.kafka.create_topic", "leases.account", "leases.throughput", "admin.listen",
        "drain_deadline", "tuning.window.bytes", "tuning.page.max_items"}) {
    load_request request;
    request.sets = {std::string{path} + '=' + long_key};

    const auto outcome = load_over_base({}, request);

    EXPECT_FALSE(outcome.ok()) << path;
    EXPECT_THAT(messages(outcome), Not(HasSubstr("xxxx"))) << path;
  }
}

} // namespace feedcast::settings
