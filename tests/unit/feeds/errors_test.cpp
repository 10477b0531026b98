#include "fake_network.hpp"
#include "feeds/cosmos/errors.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

using test::reply;

namespace {

struct row {
  unsigned status;
  unsigned sub;
  errc code;
  const char* says; ///< a word that the text must hold
};

class status_codes : public testing::TestWithParam<row> {};

} // namespace

TEST_P(status_codes, mean_what_to_do_next) {
  const auto& p = GetParam();
  const auto e =
      to_error(reply(p.status, {{"x-ms-substatus", std::to_string(p.sub)}}), "GET /dbs/x");
  EXPECT_EQ(e.code, p.code) << to_string(e.code);
  EXPECT_TRUE(e.detail.starts_with("GET /dbs/x answered " + std::to_string(p.status))) << e.detail;
  EXPECT_NE(e.detail.find(p.says), std::string::npos) << e.detail;
}

INSTANTIATE_TEST_SUITE_P(
    errors, status_codes,
    testing::Values(
        row{400, 0, errc::rejected, ""}, row{400, 1024, errc::rejected, "created again"},
        row{401, 0, errc::unauthorized, "key"}, row{403, 0, errc::forbidden, "firewall"},
        row{403, 3, errc::unavailable, "no writes"}, row{403, 1008, errc::unavailable, "region"},
        row{403, 1005, errc::forbidden, "throughput"}, row{403, 1014, errc::forbidden, "quota"},
        row{403, 5300, errc::forbidden, "role"}, row{404, 0, errc::not_found, ""},
        row{404, 1002, errc::session_behind, "caught up"}, row{404, 1003, errc::not_found, "names"},
        row{404, 1013, errc::unavailable, "created"}, row{408, 0, errc::timeout, ""},
        row{409, 0, errc::conflict, "exists"}, row{410, 1002, errc::gone, "split"},
        row{410, 1007, errc::gone, "split"}, row{410, 1000, errc::unavailable, ""},
        row{410, 1008, errc::unavailable, "moved"}, row{410, 1022, errc::unavailable, "moved"},
        row{412, 0, errc::conflict, "somebody"}, row{413, 0, errc::too_large, "limit"},
        row{429, 3200, errc::throttled, "request units"},
        row{449, 0, errc::unavailable, "concurrent"}, row{500, 0, errc::unavailable, ""},
        row{503, 21001, errc::unavailable, ""}, row{301, 0, errc::rejected, "never followed"},
        row{302, 0, errc::rejected, "never followed"},
        row{307, 0, errc::rejected, "never followed"},
        row{308, 0, errc::rejected, "never followed"}, row{405, 0, errc::rejected, ""},
        row{101, 0, errc::malformed, "not an answer"},
        row{600, 0, errc::malformed, "not an answer"}),
    [](const auto& p) {
      return std::to_string(p.param.status) + '_' + std::to_string(p.param.sub);
    });

TEST(errors, success_is_2xx_and_304) {
  for (const auto status : {200U, 201U, 204U, 304U})
    EXPECT_TRUE(is_success(status)) << status;
  for (const auto status : {100U, 199U, 300U, 303U, 305U, 400U, 500U})
    EXPECT_FALSE(is_success(status)) << status;
}

TEST(errors, waits_as_long_as_asked_within_reason) {
  EXPECT_EQ(to_error(reply(429, {{"x-ms-retry-after-ms", "12"}}), "x").retry_after,
            milliseconds{12});
  EXPECT_EQ(to_error(reply(429, {{"x-ms-retry-after-ms", "0"}}), "x").retry_after, milliseconds{0});
  EXPECT_EQ(to_error(reply(429), "x").retry_after, milliseconds{5'000});
  EXPECT_EQ(to_error(reply(429, {{"x-ms-retry-after-ms", "soon"}}), "x").retry_after,
            milliseconds{5'000});
  EXPECT_EQ(to_error(reply(429, {{"x-ms-retry-after-ms", "3600000"}}), "x").retry_after,
            milliseconds{60'000});
  EXPECT_EQ(to_error(reply(449), "x").retry_after, milliseconds{10});
  EXPECT_EQ(to_error(reply(503, {{"x-ms-retry-after-ms", "12"}}), "x").retry_after,
            milliseconds{0});
}

TEST(errors, too_large_pages_are_told_by_the_message) {
  const auto e = to_error(reply(400, {}, R"({"message":"Reduce page size and try again."})"), "x");
  EXPECT_EQ(e.code, errc::too_large);
}

TEST(errors, the_message_is_its_first_line_shortened) {
  const auto r =
      reply(404, {}, R"({"code":"NotFound","message":"Entity gone.\r\nActivityId: 1, details"})");
  EXPECT_EQ(service_message(r), "Entity gone.");
  EXPECT_NE(to_error(r, "x").detail.find("Entity gone."), std::string::npos);
  const auto words = reply(
      404, {}, R"({"message":")" + [] {
        std::string text;
        for (int i = 0; i < 100; ++i)
          text += "word ";
        return text;
      }() + R"("})");
  EXPECT_LE(service_message(words).size(), 203U);
}

TEST(errors, the_message_never_shows_keys_or_signatures) {
  const auto r =
      reply(401, {},
            std::string{R"({"message":"got sig=PvSAkpCd8QmwlTkPJg3zttqzEEJwP1ep4++LW953aJU= and )"}
                + test::emulator_key + R"( ok"})");
  const auto text = to_error(r, "x").detail;
  EXPECT_EQ(text.find("PvSAkpCd8Qmwl"), std::string::npos) << text;
  EXPECT_EQ(text.find("C2y6yDjf5"), std::string::npos) << text;
  EXPECT_NE(text.find("[hidden]"), std::string::npos) << text;
}

TEST(errors, control_characters_do_not_reach_the_log) {
  EXPECT_EQ(service_message(reply(400, {}, R"({"message":"a\u001b[31mb\u0007"})")), "a [31mb ");
}

TEST(errors, bodies_that_are_no_error_object_are_not_shown) {
  for (const auto* body :
       {"", "<html>login</html>", "[1]", R"({"message":5})", R"({"secret":"x"})"})
    EXPECT_EQ(service_message(reply(400, {}, body)), "") << body;
}

TEST(errors, substatus_is_zero_if_it_is_no_number) {
  EXPECT_EQ(substatus(reply(400, {{"x-ms-substatus", "1002"}})), 1002U);
  EXPECT_EQ(substatus(reply(400, {{"x-ms-substatus", "x"}})), 0U);
  EXPECT_EQ(substatus(reply(400, {{"x-ms-substatus", "99999999999"}})), 0U);
  EXPECT_EQ(substatus(reply(400)), 0U);
}

} // namespace feedcast::cosmos
