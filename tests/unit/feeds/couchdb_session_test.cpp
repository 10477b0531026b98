#include "feeds/couchdb/session_cookie.hpp"
#include "scripted_wire.hpp"

#include <gtest/gtest.h>

namespace feedcast::couchdb {

using namespace std::chrono_literals;
using test::not_let_in;
using test::said;
using test::scripted;
using test::scripted_server;
using test::session_of;
using test::wrong_password;

namespace {

scripted ok() {
  return said(200, "{}");
}

login_options with(std::string password) {
  return {login_kind::cookie, "reader", settings::secret{std::move(password)}};
}

/// A server of sessions: each POST opens another, and ends those before it if told so.
struct sessions {
  std::string password = "readerpw";
  int opened = 0;
  int refused = 0;
  bool broken = false; ///< lets nobody in who has one
  std::string rest = "; Max-Age=600";

  scripted operator()(const http::request& r) {
    if (r.target == "/_session") {
      if (r.method != "POST" || r.body != "name=reader&password=" + password)
        return ++refused, wrong_password();
      return session_of("session" + std::to_string(++opened), rest);
    }
    if (broken || r.headers.get("cookie") != "AuthSession=session" + std::to_string(opened))
      return not_let_in();
    return ok();
  }
};

} // namespace

TEST(couchdb_session, one_session_serves_all_requests) {
  scripted_server s{with("readerpw")};
  sessions all;
  s.line->answer = std::ref(all);
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(s.get().has_value());
  EXPECT_EQ(all.opened, 1);
  EXPECT_EQ(s.line->sent.front().request.headers.get("content-type"),
            "application/x-www-form-urlencoded");
  EXPECT_EQ(s.last("authorization"), "");
}

TEST(couchdb_session, a_hundred_requests_at_once_open_one_session) {
  scripted_server s{with("readerpw")};
  sessions all;
  s.line->answer = std::ref(all);
  s.line->hold = true;
  int answers = 0;
  for (int i = 0; i < 100; ++i)
    s.ask("/feed", [&](const result<http::response>& r) { answers += r ? 1 : 0; });
  EXPECT_EQ(s.line->sent.size(), 1U);
  s.line->hold = false;
  s.line->release();
  EXPECT_EQ(answers, 100);
  EXPECT_EQ(all.opened, 1);
}

TEST(couchdb_session, sessions_that_ended_under_many_requests_are_followed_by_one) {
  scripted_server s{with("readerpw")};
  sessions all;
  s.line->answer = std::ref(all);
  ASSERT_TRUE(s.get().has_value());
  s.line->hold = true;
  int answers = 0;
  for (int i = 0; i < 100; ++i)
    s.ask("/feed", [&](const result<http::response>& r) { answers += r ? 1 : 0; });
  ++all.opened; // the server was started anew, and knows none of ours
  const auto before = all.opened;
  s.line->hold = false;
  s.line->release();
  EXPECT_EQ(answers, 100);
  EXPECT_EQ(all.opened, before + 1);
}

TEST(couchdb_session, a_session_is_renewed_ahead_of_its_end_while_the_old_one_serves) {
  scripted_server s{with("readerpw")};
  sessions all;
  s.line->answer = std::ref(all);
  ASSERT_TRUE(s.get().has_value());
  s.clock.advance(480s - 1ms);
  ASSERT_TRUE(s.get().has_value());
  EXPECT_EQ(all.opened, 1);
  s.clock.advance(1ms);
  s.line->hold = true;
  bool answered = false;
  s.ask("/feed", [&](const result<http::response>&) { answered = true; });
  ASSERT_EQ(s.line->sent.size(), 5U) << "a session is opened, and the request goes out";
  EXPECT_EQ(s.last("cookie"), "AuthSession=session1");
  s.line->hold = false;
  s.line->release();
  EXPECT_TRUE(answered);
  EXPECT_TRUE(s.get().has_value());
  EXPECT_EQ(s.last("cookie"), "AuthSession=session2");
  EXPECT_EQ(all.opened, 2);
}

TEST(couchdb_session, the_servers_own_renewal_is_taken_from_any_answer) {
  scripted_server s{with("readerpw")};
  int opened = 0;
  s.line->answer = [&](const http::request& r) {
    if (r.target == "/_session")
      return ++opened, session_of("first");
    return r.target == "/feed" ? session_of("second") : ok();
  };
  ASSERT_TRUE(s.get("/other").has_value());
  EXPECT_EQ(s.last("cookie"), "AuthSession=first");
  s.clock.advance(400s);
  ASSERT_TRUE(s.get("/feed").has_value());
  ASSERT_TRUE(s.get("/other").has_value());
  EXPECT_EQ(s.last("cookie"), "AuthSession=second");
  s.clock.advance(400s); // past the first one's end
  ASSERT_TRUE(s.get("/other").has_value());
  EXPECT_EQ(s.last("cookie"), "AuthSession=second");
  EXPECT_EQ(opened, 1);
}

TEST(couchdb_session, a_renewal_that_fails_leaves_the_session_in_use_until_its_end) {
  scripted_server s{with("readerpw")};
  sessions all;
  s.line->answer = std::ref(all);
  ASSERT_TRUE(s.get().has_value());
  all.password = "another";
  for (auto age = 480s; age < 600s; age += 1s) {
    s.clock.advance(age == 480s ? 480s : 1s);
    EXPECT_TRUE(s.get().has_value()) << age.count();
  }
  EXPECT_EQ(all.refused, 2) << "and no more";
  s.clock.advance(1s);
  EXPECT_EQ(s.get().error().code, errc::unauthorized);
  EXPECT_EQ(all.refused, 2);
}

TEST(couchdb_session, a_wrong_password_opens_no_session_twice_and_no_more) {
  scripted_server s{with("bad")};
  sessions all;
  s.line->answer = std::ref(all);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(s.get().error().code, errc::unauthorized);
    s.clock.advance(1s);
  }
  EXPECT_EQ(all.refused, 2);
  EXPECT_EQ(s.line->sent.size(), 2U);
}

TEST(couchdb_session, a_hundred_requests_with_a_wrong_password_are_one_try) {
  scripted_server s{with("bad")};
  sessions all;
  s.line->answer = std::ref(all);
  s.line->hold = true;
  int refused = 0;
  for (int i = 0; i < 100; ++i)
    s.ask("/feed", [&](const result<http::response>& r) {
      refused += !r && r.error().code == errc::unauthorized ? 1 : 0;
    });
  s.line->release();
  EXPECT_EQ(refused, 100);
  EXPECT_EQ(all.refused, 1);
  EXPECT_EQ(s.line->sent.size(), 1U);
}

TEST(couchdb_session, a_lockout_stops_the_opening_of_sessions_at_once) {
  scripted_server s{with("readerpw")};
  s.line->answer = [](const http::request&) { return test::locked_out(); };
  for (int i = 0; i < 10; ++i) {
    const auto e = s.get().error();
    EXPECT_EQ(e.code, errc::unauthorized);
    EXPECT_EQ(e.retry_after, 310s);
  }
  EXPECT_EQ(s.line->sent.size(), 1U);
}

TEST(couchdb_session, an_answer_without_end_follows_a_session_that_has_ended) {
  scripted_server s{with("readerpw")};
  sessions all;
  s.line->answer = std::ref(all);
  ASSERT_TRUE(s.follow().has_value());
  ++all.opened; // the server was started anew
  ASSERT_TRUE(s.follow().has_value());
  EXPECT_TRUE(s.line->sent.back().stream);
  EXPECT_EQ(s.last("cookie"), "AuthSession=session3");
  EXPECT_EQ(all.opened, 3);
}

TEST(couchdb_session, a_session_that_is_refused_at_once_is_followed_by_no_storm_of_others) {
  scripted_server s{with("readerpw")};
  sessions all;
  all.broken = true;
  s.line->answer = std::ref(all);
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(s.get().error().code, errc::unauthorized);
    EXPECT_EQ(all.opened, i) << "one for each request that is made";
  }
}

TEST(couchdb_session, a_cookie_that_the_server_cant_read_is_followed_by_another_session) {
  scripted_server s{with("readerpw")};
  sessions all;
  bool unreadable = false;
  s.line->answer = [&](const http::request& r) {
    if (std::exchange(unreadable, false))
      return said(400, R"({"error":"bad_request","reason":"Malformed AuthSession cookie. Please )"
                       R"(clear your cookies."})");
    return all(r);
  };
  ASSERT_TRUE(s.get().has_value());
  unreadable = true;
  EXPECT_TRUE(s.get().has_value());
  EXPECT_EQ(all.opened, 2);
}

TEST(couchdb_session, a_server_without_sessions_is_told) {
  scripted_server s{with("readerpw")};
  s.line->answer = [](const http::request&) { return ok(); };
  const auto e = s.get().error();
  EXPECT_EQ(e.code, errc::malformed);
  EXPECT_NE(e.detail.find("gave no session"), std::string::npos) << e.detail;
}

TEST(couchdb_session, what_set_cookie_says_is_read) {
  const auto read = [](std::string value) {
    http::header_list head;
    head.add("Set-Cookie", "other=1; Max-Age=9");
    head.add("Set-Cookie", std::move(value));
    return session_in(head);
  };
  const auto usual = read("AuthSession=cmVh-_A; Version=1; Max-Age=3; Path=/; HttpOnly");
  ASSERT_TRUE(usual.has_value());
  EXPECT_EQ(usual->cookie, "AuthSession=cmVh-_A");
  EXPECT_EQ(usual->life, 3s);
  EXPECT_EQ(read("AuthSession=a; path=/; max-age=7")->life, 7s);
  EXPECT_EQ(read("AuthSession=a")->life, 600s);
  EXPECT_EQ(read("AuthSession=a; Max-Age=soon")->life, 600s);
  EXPECT_FALSE(read("AuthSession=; Version=1; Max-Age=600; Path=/; HttpOnly").has_value());
  EXPECT_FALSE(read("AuthSession=a; Max-Age=0").has_value());
  EXPECT_FALSE(session_in({}).has_value());
}

} // namespace feedcast::couchdb
