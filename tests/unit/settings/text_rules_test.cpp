#include "settings/text_rules.hpp"

#include <gtest/gtest.h>

namespace feedcast::settings {

TEST(text_rules, an_endpoint_is_scheme_host_and_port) {
  const auto full = parse_endpoint("https://Acme.Documents.azure.com:8443/");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->scheme, "https");
  EXPECT_EQ(full->host, "acme.documents.azure.com");
  EXPECT_EQ(full->port, 8443);
  EXPECT_EQ(parse_endpoint("https://a")->port, 443);
  EXPECT_EQ(parse_endpoint("http://a/")->port, 80);
  EXPECT_EQ(parse_endpoint("http://[::1]:8081")->host, "::1");
}

TEST(text_rules, nothing_else_is_an_endpoint) {
  for (const auto* text :
       {"", "a", "://a", "ftp://a", "https://", "https:///", "https://a/b", "https://a?b",
        "https://u@a", "https://a:", "https://a:0", "https://a:65536", "https://a b",
        "https://[::1", "https://[zz]", "https://[::1]x", "https://a//"})
    EXPECT_FALSE(parse_endpoint(text)) << text;
}

TEST(text_rules, loopback_is_told_from_names_that_look_like_it) {
  for (const auto* host : {"localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const auto* host : {"", "127.0.0.1.example.com", "127.1", "localhost.example.com",
                           "10.0.0.1", "::2", "127.a.b.c"})
    EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(text_rules, host_and_port_need_each_other) {
  EXPECT_EQ(parse_host_port("kafka.eu:9092")->port, 9092);
  EXPECT_EQ(parse_host_port("[::1]:0")->host, "::1");
  for (const auto* text :
       {"", "a", ":1", "a:", "a:b", "a:1:2", "a:-1", "a:65536", "::1:80", "a b:1"})
    EXPECT_FALSE(parse_host_port(text)) << text;
}

TEST(text_rules, base64_is_checked_to_the_last_sign) {
  for (const auto* text : {"YQ==", "YWI=", "YWJj", "+/+/"})
    EXPECT_TRUE(is_base64(text)) << text;
  for (const auto* text : {"", "YQ=", "YQ", "Y===", "YW=j", "YWJ\n", "Y Jj", "-_-_"})
    EXPECT_FALSE(is_base64(text)) << text;
}

TEST(text_rules, names_are_short_and_plain) {
  EXPECT_TRUE(is_name("eu-west_1.a"));
  EXPECT_TRUE(is_name(std::string(64, 'a')));
  for (const auto& text : {std::string{}, std::string(65, 'a'), std::string{"-a"},
                           std::string{"a/b"}, std::string{"\xC3\xA4"}})
    EXPECT_FALSE(is_name(text)) << text;
}

TEST(text_rules, topics_are_what_kafka_takes) {
  EXPECT_TRUE(is_topic_name("cacheInvalidation"));
  EXPECT_TRUE(is_topic_name(std::string(249, 'a')));
  for (const auto& text : {std::string{}, std::string{"."}, std::string{".."},
                           std::string(250, 'a'), std::string{"a b"}, std::string{"a:b"}})
    EXPECT_FALSE(is_topic_name(text)) << text;
}

TEST(text_rules, databases_of_couchdb_are_what_it_takes) {
  for (const auto& text : {std::string{"a"}, std::string{"whisk_local_whisks"},
                           std::string{"a0_$()+-/z"}, std::string(238, 'a')})
    EXPECT_TRUE(is_couchdb_name(text)) << text;
  for (const auto& text : {std::string{}, std::string{"A"}, std::string{"aB"}, std::string{"1a"},
                           std::string{"_users"}, std::string{"a.b"}, std::string{"a b"},
                           std::string{"a%2F"}, std::string(239, 'a')})
    EXPECT_FALSE(is_couchdb_name(text)) << text;
}

TEST(text_rules, passwords_are_known_by_the_name_of_their_property) {
  for (const auto* name :
       {"sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem",
        "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config"})
    EXPECT_TRUE(is_secret_property(name)) << name;
  for (const auto* name : {"sasl.username", "ssl.ca.location", "debug"})
    EXPECT_FALSE(is_secret_property(name)) << name;
}

} // namespace feedcast::settings
