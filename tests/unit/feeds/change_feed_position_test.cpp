#include "change_feed_fixture.hpp"

namespace feedcast::cosmos {

using namespace std::chrono_literals;
using test::reply;

namespace {

class change_feed_position : public test::change_feed_fixture {};

const start_point beginning{start_point::kind::beginning, {}};

} // namespace

TEST_F(change_feed_position, a_continuation_is_sent_verbatim) {
  for (const auto* token : {"\"24\"", "24", "\"some future form\""}) {
    ASSERT_TRUE(fetch(after(token)).has_value());
    EXPECT_EQ(last_headers().get("if-none-match"), token);
    EXPECT_FALSE(last_headers().has("if-modified-since"));
  }
}

TEST_F(change_feed_position, now_is_a_star_and_its_first_answer_is_the_position) {
  page_ = reply(304, {{"etag", "\"77\""}});
  const auto p = fetch(start_point{});
  ASSERT_TRUE(p.has_value());
  EXPECT_EQ(last_headers().get("if-none-match"), "*");
  EXPECT_TRUE((*p)->unchanged);
  EXPECT_EQ((*p)->next.token, "\"77\"");
}

TEST_F(change_feed_position, a_time_is_taken_ten_seconds_early) {
  ASSERT_TRUE(fetch(start_point{start_point::kind::time, clock_.wall()}).has_value());
  EXPECT_EQ(last_headers().get("if-modified-since"), "Wed, 31 Dec 2025 23:59:50 GMT");
  EXPECT_FALSE(last_headers().has("if-none-match"));
}

TEST_F(change_feed_position, the_beginning_sends_neither) {
  ASSERT_TRUE(fetch(beginning).has_value());
  EXPECT_FALSE(last_headers().has("if-modified-since"));
  EXPECT_FALSE(last_headers().has("if-none-match"));
}

TEST_F(change_feed_position, stored_positions_that_are_no_header_value_are_not_sent) {
  ASSERT_TRUE(fetch(beginning).has_value());
  const auto before = network_->sent.size();
  for (const auto& token : {std::string{}, std::string{"\"1\"\r\nx-evil: 1"},
                            std::string("\"1\0\"", 4), std::string(20'000, '1')}) {
    const auto p = fetch(after(token));
    ASSERT_FALSE(p.has_value());
    EXPECT_EQ(p.error().code, errc::rejected);
    EXPECT_NE(p.error().detail.find("lease"), std::string::npos);
  }
  EXPECT_EQ(network_->sent.size(), before);
}

TEST_F(change_feed_position, an_answer_without_a_usable_etag_is_malformed) {
  for (const auto* etag : {"", "\"\"", "*", "abc", "\"-1\"", "\"1", "W/\"1\""})
    for (const auto status : {200U, 304U}) {
      page_ = reply(status, {{"etag", etag}, {"content-type", "application/json"}},
                    R"({"Documents":[]})");
      const auto p = fetch(after("\"1\""));
      ASSERT_FALSE(p.has_value()) << etag;
      EXPECT_EQ(p.error().code, errc::malformed);
      EXPECT_NE(p.error().detail.find("range 0"), std::string::npos);
    }
}

TEST_F(change_feed_position, an_unquoted_etag_is_passed_on_as_it_is) {
  page_ = page("24");
  EXPECT_EQ((*fetch(after("23")))->next.token, "24");
}

TEST_F(change_feed_position, an_etag_that_goes_backwards_is_passed_on) {
  page_ = page("\"10\"");
  const auto p = fetch(after("\"24\""));
  ASSERT_TRUE(p.has_value());
  EXPECT_EQ((*p)->next.token, "\"10\"");
}

} // namespace feedcast::cosmos
