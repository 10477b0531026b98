#include "emulator/auth.hpp"
#include "emulator/emulator.hpp"
#include "http/crypto/digest.hpp"
#include "test_client.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;
using testing::test_client;

constexpr std::string_view new_year = "Thu, 01 Jan 2026 00:00:00 GMT";

std::string raw(std::string_view key) {
  return *http::crypto::base64_decode(key);
}

TEST(auth, signs_as_the_service_documents_it) {
  constexpr std::string_view documented =
      "dsZQi3KtZmCv1ljt3VNWNm7sQUF1y5rJfC6kv5JiwvW0EndXdDku/dkKBp8/ufDToSxLzR4y+O/0H/t4bQtVNw==";

  EXPECT_EQ(
      sign(raw(documented), "GET", "dbs", "dbs/ToDoList", "Thu, 27 Apr 2017 00:51:12 GMT", ""),
      "c09PEVJrgp2uQRkr934kFbTqhByc7TVr3OHyqlu+c+c=");
}

TEST(auth, signs_every_kind_of_link) {
  struct {
    const char* method;
    const char* path;
    const char* signature;
  } const vectors[] = {
      {"GET", "/", "PvSAkpCd8QmwlTkPJg3zttqzEEJwP1ep4++LW953aJU="},
      {"GET", "/dbs/db1/colls/c1/pkranges", "oV8GqxsGoVYCnN9NsHy/ZAFyMC2rS+H14W37u7sk4YQ="},
      {"GET", "/dbs/db1/colls/c1/docs/", "5byAx2eXu/ZwDZ1f7nBluCFywQ1CfXnHPxhO4S8F4wM="},
      {"POST", "/dbs/db1/colls/c1/docs", "vkdcMQvcR/pCUMNN8N4Z1ZTLHVSVcfUF7Mq/6l0Fsyg="},
      {"PUT", "/dbs/db1/colls/leases/docs/myhost_O7RwAA%3D%3D_O7RwAKylJbY%3D..0",
       "ZGFQIgtgBsf2yzWPuT7C0GFxpZfs/FJ3JleIGNs0+X8="},
  };

  for (const auto& v : vectors) {
    const auto r = resource_of_path(v.path);
    EXPECT_EQ(sign(raw(well_known_key), v.method, r.type, r.link, new_year, ""), v.signature)
        << v.path;
  }
}

TEST(auth, signs_resource_ids_alone_and_in_lower_case) {
  const auto ranges = resource_of_path("/dbs/O7RwAA==/colls/O7RwAKylJbY%3D/pkranges/");
  const auto document =
      resource_of_path("/dbs/O7RwAA==/colls/O7RwAKylJbY=/docs/O7RwAKylJbYBAAAAAAAAAA==/");

  EXPECT_EQ(ranges.type, "pkranges");
  EXPECT_EQ(ranges.link, "o7rwakyljby=");
  EXPECT_EQ(document.link, "o7rwakyljbybaaaaaaaaaa==");
  EXPECT_EQ(sign(raw(well_known_key), "GET", "pkranges", "m4d+xg08uvm=", new_year, ""),
            "WeDZ3JYm/SlF1jygioU7opJjPDTuyX0/NPgtQkONtps=");
}

TEST(auth, uses_the_date_header_only_without_the_own_one) {
  const std::string with_date = sign(raw(well_known_key), "GET", "dbs", "", "", new_year);

  EXPECT_NE(with_date, sign(raw(well_known_key), "GET", "dbs", "", new_year, ""));
  EXPECT_EQ(sign(raw(well_known_key), "GET", "dbs", "", new_year, "x"),
            sign(raw(well_known_key), "GET", "dbs", "", new_year, ""));
}

std::string token(std::string_view signature, std::string_view head = "type=master&ver=1.0&sig=") {
  return http::encode_segment(std::string(head) + std::string(signature));
}

TEST(auth, refuses_requests_without_token_or_date) {
  test_client account;
  const std::string good = sign(account.state.key, "GET", "dbs", "", new_year, "");

  EXPECT_EQ(account.send_unsigned("GET", "/dbs").status(), 401U);
  EXPECT_EQ(account.send_unsigned("GET", "/dbs", {{"authorization", token(good)}}).status(), 401U);
  EXPECT_EQ(
      account.send_unsigned("GET", "/dbs", {{"authorization", token(good)}, {"x-ms-date", "today"}})
          .status(),
      401U);
  EXPECT_EQ(account
                .send_unsigned("GET", "/dbs",
                               {{"authorization", token(good, "type=aad&ver=1.0&sig=")},
                                {"x-ms-date", std::string(new_year)}})
                .status(),
            401U);
}

TEST(auth, accepts_either_date_header_and_a_space_for_a_plus) {
  test_client account;
  std::string spaced = sign(account.state.key, "GET", "dbs", "", new_year, "");
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  const std::string by_date = sign(account.state.key, "GET", "dbs", "", "", new_year);
  const std::string date(new_year);

  EXPECT_EQ(
      account.send_unsigned("GET", "/dbs", {{"authorization", token(spaced)}, {"x-ms-date", date}})
          .status(),
      200U);
  EXPECT_EQ(
      account.send_unsigned("GET", "/dbs", {{"authorization", token(by_date)}, {"date", date}})
          .status(),
      200U);
}

TEST(auth, a_wrong_signature_is_unauthorized_and_says_what_was_expected) {
  test_client account;
  const std::string other = sign(account.state.key, "GET", "dbs", "dbs/other", new_year, "");

  const auto r = account.send_unsigned(
      "GET", "/dbs/db1", {{"authorization", token(other)}, {"x-ms-date", std::string(new_year)}});

  EXPECT_EQ(r.status(), 401U);
  EXPECT_EQ(r.json().at("code"), "Unauthorized");
  EXPECT_NE(r.body.find("dbs/db1"), std::string::npos);
  EXPECT_EQ(r.body.find(other), std::string::npos);
}

TEST(auth, the_path_of_a_resource_id_is_not_what_is_signed) {
  test_client account;
  const auto c = account.make_container();
  const std::string link =
      "dbs/" + rid{c->address().database}.to_text() + "/colls/" + c->address().to_text();
  const std::string by_path = sign(account.state.key, "GET", "pkranges", link, new_year, "");

  const auto r = account.send_unsigned(
      "GET", '/' + link + "/pkranges",
      {{"authorization", token(by_path)}, {"x-ms-date", std::string(new_year)}});

  EXPECT_EQ(r.status(), 401U);
}

TEST(auth, a_clock_more_than_fifteen_minutes_off_is_forbidden) {
  test_client account;
  const std::string good = token(sign(account.state.key, "GET", "dbs", "", new_year, ""));
  const auto status = [&] {
    return account
        .send_unsigned("GET", "/dbs",
                       {{"authorization", good}, {"x-ms-date", std::string(new_year)}})
        .status();
  };

  account.clock.advance(15min);
  EXPECT_EQ(status(), 200U);
  account.clock.advance(1s);
  EXPECT_EQ(status(), 403U);
  account.clock.advance(-30min - 2s);
  EXPECT_EQ(status(), 403U);
}

} // namespace
} // namespace feedcast::emulator
