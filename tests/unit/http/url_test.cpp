#include "http/url.hpp"

#include <gtest/gtest.h>

#include <string>

namespace feedcast::http {

namespace {

TEST(origin, reads_scheme_host_and_port) {
  const auto read = parse_origin("HTTPS://Acct.Documents.Azure.com:8443/").value();

  EXPECT_EQ(read, (origin{"https", "acct.documents.azure.com", 8443}));
  EXPECT_TRUE(read.secure());
  EXPECT_EQ(read.to_string(), "https://acct.documents.azure.com:8443");
}

TEST(origin, port_defaults_by_scheme) {
  EXPECT_EQ(parse_origin("https://a").value().port, 443);
  EXPECT_EQ(parse_origin("http://a/").value().port, 80);
  EXPECT_EQ(parse_origin("http://a:/").value().port, 80);
}

TEST(origin, takes_names_that_begin_like_an_address) {
  EXPECT_EQ(parse_origin("http://10.0.0.1.nip.io").value().host, "10.0.0.1.nip.io");
  EXPECT_EQ(parse_origin("http://my_host-1").value().host, "my_host-1");
}

TEST(origin, stores_ipv6_without_brackets) {
  const auto read = parse_origin("http://[2001:DB8::1]:81").value();

  EXPECT_EQ(read.host, "2001:db8::1");
  EXPECT_EQ(read.to_string(), "http://[2001:db8::1]:81");
}

TEST(origin, refusals_say_what_is_wrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"acct.documents.azure.com", "no scheme"},
      {"ftp://a", "http or https"},
      {"https://a/path", "path"},
      {"https://a/?x=1", "query"},
      {"https://a/#x", "query"},
      {"https://a:65536", "port"},
      {"https://a:0", "port"},
      {"https://a:x", "port"},
      {"https://a:1:2", "port"},
      {"https://[::1", "host"},
      {"https://[::1]x", "host"},
      {"https://[a]", "host"},
      {"https://::1/", "host"},
      {"https://a?x", "query"},
      {"https://", "host"},
      {"https://a b/", "host"},
      {"https://a%2Fb/", "host"},
      {"", "no scheme"},
  };
  for (const auto& [text, reason] : cases) {
    const auto read = parse_origin(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, errc::rejected);
    EXPECT_NE(read.error().detail.find(reason), std::string::npos) << read.error().detail;
  }
}

TEST(origin, refusal_never_shows_a_password) {
  const auto read = parse_origin("https://admin:hunter2@couch:5984");

  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().detail.find("hunter2"), std::string::npos);
  EXPECT_NE(read.error().detail.find("user and password"), std::string::npos);
}

TEST(origin, knows_loopback) {
  for (const auto* near : {"http://localhost", "http://127.0.0.1", "http://127.9.9.9",
                           "http://[::1]", "http://LOCALHOST"})
    EXPECT_TRUE(parse_origin(near).value().loopback()) << near;
  for (const auto* far : {"http://feedcast.localhost", "http://example.org", "http://128.0.0.1",
                          "http://[::2]", "http://127.0.0.1.example.org", "http://notlocalhost"})
    EXPECT_FALSE(parse_origin(far).value().loopback()) << far;
}

} // namespace

} // namespace feedcast::http
