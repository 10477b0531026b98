#include "change_feed_fixture.hpp"

namespace feedcast::cosmos {

using test::reply;
using test::scripted;
using test::sent_request;

namespace {

constexpr std::string_view two_ranges =
    R"({"PartitionKeyRanges":[{"id":"1","minInclusive":"","maxExclusive":"1F"},)"
    R"({"id":"2","minInclusive":"1F","maxExclusive":"FF"}]})";
constexpr std::string_view merged =
    R"({"PartitionKeyRanges":[{"id":"3","minInclusive":"","maxExclusive":"FF","parents":["1","2"]}]})";

class change_feed_keys : public test::change_feed_fixture {
 protected:
  change_feed_keys() {
    ranges_answer_ = [this](const sent_request&) -> scripted {
      return reply(200, {}, ranges_now_);
    };
  }

  result<feed_page_ptr> fetch_keys(key_span keys) {
    result<feed_page_ptr> out = make_error(errc::internal, "no answer");
    feed_->fetch({to_string(keys), after("\"20\""), 100, keys},
                 [&](result<feed_page_ptr> r) { out = std::move(r); });
    return out;
  }

  std::size_t lists() const {
    std::size_t n = 0;
    for (const auto& s : network_->sent)
      n += s.request.target.ends_with("/pkranges") ? 1 : 0;
    return n;
  }

  std::string_view header(std::string_view name) const { return last_headers().get(name); }

  std::string_view ranges_now_ = two_ranges;
};

} // namespace

TEST_F(change_feed_keys, a_part_of_a_range_is_asked_for_by_its_bounds) {
  ASSERT_TRUE(fetch_keys({"10", "1F"}).has_value());
  EXPECT_EQ(header("x-ms-documentdb-partitionkeyrangeid"), "1");
  EXPECT_EQ(header("x-ms-start-epk"), "10");
  EXPECT_EQ(header("x-ms-end-epk"), "1F");
  EXPECT_EQ(header("x-ms-read-key-type"), "EffectivePartitionKeyRange");
  EXPECT_EQ(header("if-none-match"), "\"20\"");
}

TEST_F(change_feed_keys, a_whole_range_is_asked_for_by_its_id_alone) {
  ASSERT_TRUE(fetch_keys({"1F", "FF"}).has_value());
  EXPECT_EQ(header("x-ms-documentdb-partitionkeyrangeid"), "2");
  EXPECT_FALSE(last_headers().has("x-ms-start-epk"));
  EXPECT_FALSE(last_headers().has("x-ms-end-epk"));
  EXPECT_FALSE(last_headers().has("x-ms-read-key-type"));
}

TEST_F(change_feed_keys, the_ranges_are_read_once) {
  ASSERT_TRUE(fetch_keys({"", "1F"}).has_value());
  ASSERT_TRUE(fetch_keys({"1F", "FF"}).has_value());
  EXPECT_EQ(lists(), 1U);
}

TEST_F(change_feed_keys, keys_of_several_ranges_are_gone) {
  const auto page = fetch_keys({"10", "20"});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::gone);
  EXPECT_NE(page.error().detail.find("10-20"), std::string::npos);
}

TEST_F(change_feed_keys, after_a_merge_they_are_found_in_the_new_range) {
  ASSERT_TRUE(fetch_keys({"1F", "FF"}).has_value());
  ranges_now_ = merged;
  const auto before = network_->answer;
  network_->answer = [before](const sent_request& s) -> scripted {
    if (s.request.headers.get("x-ms-documentdb-partitionkeyrangeid") == "2")
      return reply(410, {{"x-ms-substatus", "1002"}});
    return before(s);
  };
  ASSERT_TRUE(fetch_keys({"1F", "FF"}).has_value());
  EXPECT_EQ(header("x-ms-documentdb-partitionkeyrangeid"), "3");
  EXPECT_EQ(header("x-ms-start-epk"), "1F");
  EXPECT_EQ(lists(), 2U);
}

TEST_F(change_feed_keys, a_range_that_stays_gone_is_not_asked_for_ever) {
  page_ = reply(410, {{"x-ms-substatus", "1002"}});
  const auto page = fetch_keys({"1F", "FF"});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::gone);
  EXPECT_LE(lists(), 2U);
}

TEST_F(change_feed_keys, session_tokens_belong_to_the_range) {
  page_ = reply(
      200,
      {{"etag", "\"24\""}, {"content-type", "application/json"}, {"x-ms-session-token", "2:-1#30"}},
      R"({"Documents":[],"_count":0})");
  const auto page = fetch_keys({"20", "30"});
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ((*page)->session_lsn, 30U);
  ASSERT_TRUE(fetch_keys({"30", "FF"}).has_value());
  EXPECT_EQ(header("x-ms-session-token"), "2:-1#30");
  ASSERT_TRUE(fetch_keys({"", "1F"}).has_value());
  EXPECT_FALSE(last_headers().has("x-ms-session-token"));
}

TEST_F(change_feed_keys, that_could_not_be_a_header_are_refused) {
  const auto page = fetch_keys({"2\n", "30"});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::rejected);
}

TEST_F(change_feed_keys, a_list_that_fails_is_the_answer) {
  collection_ = reply(503);
  const auto page = fetch_keys({"", "1F"});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::unavailable);
}

} // namespace feedcast::cosmos
