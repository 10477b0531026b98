#include "scripted_wire.hpp"

#include <gtest/gtest.h>

#include <map>

namespace feedcast::couchdb {

using namespace std::chrono_literals;
using test::locked_out;
using test::not_let_in;
using test::said;
using test::scripted;
using test::scripted_server;
using test::wrong_password;

namespace {

/// base64 of "reader:" and the password.
constexpr const char* readerpw = "Basic cmVhZGVyOnJlYWRlcnB3";
constexpr const char* bad0 = "Basic cmVhZGVyOmJhZDA=";

login_options options(login_kind kind, std::string password,
                      std::function<settings::secret()> reload = {}) {
  return {kind, "reader", settings::secret{std::move(password)}, std::move(reload)};
}

scripted ok() {
  return said(200, "{}");
}

/// Takes one value of a header field, and counts what else it is offered.
struct guard {
  std::string field;
  std::string right;
  std::map<std::string, int> offered{};

  scripted operator()(const http::request& r) {
    const std::string value{r.headers.get(field)};
    ++offered[value];
    return value == right ? ok() : wrong_password();
  }
};

} // namespace

// -- basic ---------------------------------------------------------------------------------------

TEST(couchdb_login, basic_goes_with_each_request) {
  scripted_server s{options(login_kind::basic, "readerpw")};
  s.line->answer = [](const http::request&) { return ok(); };
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(s.get().has_value());
    EXPECT_EQ(s.last("authorization"), readerpw);
    EXPECT_EQ(s.last("accept"), "application/json");
    EXPECT_EQ(s.last("expect"), "");
  }
}

TEST(couchdb_login, nobody_signs_in_where_nobody_is_asked) {
  scripted_server s{login_options{}};
  s.line->answer = [](const http::request&) { return not_let_in(); };
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(s.get().error().code, errc::unauthorized);
  EXPECT_EQ(s.line->sent.size(), 5U) << "nothing is locked where there is no user";
  EXPECT_EQ(s.last("authorization"), "");
}

TEST(couchdb_login, a_wrong_password_is_sent_twice_and_then_not_for_310_seconds) {
  scripted_server s{options(login_kind::basic, "bad0")};
  guard g{"authorization", readerpw};
  s.line->answer = std::ref(g);
  for (int i = 0; i < 100; ++i) {
    const auto r = s.get();
    ASSERT_FALSE(r.has_value());
    EXPECT_EQ(r.error().code, errc::unauthorized);
    EXPECT_EQ(r.error().retry_after > 0ms, i > 0) << i;
    s.clock.advance(i < 2 ? 1s : 3s);
  }
  EXPECT_EQ(g.offered, (std::map<std::string, int>{{bad0, 2}}));
  const auto told = s.get().error();
  EXPECT_NE(told.detail.find("not sent again for"), std::string::npos) << told.detail;
  EXPECT_EQ(told.detail.find("bad0"), std::string::npos);
  s.clock.advance(told.retry_after - 1ms);
  EXPECT_FALSE(s.get().has_value());
  EXPECT_EQ(g.offered[bad0], 2);
  s.clock.advance(1ms);
  EXPECT_FALSE(s.get().has_value());
  EXPECT_EQ(g.offered[bad0], 3);
}

TEST(couchdb_login, never_five_wrong_passwords_within_300_seconds) {
  scripted_server s{options(login_kind::basic, "bad0")};
  std::vector<steady_time> tries;
  s.line->answer = [&](const http::request&) {
    tries.push_back(s.clock.steady());
    return wrong_password();
  };
  for (int i = 0; i < 4'000; ++i) {
    EXPECT_FALSE(s.get().has_value());
    s.clock.advance(1s);
  }
  ASSERT_GT(tries.size(), 20U);
  for (std::size_t i = 4; i < tries.size(); ++i)
    EXPECT_GT(tries[i] - tries[i - 4], 300s);
}

TEST(couchdb_login, another_password_ends_the_wait_at_once) {
  auto configured = settings::secret{"bad0"};
  scripted_server s{options(login_kind::basic, "bad0", [&] { return configured; })};
  guard g{"authorization", readerpw};
  s.line->answer = std::ref(g);
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(s.get().has_value());
  EXPECT_EQ(g.offered[bad0], 2);
  configured = settings::secret{"readerpw"};
  EXPECT_TRUE(s.get().has_value());
  EXPECT_EQ(g.offered, (std::map<std::string, int>{{bad0, 2}, {readerpw, 1}}));
}

TEST(couchdb_login, a_password_that_was_changed_is_used_from_the_first_refusal_on) {
  auto configured = settings::secret{"bad0"};
  scripted_server s{options(login_kind::basic, "bad0", [&] { return configured; })};
  guard g{"authorization", bad0};
  s.line->answer = std::ref(g);
  ASSERT_TRUE(s.get().has_value());
  g.right = readerpw;
  configured = settings::secret{"readerpw"};
  EXPECT_TRUE(s.get().has_value()) << "sent again, once";
  EXPECT_EQ(g.offered, (std::map<std::string, int>{{bad0, 2}, {readerpw, 1}}));
}

TEST(couchdb_login, a_lockout_stops_everything_at_once) {
  scripted_server s{options(login_kind::basic, "readerpw")};
  s.line->answer = [](const http::request&) { return locked_out(); };
  for (int i = 0; i < 10; ++i) {
    const auto e = s.get().error();
    EXPECT_EQ(e.code, errc::unauthorized);
    EXPECT_EQ(e.retry_after, 310s);
  }
  EXPECT_EQ(s.line->sent.size(), 1U);
  s.clock.advance(310s);
  s.line->answer = [](const http::request&) { return ok(); };
  EXPECT_TRUE(s.get().has_value());
}

TEST(couchdb_login, requests_at_once_are_one_try) {
  scripted_server s{options(login_kind::basic, "bad0")};
  guard g{"authorization", readerpw};
  s.line->answer = std::ref(g);
  s.line->hold = true;
  int refused = 0;
  for (int i = 0; i < 20; ++i)
    s.ask("/feed", [&](const result<http::response>& r) {
      refused += !r && r.error().code == errc::unauthorized ? 1 : 0;
    });
  EXPECT_EQ(s.line->sent.size(), 1U) << "the others wait for its answer";
  s.line->release();
  EXPECT_EQ(refused, 20);
  EXPECT_EQ(s.line->sent.size(), 1U);
}

TEST(couchdb_login, a_good_password_lets_all_who_waited_go_together) {
  scripted_server s{options(login_kind::basic, "readerpw")};
  s.line->answer = [](const http::request&) { return ok(); };
  s.line->hold = true;
  int answers = 0;
  for (int i = 0; i < 20; ++i)
    s.ask("/feed", [&](const result<http::response>& r) { answers += r ? 1 : 0; });
  s.line->release();
  EXPECT_EQ(s.line->sent.size(), 20U);
  s.line->release();
  EXPECT_EQ(answers, 20);
}

TEST(couchdb_login, refusals_of_requests_that_were_on_their_way_together_count_once) {
  scripted_server s{options(login_kind::basic, "bad0")};
  guard g{"authorization", bad0};
  s.line->answer = std::ref(g);
  ASSERT_TRUE(s.get().has_value());
  s.line->hold = true;
  int answers = 0;
  for (int i = 0; i < 3; ++i)
    s.ask("/feed", [&](const result<http::response>&) { ++answers; });
  g.right = readerpw;
  s.line->hold = false;
  s.line->release();
  EXPECT_EQ(answers, 3);
  EXPECT_EQ(s.get().error().retry_after, 310s) << "the second in a row";
  EXPECT_EQ(g.offered[bad0], 5);
}

TEST(couchdb_login, who_waited_for_a_server_that_is_away_is_told_so) {
  scripted_server s{options(login_kind::basic, "readerpw")};
  s.line->answer = [](const http::request&) -> scripted {
    return make_error(errc::unavailable, "connection refused");
  };
  s.line->hold = true;
  int away = 0;
  for (int i = 0; i < 5; ++i)
    s.ask("/feed", [&](const result<http::response>& r) {
      away += !r && r.error().code == errc::unavailable ? 1 : 0;
    });
  s.line->release();
  EXPECT_EQ(away, 5);
  EXPECT_EQ(s.line->sent.size(), 1U);
}

TEST(couchdb_login, an_answer_that_says_nothing_of_the_password_lets_the_next_one_try) {
  scripted_server s{options(login_kind::basic, "readerpw")};
  s.line->answer = [](const http::request& r) {
    return r.target == "/broken" ? said(500, R"({"error":"error","reason":"timeout"})") : ok();
  };
  s.line->hold = true;
  std::vector<bool> good;
  for (const auto* target : {"/broken", "/broken", "/feed", "/feed"})
    s.ask(target, [&](const result<http::response>& r) { good.push_back(r.has_value()); });
  for (const std::size_t sent : {1U, 2U, 3U, 4U}) {
    EXPECT_EQ(s.line->sent.size(), sent);
    s.line->release();
  }
  EXPECT_EQ(good, (std::vector<bool>{false, false, true, true}));
}

TEST(couchdb_login, who_may_not_or_finds_nothing_is_let_in_all_the_same) {
  for (const auto& answer :
       {said(403, R"({"error":"forbidden","reason":"You are not allowed to access this db."})"),
        said(404, R"({"error":"not_found","reason":"Database does not exist."})"),
        said(401, R"({"error":"unauthorized","reason":"You are not a server admin."})")}) {
    scripted_server s{options(login_kind::basic, "readerpw")};
    s.line->answer = [&](const http::request&) { return answer; };
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_NE(s.get().error().code, errc::unauthorized);
      EXPECT_EQ(s.line->sent.size(), i + 1) << "nothing is tried twice, nothing kept back";
    }
  }
}

// -- bearer --------------------------------------------------------------------------------------

TEST(couchdb_login, a_token_is_read_again_when_it_has_expired) {
  auto issued = settings::secret{"one"};
  scripted_server s{options(login_kind::bearer, "one", [&] { return issued; })};
  std::string right = "Bearer one";
  s.line->answer = [&](const http::request& r) {
    return r.headers.get("authorization") == right
               ? ok()
               : said(401, R"({"error":"unauthorized","reason":"exp not in future"})");
  };
  ASSERT_TRUE(s.get().has_value());
  right = "Bearer two";
  issued = settings::secret{"two"};
  ASSERT_TRUE(s.get().has_value());
  EXPECT_EQ(s.line->sent.size(), 3U);
  EXPECT_EQ(s.last("authorization"), "Bearer two");
}

TEST(couchdb_login, a_token_that_is_refused_as_a_bad_request_is_a_refused_token) {
  for (const auto* reason : {"Bad HMAC", "Malformed token", "Missing exp claim"}) {
    auto issued = settings::secret{"one"};
    scripted_server s{options(login_kind::bearer, "one", [&] { return issued; })};
    s.line->answer = [&](const http::request& r) {
      return r.headers.get("authorization") == "Bearer two"
                 ? ok()
                 : said(400, std::string{R"({"error":"bad_request","reason":")"} + reason + "\"}");
    };
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(s.get().error().code, errc::unauthorized) << reason;
    EXPECT_EQ(s.line->sent.size(), 2U);
    issued = settings::secret{"two"};
    EXPECT_TRUE(s.get().has_value()) << reason;
  }
}

} // namespace feedcast::couchdb
