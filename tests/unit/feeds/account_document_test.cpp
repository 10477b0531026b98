#include "feeds/cosmos/account_document.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

namespace {

http::origin origin(const char* url) {
  return *http::parse_origin(url);
}

const http::origin acme = origin("https://acme.documents.azure.com:443/");

account_document three_regions() {
  return {{{"West US", origin("https://acme-westus.documents.azure.com")},
           {"North Europe", origin("https://acme-northeurope.documents.azure.com")},
           {"West Europe", origin("https://acme-westeurope.documents.azure.com")}},
          {{"West US", origin("https://acme-westus.documents.azure.com")}}};
}

std::string account_naming(const std::string& url) {
  return R"({"writableLocations":[],"readableLocations":[{"name":"West US","databaseAccountEndpoint":")"
         + url + R"("}]})";
}

} // namespace

TEST(account_document, reads_regions_in_order) {
  const auto a = parse_account(R"({"id":"acme",
    "writableLocations":[{"name":"West US","databaseAccountEndpoint":"https://acme-westus.documents.azure.com:443/"}],
    "readableLocations":[{"name":"North Europe","databaseAccountEndpoint":"https://acme-northeurope.documents.azure.com:443/"},
                         {"name":"West US","databaseAccountEndpoint":"https://acme-westus.documents.azure.com:443/"}],
    "enableMultipleWriteLocations":false})",
                               acme);
  ASSERT_TRUE(a.has_value()) << a.error().detail;
  ASSERT_EQ(a->readable.size(), 2U);
  EXPECT_EQ(a->readable[0].region, "North Europe");
  EXPECT_EQ(a->readable[0].endpoint.host, "acme-northeurope.documents.azure.com");
  ASSERT_EQ(a->writable.size(), 1U);
}

TEST(account_document, what_is_none_is_malformed) {
  for (const auto* text : {"", "<html>", "[]", "{}", R"({"writableLocations":[]})",
                           R"({"writableLocations":[],"readableLocations":[1]})",
                           R"({"writableLocations":[],"readableLocations":[{"name":"x"}]})"}) {
    const auto a = parse_account(text, acme);
    ASSERT_FALSE(a.has_value()) << text;
    EXPECT_EQ(a.error().code, errc::malformed);
  }
}

TEST(account_document, a_foreign_host_is_refused_by_name) {
  const auto a = parse_account(account_naming("https://acme.evil.example/"), acme);
  ASSERT_FALSE(a.has_value());
  EXPECT_EQ(a.error().code, errc::rejected);
  EXPECT_NE(a.error().detail.find("acme.evil.example"), std::string::npos);
}

TEST(account_document, only_kindred_hosts_may_be_followed) {
  struct row {
    const char* configured;
    const char* other;
    bool allowed;
  };

  const row rows[] = {
      {"https://acme.documents.azure.com", "https://acme.documents.azure.com:443", true},
      {"https://acme.documents.azure.com", "https://acme-westus.documents.azure.com", true},
      {"https://acme.documents.azure.com", "http://acme-westus.documents.azure.com", false},
      {"https://acme.documents.azure.com", "https://documents.azure.com", false},
      {"https://acme.documents.azure.com", "https://acme.documents.azure.com.evil.example", false},
      {"https://acme.documents.azure.com", "https://evildocuments.azure.com", false},
      {"https://acme.documents.azure.com", "https://.documents.azure.com", false},
      {"https://acme.documents.azure.com", "https://127.0.0.1", false},
      {"https://acme.documents.azure.com", "http://localhost:8081", false},
      {"https://acme.com", "https://evil.com", false},
      {"https://acme.com", "https://acme.com:8443", true},
      {"https://10.0.0.5", "https://11.0.0.5", false},
      {"https://10.0.0.5", "https://10.0.0.5:8081", true},
      {"https://[fd00::1.2.3.4]", "https://[fd01::1.2.3.4]", false},
      {"https://cosmos", "https://cosmos:8081", true},
      {"https://cosmos", "https://other", false},
      {"http://127.0.0.1:8081", "http://127.0.0.1:8082", true},
      {"http://127.0.0.1:8081", "http://localhost:8081", true},
      {"http://127.0.0.1:8081", "https://acme.documents.azure.com", false},
  };
  for (const auto& r : rows)
    EXPECT_EQ(may_follow(origin(r.configured), origin(r.other)), r.allowed)
        << r.configured << " -> " << r.other;
}

TEST(account_document, region_names_compare_without_case_and_spaces) {
  EXPECT_TRUE(same_region("West Europe", "westeurope"));
  EXPECT_TRUE(same_region("WESTEUROPE", "west  europe"));
  EXPECT_FALSE(same_region("West Europe", "West US"));
}

TEST(account_document, regional_endpoints_are_named_after_the_region) {
  EXPECT_EQ(regional_endpoint(acme, "West Europe").to_string(),
            "https://acme-westeurope.documents.azure.com:443");
}

TEST(account_document, the_first_wanted_region_that_exists_is_read) {
  const auto choice =
      choose_endpoints(three_regions(), {"Mars", "west europe", "North Europe"}, acme);
  EXPECT_EQ(choice.read.region, "West Europe");
  EXPECT_EQ(choice.write.region, "West US");
  EXPECT_FALSE(choice.unguided);
  EXPECT_FALSE(choice.unmet);
}

TEST(account_document, without_wishes_the_accounts_order_decides) {
  const auto choice = choose_endpoints(three_regions(), {}, acme);
  EXPECT_EQ(choice.read.region, "West US");
  EXPECT_TRUE(choice.unguided);
  EXPECT_FALSE(choice.unmet);
}

TEST(account_document, wishes_that_can_not_be_met_are_told) {
  const auto choice = choose_endpoints(three_regions(), {"Mars"}, acme);
  EXPECT_EQ(choice.read.region, "West US");
  EXPECT_TRUE(choice.unmet);
  EXPECT_FALSE(choice.unguided);
}

TEST(account_document, an_account_without_regions_is_used_as_configured) {
  const auto choice = choose_endpoints({}, {}, acme);
  EXPECT_EQ(choice.read.endpoint, acme);
  EXPECT_EQ(choice.write.endpoint, acme);
  EXPECT_FALSE(choice.unguided);
}

TEST(account_document, several_write_regions_are_noticed_and_the_first_is_used) {
  const auto configured = *http::parse_origin("http://127.0.0.1:8081");
  const auto choice = [&](const std::string& several, const std::string& more) {
    const std::string one = R"({"name":"A","databaseAccountEndpoint":"http://127.0.0.1:8082"})";
    const auto document =
        parse_account(R"({"readableLocations":[],"writableLocations":[)" + one + more
                          + R"(],"enableMultipleWriteLocations":)" + several + "}",
                      configured);
    EXPECT_TRUE(document.has_value());
    return choose_endpoints(*document, {}, configured);
  };
  const std::string other = R"(,{"name":"B","databaseAccountEndpoint":"http://127.0.0.1:8083"})";
  EXPECT_TRUE(choice("true", other).several_writers);
  EXPECT_EQ(choice("true", other).write.region, "A");
  EXPECT_FALSE(choice("true", "").several_writers);
  EXPECT_FALSE(choice("false", other).several_writers);
}

} // namespace feedcast::cosmos
