#include "fixture.hpp"
#include "settings/printer.hpp"

#include <gmock/gmock.h>

namespace feedcast::settings {

using testing::HasSubstr;
using testing::Not;

namespace {

constexpr const char* rest = R"(
feeds: {whisks: {account: main}}
targets: {eu: {feeds: [whisks], kafka: {brokers: "k:1"}}}
instance: i
)";

load_request with_variables() {
  load_request request;
  request.environment = {
      {"KEY", "YWJj"}, {"TOKEN", "type=resource&ver=1&sig=hunter2"}, {"SECRET", "hunter2"}};
  return request;
}

/// A configuration whose one account has these credentials.
load_outcome load_account(const std::string& credentials, load_request request = with_variables()) {
  return load_alone("accounts: {main: {endpoint: \"https://a.example/\", database: d, "
                        + credentials + "}}" + rest,
                    std::move(request));
}

std::string complaints(const std::string& credentials) {
  return messages(load_account(credentials));
}

const aad_config& aad_of(const load_outcome& outcome) {
  return *outcome.config->accounts.at("main").aad;
}

load_outcome load_kafka(const std::string& kafka, load_request request = with_variables()) {
  return load_over_base("targets: {eu: {kafka: {" + kafka + "}}}", std::move(request));
}

constexpr const char* oauth =
    "oauth: {token_url: \"https://login.example/token\", client_id: me, "
    "client_secret: {from_env: SECRET}, scope: kafka, extensions: [logicalCluster=lkc-1]}";

} // namespace

TEST(credentials, of_each_kind_are_read) {
  const auto token = load_account("resource_token: {from_env: TOKEN}");
  ASSERT_TRUE(token.ok()) << messages(token);
  EXPECT_EQ(token.config->accounts.at("main").resource_token.reveal(),
            "type=resource&ver=1&sig=hunter2");

  const auto secret =
      load_account("aad: {tenant: t.example, client_id: 11-22, client_secret: {from_env: SECRET}}");
  ASSERT_TRUE(secret.ok()) << messages(secret);
  EXPECT_EQ(messages(secret), "");
  EXPECT_EQ(aad_of(secret).identity, "client_secret");
  EXPECT_EQ(aad_of(secret).client_secret.reveal(), "hunter2");
  EXPECT_EQ(aad_of(secret).authority, "https://login.microsoftonline.com/");
}

TEST(credentials, of_a_workload_come_from_the_environment_that_azure_makes) {
  const temporary_folder folder;
  auto request = with_variables();
  request.environment["AZURE_TENANT_ID"] = "t.example";
  request.environment["AZURE_CLIENT_ID"] = "11-22";
  request.environment["AZURE_FEDERATED_TOKEN_FILE"] = folder.write("token", "jwt").string();
  request.environment["AZURE_AUTHORITY_HOST"] = "https://login.microsoftonline.us/";

  const auto outcome = load_account("aad: {identity: workload_identity, client_id: own}", request);

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(aad_of(outcome).tenant, "t.example");
  EXPECT_EQ(aad_of(outcome).client_id, "own") << "what is written wins";
  EXPECT_EQ(aad_of(outcome).token_file, (folder.path() / "token").string());
  EXPECT_EQ(aad_of(outcome).authority, "https://login.microsoftonline.us/");
}

TEST(credentials, of_a_managed_identity_need_nothing) {
  const auto machine = load_account("aad: {identity: managed_identity}");
  ASSERT_TRUE(machine.ok()) << messages(machine);
  EXPECT_EQ(aad_of(machine).identity_endpoint,
            "http://169.254.169.254/metadata/identity/oauth2/token");

  auto request = with_variables();
  request.environment["IDENTITY_ENDPOINT"] = "http://169.254.255.2:8081/msi/token";
  request.environment["IDENTITY_HEADER"] = "hunter2";
  const auto app_service = load_account("aad: {identity: managed_identity}", request);
  ASSERT_TRUE(app_service.ok()) << messages(app_service);
  EXPECT_EQ(aad_of(app_service).identity_endpoint, "http://169.254.255.2:8081/msi/token");
  EXPECT_EQ(aad_of(app_service).identity_header.reveal(), "hunter2");
}

TEST(credentials, must_be_exactly_one) {
  EXPECT_THAT(complaints("type: cosmosdb"),
              HasSubstr("accounts.main.key: is missing. hint: add `key: {from_file: PATH}` or "
                        "{from_env: NAME}; or resource_token, or aad"));
  EXPECT_THAT(complaints("key: {from_env: KEY}, aad: {identity: managed_identity}"),
              HasSubstr("accounts.main: has several credentials: key and aad. hint: keep one"));
  EXPECT_THAT(complaints("key: {from_env: KEY}, resource_token: {from_env: TOKEN}"),
              HasSubstr("has several credentials: key and resource_token"));
}

TEST(credentials, say_what_an_identity_lacks) {
  const auto text = complaints("aad: {}");
  EXPECT_THAT(text, HasSubstr("accounts.main.aad.tenant: is missing"));
  EXPECT_THAT(text, HasSubstr("accounts.main.aad.client_id: is missing"));
  EXPECT_THAT(text, HasSubstr("accounts.main.aad.client_secret: is missing"));
  EXPECT_THAT(text, Not(HasSubstr("token_file")));
  const auto workload = complaints("aad: {identity: workload_identity}");
  EXPECT_THAT(workload, HasSubstr("aad.token_file: is missing"));
  EXPECT_THAT(workload, HasSubstr("AZURE_FEDERATED_TOKEN_FILE"));
  EXPECT_THAT(workload, Not(HasSubstr("client_secret")));
}

TEST(credentials, say_what_an_identity_has_no_use_for) {
  EXPECT_THAT(complaints("aad: {identity: managed_identity, tenant: t, "
                         "client_secret: {from_env: SECRET}}"),
              testing::AllOf(HasSubstr("aad.tenant: has no meaning for `identity: "
                                       "managed_identity`. hint: remove it"),
                             HasSubstr("aad.client_secret: has no meaning")));
  EXPECT_THAT(complaints("aad: {tenant: t, client_id: c, client_secret: {from_env: SECRET}, "
                         "identity_header: {from_env: SECRET}}"),
              HasSubstr("aad.identity_header: goes with an identity_endpoint only"));
}

TEST(credentials, are_sent_by_https_only_except_nearby) {
  const auto authority = [](const std::string& url) {
    return complaints(
        "aad: {tenant: t, client_id: c, client_secret: {from_env: SECRET}, authority: \"" + url
        + "\"}");
  };
  EXPECT_EQ(authority("https://login.example/"), "");
  EXPECT_EQ(authority("http://127.0.0.1:4/"), "");
  EXPECT_THAT(authority("http://login.example/"),
              HasSubstr("plain http is accepted for loopback addresses only"));
  EXPECT_THAT(authority("http://169.254.169.254/"), HasSubstr("plain http"));
  EXPECT_THAT(authority("login.example"), HasSubstr("is not a URL"));
  const auto endpoint = [](const std::string& url) {
    return complaints("aad: {identity: managed_identity, identity_endpoint: \"" + url + "\"}");
  };
  EXPECT_EQ(endpoint("http://169.254.169.254/token"), "");
  EXPECT_THAT(endpoint("http://169.254.example.org/token"), HasSubstr("plain http"));
  EXPECT_THAT(endpoint("http://10.0.0.1/token"), HasSubstr("plain http"));
}

TEST(credentials, that_are_wrong_are_not_quoted) {
  auto request = with_variables();
  request.environment["TOKEN"] = "hunter2";
  const auto text = messages(load_account("resource_token: {from_env: TOKEN}", request));
  EXPECT_THAT(text, HasSubstr("accounts.main.resource_token: is not a resource token"));
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  EXPECT_THAT(complaints("aad: {identity: workload_identity, tenant: t, client_id: c, "
                         "token_file: /nowhere/token}"),
              HasSubstr("aad.token_file: /nowhere/token: no such file"));
}

TEST(credentials, of_brokers_by_oauth_are_read) {
  const auto outcome =
      load_kafka(std::string{oauth} + ", properties: {security.protocol: sasl_ssl}");
  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  const auto& o = *outcome.config->targets.at("eu").kafka.oauth;
  EXPECT_EQ(o.client_secret.reveal(), "hunter2");
  EXPECT_THAT(o.extensions, testing::ElementsAre("logicalCluster=lkc-1"));
}

TEST(credentials, of_brokers_by_oauth_are_checked) {
  const auto text = messages(load_kafka("oauth: {extensions: [auth=x, nothing]}"));
  EXPECT_THAT(text, HasSubstr("oauth.token_url: is missing"));
  EXPECT_THAT(text, HasSubstr("oauth.client_id: is missing"));
  EXPECT_THAT(text, HasSubstr("oauth.client_secret: is missing"));
  EXPECT_THAT(text, HasSubstr("oauth.extensions[0]: is not NAME=VALUE"));
  EXPECT_THAT(text, HasSubstr("oauth.extensions[1]: is not NAME=VALUE"));
  EXPECT_THAT(text, HasSubstr("security.protocol\": must be SASL_SSL for oauth"));
  EXPECT_THAT(messages(load_kafka(std::string{oauth}
                                  + ", properties: {security.protocol: SASL_SSL, "
                                    "sasl.mechanism: PLAIN}")),
              HasSubstr("kafka.oauth: is for sasl.mechanism OAUTHBEARER"));
  EXPECT_THAT(messages(load_kafka("properties: {security.protocol: SASL_SSL, "
                                  "sasl.mechanism: OAUTHBEARER}")),
              HasSubstr("kafka.oauth: is missing, which sasl.mechanism OAUTHBEARER needs"));
}

TEST(credentials, are_never_printed) {
  const auto account = load_account("aad: {tenant: t.example, client_id: me, "
                                    "client_secret: {from_env: SECRET}}");
  const auto token = load_account("resource_token: {from_env: TOKEN}");
  const auto kafka = load_kafka(std::string{oauth} + ", properties: {security.protocol: SASL_SSL}");
  for (const auto* outcome : {&account, &token, &kafka}) {
    ASSERT_TRUE(outcome->ok()) << messages(*outcome);
    EXPECT_THAT(print_effective(*outcome), Not(HasSubstr("hunter2")));
    EXPECT_THAT(print_effective(*outcome), HasSubstr(": <secret>"));
  }
}

} // namespace feedcast::settings
