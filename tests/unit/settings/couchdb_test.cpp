#include "fixture.hpp"
#include "settings/complete.hpp"
#include "settings/printer.hpp"

#include <gmock/gmock.h>

namespace feedcast::settings {

using testing::HasSubstr;
using testing::Not;

namespace {

constexpr const char* account = R"(
accounts:
  couch: {type: couchdb, endpoint: "https://couch.example:6984/", user: feedcast, password: {from_env: TEST_KEY}}
)";

load_outcome load_couchdb(const std::string& rest) {
  return load_over_base(account + rest);
}

const char* const both_kinds = R"(
feeds: {w: {account: couch, collection: guest/whisks}}
targets: {eu: {feeds: [whisks, w]}}
)";

} // namespace

TEST(couchdb, accounts_log_in_by_a_session_unless_told_otherwise) {
  const auto outcome = load_couchdb(both_kinds);

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(messages(outcome), "");
  const auto& couch = outcome.config->accounts.at("couch");
  EXPECT_TRUE(is_couchdb(couch));
  EXPECT_EQ(couch.login, "cookie");
  EXPECT_EQ(couch.user, "feedcast");
  EXPECT_FALSE(couch.password.empty());
  EXPECT_EQ(outcome.config->accounts.at("main").login, "");
}

TEST(couchdb, accounts_may_have_a_token_or_nothing) {
  const auto token = load_over_base(R"(
accounts: {couch: {type: couchdb, endpoint: "https://couch.example", token: {from_env: TEST_KEY}}}
feeds: {whisks: {account: couch}}
)");
  ASSERT_TRUE(token.ok()) << messages(token);
  EXPECT_EQ(token.config->accounts.at("couch").login, "");
  EXPECT_FALSE(token.config->accounts.at("couch").token.empty());

  const auto nothing = load_over_base(R"(
accounts: {couch: {type: couchdb, endpoint: "http://localhost:5984"}}
feeds: {whisks: {account: couch}}
)");
  ASSERT_TRUE(nothing.ok()) << messages(nothing);
  EXPECT_EQ(messages(nothing), "");
}

TEST(couchdb, passwords_are_read_from_a_file_that_is_remembered) {
  const temporary_folder folder;
  const auto file = folder.write("password", "s3cret\n").string();

  const auto outcome = load_over_base(
      "accounts: {couch: {type: couchdb, endpoint: \"http://localhost:5984\", user: u, password: "
      "{from_file: \""
      + file + "\"}}}\nfeeds: {whisks: {account: couch}}");

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(outcome.config->accounts.at("couch").password.reveal(), "s3cret");
  EXPECT_EQ(outcome.config->accounts.at("couch").password.file(), file);
}

TEST(couchdb, leases_are_kept_in_the_kind_of_database_that_the_feed_is_of) {
  const auto outcome = load_couchdb(both_kinds);
  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  const auto& c = *outcome.config;
  const auto& eu = c.targets.at("eu");

  EXPECT_EQ(lease_store_of(c, eu, c.feeds.at("whisks")), lease_store_kind::cosmosdb);
  EXPECT_EQ(lease_store_of(c, eu, c.feeds.at("w")), lease_store_kind::couchdb);
  EXPECT_EQ(lease_account_of(c, eu, c.feeds.at("w")), "couch");
}

TEST(couchdb, leases_may_be_kept_in_files) {
  const auto outcome =
      load_couchdb(std::string{both_kinds} + "leases: {store: file, path: /var/lib/feedcast}");

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  const auto& c = *outcome.config;
  for (const auto* feed : {"whisks", "w"})
    EXPECT_EQ(lease_store_of(c, c.targets.at("eu"), c.feeds.at(feed)), lease_store_kind::file);
}

TEST(couchdb, leases_that_are_said_to_be_there_are_taken) {
  const auto outcome = load_couchdb(R"(
feeds: {w: {account: couch}}
leases: {store: couchdb, account: couch, collection: feedcast_leases}
targets: {eu: {feeds: [w]}}
)");

  EXPECT_TRUE(outcome.ok()) << messages(outcome);
}

TEST(couchdb, own_changes_without_a_member_to_tell_them_by_are_warned_about) {
  const std::string feed = "feeds: {w: {account: couch}}\n";
  const auto silent = load_couchdb(feed + "targets: {eu: {feeds: [w]}}");
  EXPECT_THAT(messages(silent), Not(HasSubstr("own_changes")));

  const auto loud = load_couchdb(feed + "targets: {eu: {feeds: [w], own_changes: skip}}");
  EXPECT_TRUE(loud.ok());
  EXPECT_THAT(messages(loud),
              HasSubstr("warning: targets.eu.own_changes: has no effect on feed w, whose documents "
                        "don't say which cluster wrote them. hint: name the member that does as "
                        "feeds.w.cluster_id_member, or write send\n"));

  const auto told = load_couchdb("feeds: {w: {account: couch, cluster_id_member: cluster}}\n"
                                 "targets: {eu: {feeds: [w], own_changes: skip}}");
  EXPECT_THAT(messages(told), Not(HasSubstr("own_changes")));
  EXPECT_EQ(told.config->feeds.at("w").cluster_id_member, "cluster");
}

TEST(couchdb, regions_of_a_target_are_warned_about_where_they_mean_nothing) {
  const std::string regions = "regions: [\"West Europe\"]}}\n";
  const auto warned = [](const load_outcome& outcome) {
    return messages(outcome).find("targets.eu.regions: have no meaning") != std::string::npos;
  };
  const std::string feed = "feeds: {w: {account: couch}}\n";

  EXPECT_TRUE(warned(load_couchdb(feed + "targets: {eu: {feeds: [w], " + regions)));
  EXPECT_FALSE(warned(load_couchdb(feed + "targets: {eu: {feeds: [whisks, w], " + regions)));
  // There they say which instance is near.
  EXPECT_FALSE(warned(
      load_couchdb(feed + "region: \"West Europe\"\ntargets: {eu: {feeds: [w], " + regions)));
}

TEST(couchdb, configurations_are_printed_so_that_they_can_be_loaded_again) {
  const auto first = load_couchdb(both_kinds);
  ASSERT_TRUE(first.ok()) << messages(first);
  auto text = print_effective(first);
  const std::string hidden = "<secret>";
  for (auto at = text.find(hidden); at != std::string::npos; at = text.find(hidden))
    text.replace(at, hidden.size(), "{from_env: TEST_KEY}");

  const auto second = load_alone(text);

  ASSERT_TRUE(second.ok()) << messages(second) << text;
  EXPECT_THAT(text, HasSubstr("    login: cookie"));
  EXPECT_EQ(second.config->feeds.at("w").collection, "guest/whisks");
}

} // namespace feedcast::settings
