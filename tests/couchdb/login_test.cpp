// Section 6, its second half: signing in.
#include "tests/couchdb/feed_facts.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>

namespace feedcast::test {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

constexpr const char* first_cookie =
    "AuthSession=cmVhZGVyOjZCMDUwNkMxOiCS5BA3z-uFMp9D-OOfyRjFFwsa5rKas1RbGj1xphfa"; // 08#16
constexpr const char* renewed_cookie =
    "AuthSession=cmVhZGVyOjZCMDUwNkMzOjQl8lNJkM7HmwX3QHOKLfBSz45dlv2ORwBCTKMc9e5t"; // 08#24

class couchdb_login : public feed_facts {
 protected:
  using kind = couchdb::login_kind;

  couchdb_login() {
    exists();
    server_.always(live, silent_feed());
  }

  static couchdb::login_options as(kind k, const std::string& password = "readerpw") {
    couchdb::login_options o;
    o.kind = k;
    o.user = "reader";
    o.password = settings::secret{password};
    return o;
  }

  std::vector<std::string> heard(const std::string& header) const {
    std::vector<std::string> all;
    for (const auto& r : server_.requests())
      if (r.path != "/_session")
        all.push_back(r.header(header));
    return all;
  }

  void expect_unauthorized(int times) {
    for (int i = 0; i < times; ++i) {
      const auto page = try_fetch(beginning);
      ASSERT_FALSE(page.has_value());
      EXPECT_EQ(page.error().code, errc::unauthorized) << to_string(page.error());
    }
  }

  const request_shape session{"POST", "/_session"};
};

} // namespace

TEST_F(couchdb_login, name_and_password_go_with_each_request) {
  reconnect(as(kind::basic));
  server_.once(normal, replay::of("08#9"));
  server_.once(normal, ending_answer({}, "\"2-a\""));
  read(beginning, 1);
  EXPECT_GE(server_.requests().size(), 6U);
  EXPECT_THAT(heard("authorization"), Each("Basic cmVhZGVyOnJlYWRlcnB3")) << "as recorded in 08#39";
}

TEST_F(couchdb_login, wrong_passwords_are_tried_twice_and_then_not_again) {
  // The server locks the user out at the fifth within 300 s (08#31 to #39).
  reconnect(as(kind::basic, "bad0"));
  server_.once(normal, replay::of("08#31"));
  server_.once(normal, replay::of("08#32"));
  expect_unauthorized(5);
  EXPECT_EQ(server_.requests().size(), 2U);
  const auto page = try_fetch(beginning);
  EXPECT_GT(page.error().retry_after, 290s);
  EXPECT_THAT(page.error().detail, HasSubstr("lock the user out"));
}

TEST_F(couchdb_login, a_locked_out_user_sends_nothing_more) {
  for (const auto* locked : {"08#35", "08#39"}) {
    reconnect(as(kind::basic));
    server_.once(normal, replay::of(locked));
    const auto before = server_.requests().size();
    expect_unauthorized(3);
    EXPECT_EQ(server_.requests().size(), before + 1) << locked;
  }
}

TEST_F(couchdb_login, another_password_is_tried_at_once) {
  auto login = as(kind::basic, "bad0");
  auto right = std::make_shared<std::atomic<bool>>(false);
  login.reload = [right] { return settings::secret{*right ? "readerpw" : "bad0"}; };
  reconnect(login);
  server_.once(normal, replay::of("08#31"));
  server_.once(normal, replay::of("08#32"));
  expect_unauthorized(3);
  *right = true;
  server_.once(normal, replay::of("02#1"));
  EXPECT_EQ(changes_of(*fetch(beginning)).size(), 8U);
}

TEST_F(couchdb_login, one_who_is_no_member_is_not_taken_for_a_wrong_password) {
  reconnect(as(kind::basic));
  server_.always(normal, replay::of("08#10"));
  for (int i = 0; i < 4; ++i) {
    const auto page = try_fetch(beginning);
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, errc::forbidden);
  }
  EXPECT_EQ(server_.requests(normal).size(), 4U);
}

TEST_F(couchdb_login, a_session_is_opened_once_and_its_cookie_used) {
  reconnect(as(kind::cookie));
  server_.once(session, replay::of("08#16"));
  server_.once(normal, replay::of("08#19"));
  server_.once(normal, ending_answer({}, "\"2-a\""));
  read(beginning, 1);
  ASSERT_EQ(server_.requests(session).size(), 1U);
  EXPECT_EQ(server_.requests(session).front().body, "name=reader&password=readerpw");
  EXPECT_THAT(heard("cookie"), Each(first_cookie));
  EXPECT_THAT(heard("authorization"), Each(""));
}

TEST_F(couchdb_login, a_cookie_renewed_in_an_answer_is_used) {
  reconnect(as(kind::cookie));
  server_.once(session, replay::of("08#16"));
  server_.once(normal, replay::of("08#24").with("Max-Age=3;", "Max-Age=9;"));
  fetch(beginning, 1);
  const auto cookies = heard("cookie");
  ASSERT_GE(cookies.size(), 3U);
  EXPECT_EQ(cookies.front(), first_cookie);
  EXPECT_EQ(cookies.back(), renewed_cookie);
  EXPECT_EQ(server_.requests(session).size(), 1U);
}

TEST_F(couchdb_login, a_session_that_expired_is_opened_again_once) {
  for (const auto* refusal : {"08#26", "08#21", "08#22"}) {
    reconnect(as(kind::cookie));
    const auto before = server_.requests(session).size();
    server_.once(session, replay::of("08#16"));
    server_.once(session, replay::of("08#17"));
    server_.once(normal, replay::of("02#3"));
    server_.once(normal, replay::of(refusal));
    server_.once(normal, replay::of("02#4"));
    const auto first = fetch(beginning, 3);
    EXPECT_EQ(changes_of(*fetch(first->next, 3)).size(), 3U) << refusal;
    EXPECT_EQ(server_.requests(session).size(), before + 2);
  }
}

TEST_F(couchdb_login, a_session_that_is_refused_at_once_is_told) {
  reconnect(as(kind::cookie));
  server_.always(session, replay::of("08#16"));
  server_.always(normal, replay::of("08#21"));
  expect_unauthorized(1);
  EXPECT_LE(server_.requests(session).size(), 2U) << "no loop of sessions";
}

TEST_F(couchdb_login, a_wrong_password_of_a_session_is_tried_twice_and_then_not_again) {
  reconnect(as(kind::cookie, "bad"));
  server_.once(session, replay::of("08#18"));
  server_.once(session, replay::of("08#18"));
  expect_unauthorized(5);
  EXPECT_EQ(server_.requests().size(), 2U);
}

TEST_F(couchdb_login, an_open_feed_goes_on_when_its_session_or_user_ends) {
  server_.forget(live);
  for (const auto* name : {"08#25", "08#27"}) {
    reconnect(as(kind::cookie));
    server_.once(session, replay::of("08#16"));
    server_.once(normal, ending_answer({}, "\"1-a\""));
    server_.once(live, replay::of(name));
    EXPECT_EQ(read_so_many(beginning, ids_of(name).size()).changes, ids_of(name)) << name;
    EXPECT_FALSE(ids_of(name).empty());
  }
}

TEST_F(couchdb_login, a_token_goes_with_each_request) {
  reconnect(as(kind::bearer, "a.b.c"));
  server_.once(normal, replay::of("09#1"));
  fetch(beginning, 1);
  EXPECT_THAT(heard("authorization"), Each("Bearer a.b.c"));
}

TEST_F(couchdb_login, a_token_that_is_refused_is_no_bad_request) {
  // An expired one is 401, one that can't be believed 400.
  for (const auto* refusal : {"09#3", "09#4", "09#5", "09#7"}) {
    reconnect(as(kind::bearer, "a.b.c"));
    server_.once(normal, replay::of(refusal));
    const auto page = try_fetch(position_at("1-a"));
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, errc::unauthorized) << refusal << to_string(page.error());
  }
}

} // namespace feedcast::test
