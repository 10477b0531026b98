#include "fake_network.hpp"
#include "feeds/tokens/token_request.hpp"

#include <gtest/gtest.h>

namespace feedcast::tokens {

using namespace std::chrono_literals;
using test::reply;

namespace {

const wall_time new_year{1'767'225'600s};

std::string outcome(std::string_view body) {
  const auto r = read_token(reply(200, {}, body), new_year);
  if (!r)
    return std::string{to_string(r.error().code)};
  return r->value + ' ' + std::to_string(r->lifetime / 1s);
}

} // namespace

TEST(token_request, endpoints_are_https_except_nearby) {
  EXPECT_TRUE(parse_token_endpoint("https://login.example/oauth2/token?a=b"));
  EXPECT_EQ(parse_token_endpoint("https://login.example/oauth2/token?a=b")->target,
            "/oauth2/token?a=b");
  EXPECT_EQ(parse_token_endpoint("https://login.example")->target, "/");
  EXPECT_TRUE(parse_token_endpoint("http://127.0.0.1:1/t"));
  EXPECT_FALSE(parse_token_endpoint("http://login.example/t"));
  EXPECT_FALSE(parse_token_endpoint("http://169.254.169.254/t"));
  EXPECT_TRUE(parse_token_endpoint("http://169.254.169.254/t", plain_http::link_local));
  EXPECT_FALSE(parse_token_endpoint("http://169.254.example.org/t", plain_http::link_local));
  EXPECT_FALSE(parse_token_endpoint("http://10.0.0.1/t", plain_http::link_local));
  for (const auto* text : {"", "login.example/t", "https:///t", "https://u:p@h/t", "https://h/a b",
                           "https://h/t#x", "ftp://h/t", "https://h:0/t", "https://h/\n"})
    EXPECT_FALSE(parse_token_endpoint(text)) << text;
}

TEST(token_request, values_are_encoded_and_empty_ones_left_out) {
  EXPECT_EQ(encode_form({{"a", "x&y=z +"}, {"b", ""}, {"c", "1"}}), "a=x%26y%3Dz%20%2B&c=1");
}

TEST(token_request, tokens_are_read_as_oauth_and_azure_write_them) {
  EXPECT_EQ(outcome(R"({"token_type":"Bearer","expires_in":3599,"access_token":"abc"})"),
            "abc 3599");
  EXPECT_EQ(outcome(R"({"token_type":"bearer","expires_in":"60","access_token":"abc"})"), "abc 60");
  EXPECT_EQ(outcome(R"({"expires_on":"1767225700","access_token":"abc"})"), "abc 100");
  EXPECT_EQ(outcome(R"({"expires_in":99999999999,"access_token":"abc"})"), "abc 604800");
}

TEST(token_request, answers_that_hold_no_usable_token_are_refused) {
  for (const auto* body :
       {"", "<html>log in</html>", "[]", R"({"expires_in":60})", R"({"access_token":"abc"})",
        R"({"expires_in":60,"access_token":""})", R"({"expires_in":60,"access_token":7})",
        R"({"expires_in":60,"access_token":"a b"})", R"({"expires_in":60,"access_token":"a\r\nb"})",
        R"({"expires_in":0,"access_token":"abc"})", R"({"expires_in":-5,"access_token":"abc"})",
        R"({"expires_on":"1767225600","access_token":"abc"})",
        R"({"expires_on":"12:00","access_token":"abc"})",
        R"({"token_type":"mac","expires_in":60,"access_token":"abc"})"})
    EXPECT_EQ(outcome(body), "malformed") << body;
  const auto large = R"({"expires_in":60,"access_token":")" + std::string(16'385, 'a') + "\"}";
  EXPECT_EQ(outcome(large), "malformed");
}

TEST(token_request, errors_hold_nothing_of_a_broken_answer) {
  const auto r = read_token(reply(200, {}, R"({"access_token":"hunter2"})"), new_year);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().detail.find("hunter2"), std::string::npos);
}

TEST(token_request, refusals_are_named_by_what_to_do) {
  const auto refused = [](unsigned status, std::string_view body = {}) {
    return token_refused(reply(status, {{"retry-after", "7"}}, body), "the endpoint", "do this");
  };
  EXPECT_EQ(refused(400, R"({"error":"invalid_client"})").code, errc::unauthorized);
  EXPECT_EQ(refused(400, R"({"error":"invalid_client"})").detail,
            "the endpoint answered 400 (invalid_client): do this");
  EXPECT_EQ(refused(401).code, errc::unauthorized);
  EXPECT_EQ(refused(429).code, errc::throttled);
  EXPECT_EQ(refused(429).retry_after, 7s);
  EXPECT_EQ(refused(503).code, errc::unavailable);
  EXPECT_EQ(refused(302).code, errc::unavailable);
}

TEST(token_request, only_plain_words_of_a_refusal_are_shown) {
  EXPECT_EQ(refusal_word(reply(400, {}, R"({"error":"invalid_client"})")), "invalid_client");
  EXPECT_EQ(refusal_word(reply(400, {}, R"({"error":"secret hunter2"})")), "");
  EXPECT_EQ(refusal_word(reply(400, {}, R"({"error":{"a":1}})")), "");
  EXPECT_EQ(refusal_word(reply(400, {}, "no")), "");
}

} // namespace feedcast::tokens
