#include "change_feed_fixture.hpp"

namespace feedcast::cosmos {

using namespace std::chrono_literals;
using test::reply;
using test::scripted;
using test::sent_request;

namespace {

class change_feed_test : public test::change_feed_fixture {};

} // namespace

TEST_F(change_feed_test, asks_for_one_page_of_one_range) {
  ASSERT_TRUE(fetch(after("\"1\""), "7", 250).has_value());
  const auto& r = network_->sent.back().request;
  EXPECT_EQ(r.method, "GET");
  EXPECT_EQ(r.target, "/dbs/ow/colls/whisks/docs");
  EXPECT_EQ(r.headers.get("a-im"), "Incremental Feed");
  EXPECT_EQ(r.headers.get("x-ms-documentdb-partitionkeyrangeid"), "7");
  EXPECT_EQ(r.headers.get("x-ms-max-item-count"), "250");
  EXPECT_EQ(network_->sent.back().deadline, 30s);
}

TEST_F(change_feed_test, pages_of_a_secret_feed_are_asked_for_as_secret) {
  ASSERT_TRUE(fetch(after("\"1\"")).has_value());
  EXPECT_FALSE(network_->sent.back().request.secret_answer);
  feed_ = std::make_unique<change_feed>(account_, *collection_ref::make("ow", "whisks"),
                                        change_feed_options{.secret = true});
  ASSERT_TRUE(fetch(after("\"1\"")).has_value());
  EXPECT_TRUE(network_->sent.back().request.secret_answer);
}

TEST_F(change_feed_test, a_page_is_handed_on_whole) {
  constexpr const char* body =
      R"({"_rid":"x","Documents":[{"id":"guest/hello","_lsn":24}],"_count":1})";
  page_ = reply(200,
                {{"etag", "\"24\""},
                 {"content-type", "application/json; charset=utf-8"},
                 {"x-ms-item-count", "1"},
                 {"x-ms-request-charge", "2.38"},
                 {"x-ms-session-token", "0:-1#26"},
                 {"date", "Thu, 01 Jan 2026 00:00:00 GMT"}},
                body);
  page_.elapsed = 12ms;
  const auto p = fetch(after("\"1\""));
  ASSERT_TRUE(p.has_value()) << p.error().detail;
  EXPECT_EQ((*p)->body.view(), body);
  EXPECT_EQ((*p)->next.token, "\"24\"");
  EXPECT_FALSE((*p)->unchanged);
  EXPECT_EQ((*p)->item_count, 1U);
  EXPECT_EQ((*p)->session_lsn, 26U);
  EXPECT_DOUBLE_EQ((*p)->request_charge, 2.38);
  EXPECT_EQ((*p)->elapsed, 12ms);
  EXPECT_EQ((*p)->server_time, clock_.wall());
}

TEST_F(change_feed_test, headers_that_are_missing_or_nonsense_are_unknown_not_zero) {
  page_ = reply(200,
                {{"etag", "\"24\""},
                 {"x-ms-item-count", "many"},
                 {"x-ms-request-charge", "x"},
                 {"date", "now"}},
                "{}");
  const auto p = fetch(after("\"1\""));
  ASSERT_TRUE(p.has_value());
  EXPECT_EQ((*p)->item_count, std::nullopt);
  EXPECT_EQ((*p)->session_lsn, std::nullopt);
  EXPECT_EQ((*p)->server_time, std::nullopt);
  EXPECT_DOUBLE_EQ((*p)->request_charge, 0.0);
}

TEST_F(change_feed_test, an_empty_page_is_not_unchanged) {
  const auto p = fetch(after("\"1\""));
  ASSERT_TRUE(p.has_value());
  EXPECT_FALSE((*p)->unchanged) << "only a 304 proves that nothing lies behind the position";
}

TEST_F(change_feed_test, an_unchanged_answer_has_a_position_and_no_body) {
  page_ =
      reply(304, {{"etag", "\"25\""}, {"x-ms-item-count", "0"}, {"x-ms-session-token", "0:-1#25"}});
  const auto p = fetch(after("\"24\""));
  ASSERT_TRUE(p.has_value());
  EXPECT_TRUE((*p)->unchanged);
  EXPECT_TRUE((*p)->body.empty());
  EXPECT_EQ((*p)->next.token, "\"25\"");
  EXPECT_EQ((*p)->session_lsn, 25U);
}

TEST_F(change_feed_test, what_is_not_json_is_malformed) {
  const std::pair<const char*, const char*> cases[] = {
      {"text/html", "<html>login</html>"},
      {"text/html", "{}"},
      {"application/json", "<html>"},
      {"application/json", ""},
      {"", "<html>"},
      {"application/json", "[]"},
      {"application/json", "\xef\xbb\xbf{}"},
  };
  for (const auto& [type, body] : cases) {
    page_ = reply(200, {{"etag", "\"24\""}, {"content-type", type}}, body);
    const auto p = fetch(after("\"1\""));
    ASSERT_FALSE(p.has_value()) << type << ' ' << body;
    EXPECT_EQ(p.error().code, errc::malformed);
  }
}

TEST_F(change_feed_test, other_successes_are_malformed) {
  page_ = reply(204, {{"etag", "\"24\""}});
  EXPECT_EQ(fetch(after("\"1\"")).error().code, errc::malformed);
}

TEST_F(change_feed_test, a_split_is_gone_and_names_the_range) {
  page_ = reply(410, {{"x-ms-substatus", "1002"}});
  const auto p = fetch(after("\"1\""), "3");
  ASSERT_FALSE(p.has_value());
  EXPECT_EQ(p.error().code, errc::gone);
  EXPECT_NE(p.error().detail.find("range 3"), std::string::npos);
}

TEST_F(change_feed_test, the_wait_of_a_throttled_range_is_passed_on) {
  page_ = reply(429, {{"x-ms-retry-after-ms", "12"}});
  EXPECT_EQ(fetch(after("\"1\"")).error().retry_after, 12ms);
}

TEST_F(change_feed_test, a_ranges_session_goes_with_its_next_request_only) {
  page_ = reply(304, {{"etag", "\"24\""}, {"x-ms-session-token", "0:-1#24"}});
  ASSERT_TRUE(fetch(after("\"1\""), "0").has_value());
  EXPECT_FALSE(last_headers().has("x-ms-session-token"));
  page_ = page("\"9\"");
  ASSERT_TRUE(fetch(after("\"1\""), "1").has_value());
  EXPECT_FALSE(last_headers().has("x-ms-session-token"));
  page_ = reply(404, {{"x-ms-substatus", "1002"}});
  EXPECT_EQ(fetch(after("\"24\""), "0").error().code, errc::session_behind);
  EXPECT_EQ(last_headers().get("x-ms-session-token"), "0:-1#24");
  page_ = page("\"25\"");
  ASSERT_TRUE(fetch(after("\"24\""), "0").has_value());
  EXPECT_EQ(last_headers().get("x-ms-session-token"), "0:-1#24") << "kept until a newer one comes";
}

TEST_F(change_feed_test, sessions_of_vanished_ranges_are_forgotten) {
  page_ = reply(304, {{"etag", "\"24\""}, {"x-ms-session-token", "9:-1#24"}});
  ASSERT_TRUE(fetch(after("\"1\""), "9").has_value());
  ASSERT_TRUE(ranges().has_value());
  ASSERT_TRUE(fetch(after("\"1\""), "9").has_value());
  EXPECT_FALSE(last_headers().has("x-ms-session-token"));
}

TEST_F(change_feed_test, ranges_are_read_page_by_page_and_parents_left_out) {
  ranges_answer_ = [](const sent_request& s) -> scripted {
    if (s.request.headers.get("x-ms-continuation") != "more")
      return reply(200, {{"x-ms-continuation", "more"}}, R"({"PartitionKeyRanges":[
        {"id":"0","minInclusive":"","maxExclusive":"FF"},
        {"id":"2","minInclusive":"1F","maxExclusive":"FF","parents":["0"]}]})");
    return reply(
        200, {},
        R"({"PartitionKeyRanges":[{"id":"1","minInclusive":"","maxExclusive":"1F","parents":["0"]}]})");
  };
  const auto found = ranges();
  ASSERT_TRUE(found.has_value()) << found.error().detail;
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].id, "1");
  EXPECT_EQ((*found)[1].id, "2");
  EXPECT_FALSE(last_headers().has("a-im")) << "an incremental read would return parents too";
}

TEST_F(change_feed_test, pages_of_ranges_without_end_are_given_up) {
  std::string many;
  for (int i = 0; i < 10'000; ++i)
    many +=
        (i == 0 ? "" : ",") + std::string{R"({"id":"0","minInclusive":"","maxExclusive":"FF"})"};
  ranges_answer_ = [&](const sent_request&) -> scripted {
    return reply(200, {{"x-ms-continuation", "more"}}, R"({"PartitionKeyRanges":[)" + many + "]}");
  };
  const auto found = ranges();
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, errc::malformed);
}

TEST_F(change_feed_test, a_missing_collection_is_not_found) {
  collection_ = reply(404);
  EXPECT_EQ(ranges().error().code, errc::not_found);
}

TEST_F(change_feed_test, a_collection_that_was_created_again_is_noticed) {
  ASSERT_TRUE(ranges().has_value());
  ASSERT_TRUE(fetch(after("\"1\"")).has_value());
  EXPECT_EQ(last_headers().get("x-ms-cosmos-intended-collection-rid"), "O7RwAKylJbY=");
  collection_ = reply(200, {}, R"({"id":"whisks","_rid":"O7RwAIIIIII="})");
  const auto found = ranges();
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, errc::rejected);
  EXPECT_NE(found.error().detail.find("created again"), std::string::npos);
}

TEST_F(change_feed_test, a_description_without_identity_is_malformed) {
  for (const auto* body : {"", "{}", R"({"_rid":""})", R"({"_rid":"a\r\nb"})"}) {
    collection_ = reply(200, {}, body);
    EXPECT_EQ(ranges().error().code, errc::malformed) << body;
  }
}

TEST_F(change_feed_test, after_destruction_no_answer_comes) {
  ASSERT_TRUE(ranges().has_value());
  network_->hold = true;
  int answers = 0;
  feed_->fetch({"0", after("\"1\""), 1}, [&](const result<feed_page_ptr>&) { ++answers; });
  feed_->ranges([&](const result<std::vector<feed_range>>&) { ++answers; });
  feed_.reset();
  network_->release();
  EXPECT_EQ(answers, 0);
}

TEST_F(change_feed_test, an_answer_may_destroy_the_source) {
  bool answered = false;
  feed_->fetch({"0", after("\"1\""), 1}, [&](const result<feed_page_ptr>&) {
    answered = true;
    feed_.reset();
  });
  EXPECT_TRUE(answered);
}

} // namespace feedcast::cosmos
