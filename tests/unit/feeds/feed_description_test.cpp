#include "feeds/cosmos/feed_description.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

using namespace std::chrono_literals;

namespace {

feed_traits of(std::string_view collection, std::string_view account) {
  feed_traits out;
  EXPECT_TRUE(read_collection_traits(collection, out).has_value());
  EXPECT_TRUE(read_account_traits(account, out).has_value());
  return out;
}

} // namespace

TEST(feed_description, says_how_long_documents_and_versions_live) {
  const auto plain = of(R"({"id":"c"})", R"({"id":"a"})");
  EXPECT_TRUE(plain.known);
  EXPECT_FALSE(plain.default_ttl);
  EXPECT_FALSE(plain.retention);
  EXPECT_EQ(of(R"({"defaultTtl":-1})", "{}").default_ttl, -1);
  EXPECT_EQ(of(R"({"defaultTtl":60})", "{}").default_ttl, 60);
  EXPECT_FALSE(of(R"({"defaultTtl":null})", "{}").default_ttl);
  EXPECT_EQ(of("{}", R"({"continuousBackupEnabled":true})").retention, 168h);
  EXPECT_FALSE(of("{}", R"({"continuousBackupEnabled":false})").retention);
  EXPECT_EQ(
      of(R"({"changeFeedPolicy":{"retentionDuration":5}})", R"({"continuousBackupEnabled":true})")
          .retention,
      5min);
  EXPECT_FALSE(of(R"({"changeFeedPolicy":{"retentionDuration":0}})", "{}").retention);
  EXPECT_FALSE(of(R"({"changeFeedPolicy":7})", "{}").retention);
}

TEST(feed_description, refuses_what_is_none) {
  feed_traits out;
  EXPECT_FALSE(read_collection_traits("<html>", out).has_value());
  EXPECT_FALSE(read_account_traits("", out).has_value());
}

} // namespace feedcast::cosmos
