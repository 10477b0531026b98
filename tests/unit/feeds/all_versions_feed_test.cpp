#include "fake_network.hpp"
#include "feeds/cosmos/all_versions_feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace feedcast::cosmos {

using namespace std::chrono_literals;
using test::reply;
using test::scripted;
using ::testing::ElementsAre;

namespace {

constexpr const char* one_document = R"({"Documents":[{"id":"a"}],"_count":1})";

/// What a request asks for, as far as it matters here: "all *", "latest \"7\"", "latest since ...".
std::string asked(const test::sent_request& s) {
  const auto& h = s.request.headers;
  const bool all = h.get("a-im") == "Full-Fidelity Feed";
  EXPECT_EQ(h.get("x-ms-cosmos-changefeed-wire-format-version"), all ? "2021-09-15" : "");
  std::string text = all ? "all" : "latest";
  if (h.has("if-none-match"))
    text.append(" ").append(h.get("if-none-match"));
  if (h.has("if-modified-since"))
    text.append(" since ").append(h.get("if-modified-since"));
  return text;
}

/// A server of one range whose newest LSN is `lsn`, with scripted answers by what is asked.
class all_versions : public ::testing::Test {
 protected:
  all_versions() {
    network_->answer = [this](const test::sent_request& s) -> scripted {
      const auto& target = s.request.target;
      if (target == "/")
        return account_;
      if (target == "/dbs/ow/colls/whisks")
        return collection_;
      if (target == "/dbs/ow/colls/whisks/pkranges")
        return reply(
            200, {},
            R"({"PartitionKeyRanges":[{"id":"0","minInclusive":"","maxExclusive":"FF"}]})");
      asked_.push_back(asked(s));
      const auto found = answers_.find(asked_.back());
      return found != answers_.end() ? found->second : nothing();
    };
    account_ = test::account_answer({{"West US", 8081}});
    feed_ = std::make_unique<all_versions_feed>(
        *account::open(test::local_account(), test::fake_network::factory(network_), clock_),
        *collection_ref::make("ow", "whisks"),
        all_versions_options{.feed = {}, .overlap = 1h, .clock = &clock_});
  }

  scripted nothing() const {
    return reply(304, {{"etag", '"' + std::to_string(lsn_) + '"'},
                       {"x-ms-session-token", "0:-1#" + std::to_string(session_)},
                       {"x-ms-request-charge", "1"}});
  }

  static scripted page(const std::string& etag) {
    return reply(
        200, {{"etag", etag}, {"content-type", "application/json"}, {"x-ms-request-charge", "2"}},
        one_document);
  }

  static scripted refused() {
    return reply(400, {}, R"({"code":"BadRequest","message":"too old"})");
  }

  feed_page_ptr fetch(read_position from) {
    auto r = try_fetch(std::move(from));
    EXPECT_TRUE(r.has_value()) << (r ? "" : to_string(r.error()));
    return r ? *r : std::make_shared<feed_page>();
  }

  result<feed_page_ptr> try_fetch(read_position from) {
    asked_.clear();
    result<feed_page_ptr> out = make_error(errc::internal, "no answer");
    feed_->fetch({"0", std::move(from), 100}, [&](result<feed_page_ptr> r) { out = std::move(r); });
    return out;
  }

  feed_traits describe() {
    result<feed_traits> out = make_error(errc::internal, "no answer");
    feed_->describe([&](result<feed_traits> r) { out = std::move(r); });
    EXPECT_TRUE(out.has_value());
    return out ? *out : feed_traits{};
  }

  std::shared_ptr<test::fake_network> network_ = std::make_shared<test::fake_network>();
  test::manual_clock clock_; // noon of no day in particular: 1 January 2026, 00:00
  scripted account_;
  scripted collection_ = reply(200, {}, R"({"id":"whisks","_rid":"O7RwAKylJbY="})");
  std::uint64_t lsn_ = 50;
  std::uint64_t session_ = 50;
  std::map<std::string, scripted> answers_;
  std::vector<std::string> asked_;
  std::unique_ptr<all_versions_feed> feed_;
};

read_position after(const std::string& token) {
  return continuation{token};
}

constexpr const char* hour_before = "Wed, 31 Dec 2025 22:59:50 GMT";

} // namespace

TEST_F(all_versions, now_is_resolved_and_the_overlap_is_to_be_read_first) {
  const auto p = fetch(start_point{});
  EXPECT_THAT(asked_, ElementsAre("all *"));
  EXPECT_TRUE(p->unchanged);
  EXPECT_EQ(p->next.token,
            R"({"at":"\"50\"","mode":"ff","bridge":"@1767222000","since":1767225600})");
}

TEST_F(all_versions, the_bridge_ends_with_an_answer_that_nothing_is_left) {
  const auto since = std::string{"latest since "} + hour_before;
  answers_[since] = page("\"40\"");
  const auto first =
      fetch(after(R"({"at":"\"50\"","mode":"ff","bridge":"@1767222000","since":1767225600})"));
  EXPECT_THAT(asked_, ElementsAre(since));
  EXPECT_FALSE(first->envelopes);
  EXPECT_EQ(first->next.token,
            R"({"at":"\"50\"","mode":"ff","bridge":"\"40\"","since":1767225600})");

  lsn_ = 60;
  session_ = 60;
  answers_["all \"50\""] = page("\"60\"");
  const auto second = fetch(first->next);
  EXPECT_THAT(asked_, ElementsAre("latest \"40\"", "all \"50\""));
  EXPECT_TRUE(second->envelopes);
  EXPECT_FALSE(second->unchanged);
  EXPECT_EQ(second->next.token, R"({"at":"\"60\"","mode":"ff","since":1767225600})");
  EXPECT_EQ(second->request_charge, 3);
  EXPECT_FALSE(second->lost);
}

TEST_F(all_versions, a_replica_behind_the_position_does_not_end_the_bridge) {
  session_ = 49;
  const auto r = try_fetch(after(R"({"at":"\"50\"","mode":"ff","bridge":"\"40\""})"));
  ASSERT_FALSE(r.has_value());
  EXPECT_EQ(r.error().code, errc::session_behind);
  EXPECT_THAT(asked_, ElementsAre("latest \"40\""));
}

TEST_F(all_versions, a_position_of_latest_versions_is_a_bridge) {
  answers_["latest \"30\""] = page("\"35\"");
  const auto p = fetch(after("\"30\""));
  EXPECT_THAT(asked_, ElementsAre("all *", "latest \"30\""));
  EXPECT_EQ(p->next.token, R"({"at":"\"50\"","mode":"ff","bridge":"\"35\"","since":1767225600})");
}

TEST_F(all_versions, other_starts_are_bridges_too) {
  answers_["latest"] = page("\"1\"");
  const auto p = fetch(start_point{start_point::kind::beginning, {}});
  EXPECT_THAT(asked_, ElementsAre("all *", "latest"));
  EXPECT_FALSE(p->lost);
  const auto t = fetch(start_point{start_point::kind::time, clock_.wall() - 1h});
  EXPECT_THAT(asked_,
              ElementsAre("all *", std::string{"latest since "} + hour_before, "all \"50\""));
  ASSERT_TRUE(t->lost) << "what was deleted since then was told to nobody";
  EXPECT_EQ(t->lost->from, clock_.wall() - 1h);
  EXPECT_EQ(t->lost->to, clock_.wall());
}

TEST_F(all_versions, the_time_of_the_position_moves_only_when_all_was_read) {
  clock_.advance(5min + 20s);
  answers_["all \"50\""] = page("\"55\"");
  const auto changes = fetch(after(R"({"at":"\"50\"","mode":"ff","since":1767225600})"));
  EXPECT_EQ(changes->next.token, R"({"at":"\"55\"","mode":"ff","since":1767225600})");
  lsn_ = 55;
  const auto none = fetch(changes->next);
  EXPECT_TRUE(none->unchanged);
  EXPECT_EQ(none->next.token, R"({"at":"\"55\"","mode":"ff","since":1767225900})");
}

TEST_F(all_versions, a_position_that_is_too_old_is_given_up_and_told) {
  lsn_ = 90;
  answers_["all \"50\""] = refused();
  clock_.advance(48h);
  const auto p = fetch(after(R"({"at":"\"50\"","mode":"ff","since":1767225600})"));
  EXPECT_THAT(asked_, ElementsAre("all \"50\"", "all *"));
  EXPECT_FALSE(p->unchanged);
  EXPECT_EQ(p->body.view(), R"({"Documents":[],"_count":0})");
  EXPECT_EQ(p->next.token,
            R"({"at":"\"90\"","mode":"ff","bridge":"@1767222000","since":1767398400})");
  ASSERT_TRUE(p->lost);
  EXPECT_EQ(p->lost->from, wall_time{1767225600s});
  EXPECT_EQ(p->lost->to, clock_.wall());
}

TEST_F(all_versions, without_its_time_a_lost_position_means_everything_again) {
  answers_["all \"50\""] = refused();
  const auto p = fetch(after(R"({"at":"\"50\"","mode":"ff"})"));
  EXPECT_EQ(p->next.token, R"({"at":"\"50\"","mode":"ff","bridge":"@0","since":1767225600})");
  EXPECT_EQ(p->lost->from, wall_time{});
}

TEST_F(all_versions, what_is_refused_at_any_position_is_an_error_and_no_loss) {
  answers_["all \"50\""] = refused();
  answers_["all *"] = refused();
  const auto old = try_fetch(after(R"({"at":"\"50\"","mode":"ff"})"));
  ASSERT_FALSE(old.has_value());
  EXPECT_EQ(old.error().code, errc::rejected);
  const auto fresh = try_fetch(start_point{});
  ASSERT_FALSE(fresh.has_value());
  EXPECT_NE(fresh.error().detail.find("continuous backup"), std::string::npos);
  EXPECT_NE(fresh.error().detail.find("changeFeedPolicy"), std::string::npos);
}

TEST_F(all_versions, other_errors_move_no_position) {
  answers_["all \"50\""] = reply(503);
  const auto r = try_fetch(after(R"({"at":"\"50\"","mode":"ff"})"));
  ASSERT_FALSE(r.has_value());
  EXPECT_EQ(r.error().code, errc::unavailable);
  EXPECT_THAT(asked_, ElementsAre("all \"50\""));
}

TEST_F(all_versions, describes_how_long_former_versions_are_kept) {
  EXPECT_FALSE(describe().retention);
  EXPECT_TRUE(describe().all_versions);
  EXPECT_EQ(describe().refused, "");
  collection_ = reply(
      200, {},
      R"({"_rid":"O7RwAKylJbY=","defaultTtl":-1,"changeFeedPolicy":{"retentionDuration":10}})");
  EXPECT_EQ(describe().retention, 10min);
  EXPECT_EQ(describe().default_ttl, -1);
  answers_["all *"] = refused();
  EXPECT_NE(describe().refused.find("dbs/ow/colls/whisks"), std::string::npos);
}

} // namespace feedcast::cosmos
