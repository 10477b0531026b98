#include "feeds/couchdb/database.hpp"
#include "feeds/couchdb/errors.hpp"
#include "feeds/couchdb/server_clock.hpp"
#include "scripted_wire.hpp"

#include <gtest/gtest.h>

namespace feedcast::couchdb {

using namespace std::chrono_literals;
using test::said;
using test::scripted;
using test::scripted_server;
using test::wrong_password;

namespace {

login_options basic(std::function<settings::secret()> reload = {}) {
  return {login_kind::basic, "reader", settings::secret{"bad0"}, std::move(reload)};
}

result<std::shared_ptr<server>> opened(const std::string& endpoint) {
  static http::runtime io;
  server_options o;
  o.name = "main";
  o.endpoint = endpoint;
  return server::open(std::move(o), io, {});
}

} // namespace

TEST(couchdb_server, only_an_address_that_is_safe_to_sign_in_at_is_opened) {
  for (const auto* bad : {"http://couch.example:5984", "couch.example", "https://couch.example/db",
                          "https://reader:readerpw@couch.example"}) {
    const auto s = opened(bad);
    ASSERT_FALSE(s.has_value()) << bad;
    EXPECT_EQ(s.error().code, errc::rejected);
    EXPECT_TRUE(s.error().detail.starts_with("account main: ")) << s.error().detail;
    EXPECT_EQ(s.error().detail.find("readerpw"), std::string::npos);
  }
  const auto s = opened("https://Couch.example:6984/");
  ASSERT_TRUE(s.has_value());
  EXPECT_EQ((*s)->host(), "couch.example");
  EXPECT_EQ((*s)->address(), "https://couch.example:6984");
  EXPECT_TRUE(opened("http://127.0.0.1:5984").has_value());
}

TEST(couchdb_server, an_answer_without_end_is_signed_and_asks_for_json) {
  scripted_server s{basic()};
  s.line->answer = [](const http::request&) { return said(200, "{\"results\":["); };
  const auto stream = s.follow();
  ASSERT_TRUE(stream.has_value());
  EXPECT_TRUE(s.line->sent.back().stream);
  EXPECT_EQ(s.last("authorization"), "Basic cmVhZGVyOmJhZDA=");
  EXPECT_EQ(s.last("accept"), "application/json");
  std::string body;
  (*stream)->read(1s, [&](const result<std::string_view>& piece) { body = *piece; });
  EXPECT_EQ(body, "{\"results\":[");
}

TEST(couchdb_server, the_refusal_of_an_answer_without_end_means_what_any_refusal_means) {
  scripted_server s{basic()};
  s.line->answer = [](const http::request&) {
    return said(404, R"({"error":"not_found","reason":"Database does not exist."})");
  };
  const auto missing = s.follow();
  ASSERT_FALSE(missing.has_value());
  EXPECT_TRUE(is_missing_database(missing.error()));
  EXPECT_NE(missing.error().detail.find("GET /feed/_changes at https://couch.example:6984 "),
            std::string::npos)
      << missing.error().detail;
  EXPECT_EQ(missing.error().detail.find("continuous"), std::string::npos)
      << "queries may hold positions of kilobytes";
}

TEST(couchdb_server, an_answer_without_end_that_is_refused_is_asked_for_again_once) {
  auto configured = settings::secret{"bad0"};
  scripted_server s{basic([&] { return configured; })};
  s.line->answer = [&](const http::request& r) {
    configured = settings::secret{"readerpw"};
    return r.headers.get("authorization") == "Basic cmVhZGVyOnJlYWRlcnB3" ? said(200, "{}")
                                                                          : wrong_password();
  };
  s.line->hold = true;
  bool good = false;
  http::request r;
  r.target = "/feed/_changes";
  s.server->open_stream(r, 3s,
                        [&](const result<http::body_stream_ptr>& a) { good = a.has_value(); });
  s.line->release();
  EXPECT_FALSE(good);
  ASSERT_EQ(s.line->sent.size(), 2U);
  EXPECT_TRUE(s.line->sent.back().stream);
  s.line->release();
  EXPECT_TRUE(good);
}

TEST(couchdb_server, streams_and_requests_share_one_wrong_try) {
  scripted_server s{basic()};
  s.line->answer = [](const http::request&) { return wrong_password(); };
  s.line->hold = true;
  int refused = 0;
  const auto count = [&](const auto& r) { refused += r ? 0 : 1; };
  http::request r;
  s.server->open_stream(r, 3s, [&](const result<http::body_stream_ptr>& a) { count(a); });
  s.server->send(r, 3s, [&](const result<http::response>& a) { count(a); });
  s.server->open_stream(r, 3s, [&](const result<http::body_stream_ptr>& a) { count(a); });
  s.line->release();
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(s.line->sent.size(), 1U);
}

TEST(couchdb_server, redirects_are_not_followed) {
  scripted_server s{login_options{}};
  s.line->answer = [](const http::request&) {
    return said(302, R"({"error":"unauthorized","reason":"You are not authorized."})",
                {{"location", "https://elsewhere.example/_utils/session.html"}});
  };
  EXPECT_EQ(s.get().error().code, errc::unavailable);
  EXPECT_EQ(s.line->sent.size(), 1U);
}

TEST(couchdb_server, what_signing_in_took_is_taken_from_the_time_left) {
  scripted_server s{{login_kind::cookie, "reader", settings::secret{"readerpw"}}};
  s.line->answer = [&](const http::request& r) {
    if (r.target == "/_session") {
      s.clock.advance(2s);
      return test::session_of("one");
    }
    return said(200, "{}");
  };
  ASSERT_TRUE(s.get().has_value());
  EXPECT_EQ(s.line->sent.back().deadline, 1s) << "of the three seconds of the request";
  s.clock.advance(600s);
  s.line->answer = [&](const http::request&) {
    s.clock.advance(3s);
    return test::session_of("two");
  };
  EXPECT_EQ(s.get().error().code, errc::timeout);
  EXPECT_EQ(s.line->sent.back().request.target, "/_session");
}

TEST(couchdb_server, no_answer_comes_after_its_end) {
  scripted_server s{basic()};
  s.line->answer = [](const http::request&) { return said(200, "{}"); };
  s.line->hold = true;
  int answers = 0;
  for (int i = 0; i < 3; ++i)
    s.ask("/feed", [&](const result<http::response>&) { ++answers; });
  s.server.reset();
  s.line->release();
  EXPECT_EQ(answers, 0);
}

TEST(couchdb_server, an_answer_may_end_it) {
  scripted_server s{basic()};
  s.line->answer = [](const http::request&) { return wrong_password(); };
  s.line->hold = true;
  int answers = 0;
  for (int i = 0; i < 3; ++i)
    s.ask("/feed", [&](const result<http::response>&) {
      ++answers;
      s.server.reset();
    });
  s.line->release();
  EXPECT_EQ(answers, 1);
}

// -- the server's clock --------------------------------------------------------------------------

TEST(couchdb_server, its_clock_is_learned_from_every_answer) {
  scripted_server s{basic()};
  EXPECT_EQ(s.server->clock_offset(), 0ms);
  auto ahead = 90s;
  s.line->answer = [&](const http::request&) {
    return said(404, "{}", {{"date", format_http_date(s.clock.wall() + ahead)}});
  };
  EXPECT_FALSE(s.get().has_value());
  EXPECT_EQ(s.server->clock_offset(), 90'500ms) << "somewhere in that second";
  ahead = -7s;
  EXPECT_FALSE(s.follow().has_value());
  EXPECT_EQ(s.server->clock_offset(), -6s) << "no further than it must";
  s.line->answer = [&](const http::request&) { return said(200, "{}", {{"date", "yesterday"}}); };
  ASSERT_TRUE(s.get().has_value());
  EXPECT_EQ(s.server->clock_offset(), -6s);
}

TEST(couchdb_server, a_slow_answer_does_not_spoil_what_is_known_of_its_clock) {
  const wall_time now{1'767'225'600s};
  http::header_list head;
  head.set("date", format_http_date(now));
  server_clock c;
  c.learn(head, now, now + 200ms);
  const auto known = c.ahead();
  EXPECT_EQ(known, 400ms);
  c.learn(head, now, now + 40s); // a page that came slowly
  EXPECT_EQ(c.ahead(), known);
  c.learn(head, now + 5s, now); // this machine's clock was set back
  EXPECT_EQ(c.ahead(), known);
}

// -- databases -----------------------------------------------------------------------------------

namespace {

result<database_state> state(scripted_server& s) {
  result<database_state> out = make_error(errc::internal, "no answer");
  read_state(s.server, "a/b", 3s, [&](result<database_state> r) { out = std::move(r); });
  return out;
}

/// GET /, and GET /db as the recordings have it, its identity and sequence aside.
std::function<scripted(const http::request&)> answers(std::string welcome, std::string info) {
  return [welcome = std::move(welcome), info = std::move(info)](const http::request& r) {
    return r.target == "/"        ? said(200, welcome)
           : r.target == "/a%2Fb" ? said(200, info)
                                  : said(404, "{}");
  };
}

} // namespace

TEST(couchdb_database, its_state_is_who_it_is_and_how_far_it_goes) {
  scripted_server s{basic()};
  s.line->answer = answers(R"({"couchdb":"Welcome","version":"3.5.0","uuid":"0011"})",
                           R"({"instance_start_time":"1795490936","update_seq":"8-g1AA"})");
  const auto recorded = state(s);
  ASSERT_TRUE(recorded.has_value()) << recorded.error().detail;
  EXPECT_EQ(recorded->identity, (database_identity{"1795490936", "0011"}));
  EXPECT_EQ(recorded->update_seq, "\"8-g1AA\"");
  s.line->answer = answers("{}", R"({"instance_start_time":"0","update_seq":17})");
  const auto old = state(s);
  ASSERT_TRUE(old.has_value());
  EXPECT_EQ(old->identity, (database_identity{"0", ""}));
  EXPECT_EQ(old->update_seq, "17");
}

TEST(couchdb_database, a_proxy_may_keep_the_welcome_from_us) {
  for (const unsigned status : {403U, 404U, 400U}) {
    scripted_server s{basic()};
    s.line->answer = [&](const http::request& r) {
      return r.target == "/" ? said(status, "{}")
                             : said(200, R"({"instance_start_time":"7","update_seq":"1-x"})");
    };
    const auto r = state(s);
    ASSERT_TRUE(r.has_value()) << status;
    EXPECT_EQ(r->identity, (database_identity{"7", ""}));
  }
}

TEST(couchdb_database, half_a_state_is_none) {
  for (const auto* info : {"{}", "[]", R"({"update_seq":null})", R"({"update_seq":{}})", "{\"u"}) {
    scripted_server s{basic()};
    s.line->answer = answers("{}", info);
    EXPECT_EQ(state(s).error().code, errc::malformed) << info;
  }
}

TEST(couchdb_database, databases_are_told_apart_as_far_as_servers_tell) {
  EXPECT_TRUE(same_database({"7", "a"}, {"7", "a"}));
  EXPECT_TRUE(same_database({"7", "a"}, {"7", "b"})) << "nodes of a cluster";
  EXPECT_FALSE(same_database({"7", "a"}, {"8", "a"}));
  for (const auto* silent : {"0", ""}) {
    EXPECT_TRUE(same_database({silent, "a"}, {silent, "a"}));
    EXPECT_FALSE(same_database({silent, "a"}, {silent, "b"}));
    EXPECT_TRUE(same_database({silent, ""}, {silent, "b"})) << "can't be told";
    EXPECT_TRUE(same_database({silent, "a"}, {"7", "a"})) << "the server was upgraded";
  }
}

} // namespace feedcast::couchdb
