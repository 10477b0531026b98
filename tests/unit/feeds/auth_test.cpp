#include "fake_network.hpp"
#include "feeds/cosmos/auth.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

namespace {

constexpr const char* documented_key =
    "dsZQi3KtZmCv1ljt3VNWNm7sQUF1y5rJfC6kv5JiwvW0EndXdDku/dkKBp8/ufDToSxLzR4y+O/0H/t4bQtVNw==";
constexpr const char* new_year = "Thu, 01 Jan 2026 00:00:00 GMT";

struct vector_row {
  const char* name;
  const char* key;
  signed_resource what;
  const char* date;
  const char* signature;
};

class auth_vectors : public testing::TestWithParam<vector_row> {};

} // namespace

TEST_P(auth_vectors, signature_is_as_published) {
  const auto& row = GetParam();
  const auto key = master_key::parse(settings::secret{row.key});
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->signature(row.what, row.date), row.signature);
}

INSTANTIATE_TEST_SUITE_P(
    auth, auth_vectors,
    testing::Values(vector_row{"database",
                               documented_key,
                               {"GET", "dbs", "dbs/ToDoList"},
                               "Thu, 27 Apr 2017 00:51:12 GMT",
                               "c09PEVJrgp2uQRkr934kFbTqhByc7TVr3OHyqlu+c+c="},
                    vector_row{"account",
                               test::emulator_key,
                               {"GET", "", ""},
                               new_year,
                               "PvSAkpCd8QmwlTkPJg3zttqzEEJwP1ep4++LW953aJU="},
                    vector_row{"ranges_by_name",
                               test::emulator_key,
                               {"GET", "pkranges", "dbs/db1/colls/c1"},
                               new_year,
                               "oV8GqxsGoVYCnN9NsHy/ZAFyMC2rS+H14W37u7sk4YQ="},
                    vector_row{"ranges_by_rid",
                               test::emulator_key,
                               {"GET", "pkranges", "m4d+xg08uvm="},
                               new_year,
                               "WeDZ3JYm/SlF1jygioU7opJjPDTuyX0/NPgtQkONtps="},
                    vector_row{"change_feed",
                               test::emulator_key,
                               {"GET", "docs", "dbs/db1/colls/c1"},
                               new_year,
                               "5byAx2eXu/ZwDZ1f7nBluCFywQ1CfXnHPxhO4S8F4wM="},
                    vector_row{"query_or_create",
                               test::emulator_key,
                               {"POST", "docs", "dbs/db1/colls/c1"},
                               new_year,
                               "vkdcMQvcR/pCUMNN8N4Z1ZTLHVSVcfUF7Mq/6l0Fsyg="},
                    vector_row{"replace_lease",
                               test::emulator_key,
                               {"PUT", "docs",
                                "dbs/db1/colls/leases/docs/myhost_O7RwAA==_O7RwAKylJbY=..0"},
                               new_year,
                               "ZGFQIgtgBsf2yzWPuT7C0GFxpZfs/FJ3JleIGNs0+X8="}),
    [](const auto& p) { return p.param.name; });

TEST(auth, header_is_url_encoded_whole) {
  const auto key = master_key::parse(settings::secret{test::emulator_key});
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->authorization({"GET", "pkranges", "dbs/db1/colls/c1"}, new_year),
            "type%3Dmaster%26ver%3D1.0%26sig%3DoV8GqxsGoVYCnN9NsHy%2FZAFyMC2rS%2BH14W37u7sk4YQ%3D");
}

TEST(auth, verb_type_and_date_are_signed_without_case_and_the_link_with_it) {
  const auto key = *master_key::parse(settings::secret{test::emulator_key});
  const auto expected = key.signature({"GET", "docs", "dbs/Db1/colls/c1"}, new_year);
  EXPECT_EQ(key.signature({"get", "DOCS", "dbs/Db1/colls/c1"}, "thu, 01 jan 2026 00:00:00 gmt"),
            expected);
  EXPECT_NE(key.signature({"GET", "docs", "dbs/db1/colls/c1"}, new_year), expected);
}

TEST(auth, a_bad_key_is_refused_without_showing_it) {
  for (const auto* text : {"", "not base64!", "abc", "C2y6yDjf5"}) {
    const auto key = master_key::parse(settings::secret{text});
    ASSERT_FALSE(key.has_value()) << text;
    EXPECT_EQ(key.error().code, errc::rejected);
    if (*text != '\0') {
      EXPECT_EQ(key.error().detail.find(text), std::string::npos);
    }
  }
}

} // namespace feedcast::cosmos
