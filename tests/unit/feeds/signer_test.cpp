#include "fake_network.hpp"
#include "feeds/cosmos/signer.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

using test::reply;

namespace {

class signer_test : public testing::Test {
 protected:
  test::manual_clock clock_;
  signer signer_{clock_};

  http::request sign(const call& c) {
    proof_ptr by;
    (*key_credential(settings::secret{test::emulator_key}, {}))->prove([&](const auto& p) {
      by = *p;
    });
    return signer_.sign(c, *by);
  }
};

} // namespace

TEST_F(signer_test, every_request_carries_what_the_service_wants) {
  const auto c = collection_ref::make("db1", "c1")->ranges();
  const auto r = sign(c);
  EXPECT_EQ(r.method, "GET");
  EXPECT_EQ(r.target, "/dbs/db1/colls/c1/pkranges");
  EXPECT_EQ(r.headers.get("x-ms-version"), "2020-07-15");
  EXPECT_EQ(r.headers.get("x-ms-date"), "Thu, 01 Jan 2026 00:00:00 GMT");
  EXPECT_EQ(r.headers.get("authorization"),
            "type%3Dmaster%26ver%3D1.0%26sig%3DoV8GqxsGoVYCnN9NsHy%2FZAFyMC2rS%2BH14W37u7sk4YQ%3D");
  EXPECT_EQ(r.headers.get("x-ms-cosmos-sdk-supportedcapabilities"), "1");
  EXPECT_TRUE(r.headers.get("user-agent").starts_with("feedcast/"));
  EXPECT_EQ(r.headers.get("accept"), "application/json");
  EXPECT_EQ(r.headers.get("date"), "") << "a date header would have to be signed too";
}

TEST_F(signer_test, activity_ids_are_version_4_uuids_and_differ) {
  const auto c = read_account();
  const std::string a{sign(c).headers.get("x-ms-activity-id")};
  const std::string b{sign(c).headers.get("x-ms-activity-id")};
  EXPECT_NE(a, b);
  ASSERT_EQ(a.size(), 36U);
  EXPECT_EQ(a[14], '4');
  EXPECT_NE(std::string{"89ab"}.find(a[19]), std::string::npos);
}

TEST_F(signer_test, a_clock_that_is_far_off_is_corrected) {
  EXPECT_TRUE(signer_.learn_clock(reply(403, {{"date", "Thu, 01 Jan 2026 00:20:00 GMT"}})));
  EXPECT_EQ(signer_.clock_offset(), std::chrono::minutes{20});
  EXPECT_EQ(sign(read_account()).headers.get("x-ms-date"), "Thu, 01 Jan 2026 00:20:00 GMT");
  EXPECT_FALSE(signer_.learn_clock(reply(403, {{"date", "Thu, 01 Jan 2026 00:20:01 GMT"}})))
      << "the corrected clock is right, so the refusal has another reason";
}

TEST_F(signer_test, a_clock_that_is_ahead_is_corrected_too) {
  EXPECT_TRUE(signer_.learn_clock(reply(401, {{"date", "Wed, 31 Dec 2025 23:40:00 GMT"}})));
  EXPECT_EQ(signer_.clock_offset(), -std::chrono::minutes{20});
}

TEST_F(signer_test, a_small_difference_counts_only_with_a_complaint) {
  const auto date = std::pair{"date", std::string{"Thu, 01 Jan 2026 00:01:00 GMT"}};
  EXPECT_FALSE(signer_.learn_clock(reply(401, {date}, R"({"message":"wrong key"})")));
  EXPECT_TRUE(signer_.learn_clock(reply(
      401, {date}, R"({"message":"The authorization token is not valid at the current time."})")));
}

TEST_F(signer_test, other_answers_teach_nothing) {
  EXPECT_FALSE(signer_.learn_clock(reply(404, {{"date", "Thu, 01 Jan 2026 00:20:00 GMT"}})));
  EXPECT_FALSE(signer_.learn_clock(reply(403)));
  EXPECT_FALSE(signer_.learn_clock(reply(403, {{"date", "today"}})));
  EXPECT_EQ(signer_.clock_offset(), milliseconds{0});
}

} // namespace feedcast::cosmos
