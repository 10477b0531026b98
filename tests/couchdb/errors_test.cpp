// Section 6: what a reader sees when something is wrong, and what it does.
#include "tests/couchdb/feed_facts.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace feedcast::test {

using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

class couchdb_errors : public feed_facts {
 protected:
  /// Brings the reader behind `seq` to the open feed, which gives `answer`.
  void follow(const std::string& seq, replay answer) {
    server_.once(since(normal, seq), ending_answer({}, '"' + seq + '"'));
    server_.once(since(live, seq), std::move(answer));
  }

  void expect_error(const char* exchange, errc code, const char* text) {
    server_.once(normal, replay::of(exchange));
    reconnect();
    const auto page = try_fetch(beginning);
    ASSERT_FALSE(page.has_value()) << exchange;
    EXPECT_EQ(page.error().code, code) << exchange << ": " << to_string(page.error());
    EXPECT_THAT(page.error().detail, testing::HasSubstr(text)) << exchange;
    EXPECT_THAT(page.error().detail, testing::HasSubstr("/feed/_changes"));
  }

  /// Fetches until a page has changes, through errors of the server's.
  told persist(read_position at) {
    for (int tries = 0; tries < 10; ++tries) {
      const auto page = try_fetch(at);
      if (!page) {
        EXPECT_TRUE(is_transient(page.error().code)) << to_string(page.error());
        continue;
      }
      at = (*page)->next;
      if (!(*page)->unchanged)
        return {changes_of(**page), (*page)->next};
    }
    ADD_FAILURE() << "no page";
    return {};
  }
};

} // namespace

TEST_F(couchdb_errors, answers_mean_what_the_caller_should_do) {
  exists();
  expect_error("07#1", errc::not_found, "Database does not exist.");
  expect_error("10#4", errc::not_found, "Database does not exist.");
  expect_error("08#1", errc::unauthorized, "401");
  expect_error("08#5", errc::unauthorized, "Name or password is incorrect.");
  expect_error("08#10", errc::forbidden, "You are not allowed to access this db.");
  expect_error("08#15", errc::forbidden, "_security");
  expect_error("08#3", errc::unavailable, "redirects");
  expect_error("17b#1", errc::unavailable, "nodedown");
  expect_error("17b#3", errc::unavailable, "timeout");
  expect_error("12#11", errc::unavailable, "No DB shards could be opened.");
  expect_error("07#15", errc::unavailable, "500");
  expect_error("17#13", errc::unavailable, "nodedown");
  EXPECT_EQ(server_.unexpected().size(), 0U);
}

TEST_F(couchdb_errors, an_empty_400_is_no_position_that_can_not_be_read) {
  // A request line that is too long (15#22): the connection is reset behind it.
  exists();
  server_.always(normal, replay::of("15#22"));
  const auto page = try_fetch(position_at("1-a"));
  ASSERT_FALSE(page.has_value());
  EXPECT_THAT(page.error().code, testing::AnyOf(errc::rejected, errc::unavailable));
  EXPECT_EQ(server_.requests(normal).size(), 1U) << "not read from the beginning for that";
}

TEST_F(couchdb_errors, a_feed_whose_database_was_deleted_ends_and_is_missed) {
  exists();
  const auto end = last_seq_of("10#1");
  follow(since_of("10#1"), replay::of("10#1"));
  server_.once(since(normal, end), replay::of("10#4"));
  const auto page = try_fetch(position_at(since_of("10#1")));
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::not_found) << to_string(page.error());
  // It comes back, as another one.
  exists(created_again);
  server_.once(since(normal, end), replay::of("07#13"));
  server_.once(since(normal, since_of("10#1")), replay::of("07#13"));
  server_.once(since(normal, "0"), replay::of("02#1"));
  EXPECT_EQ(fetch(position_at(since_of("10#1")))->rewound, rewind_reason::feed_replaced);
}

TEST_F(couchdb_errors, an_answer_that_breaks_off_is_resumed_behind_its_last_whole_row) {
  exists();
  const auto start = since_of("12#5");
  const auto row = seqs_of("12#5").front();
  const auto whole = replay::of("12#5").text();
  const auto row_end = whole.rfind("]}\n") + 2;
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    follow(start, replay::of("12#5").in_one_piece().only(n).closing());
    const bool row_came = n >= row_end;
    if (!row_came)
      server_.once(since(normal, start), replay::of("12#6"));
    reconnect();
    const auto seen = persist(position_at(start));
    EXPECT_THAT(seen.changes, ElementsAre("guest/justbefore")) << "cut after " << n;
    EXPECT_EQ(seq_of(seen.end), row);
    ASSERT_FALSE(HasFailure()) << "cut after " << n;
  }
}

TEST_F(couchdb_errors, a_page_that_breaks_off_is_resumed_behind_its_last_whole_row) {
  exists();
  const auto whole = replay::of("12#6").text();
  const auto start = since_of("12#6");
  const auto row = seqs_of("12#6").front();
  for (std::size_t n = 0; n < whole.size(); n += 3) {
    server_.once(since(normal, start), replay::of("12#6").in_one_piece().only(n).closing());
    server_.once(since(normal, start), replay::of("12#6"));
    reconnect();
    const auto seen = persist(position_at(start));
    EXPECT_THAT(seen.changes, ElementsAre("guest/justbefore")) << "cut after " << n;
    EXPECT_EQ(seq_of(seen.end), row);
    server_.forget(since(normal, start));
    ASSERT_FALSE(HasFailure()) << "cut after " << n;
  }
}

TEST_F(couchdb_errors, a_node_that_stops_or_is_killed_costs_nothing) {
  exists();
  follow(since_of("12#1"), replay::of("12#1"));
  server_.once(since(normal, since_of("12#4")), replay::of("12#4"));
  ASSERT_EQ(since_of("12#1"), since_of("12#4"));
  EXPECT_THAT(persist(position_at(since_of("12#1"))).changes, ElementsAre("guest/afterterm"));
}

TEST_F(couchdb_errors, another_answer_within_a_body_ends_it) {
  exists();
  const auto& parts = recorded("18#1").pieces;
  const auto bad = std::ranges::find_if(
      parts, [](const auto& p) { return p.bytes.starts_with("HTTP/1.1 412 "); });
  ASSERT_NE(bad, parts.end());
  const auto rows = replay::of("05#3").text();
  const auto three = rows.substr(0, rows.find("{\"seq\":\"14-"));
  const auto last = seqs_of("05#3")[1];
  // Behind whole rows, within a row, and as it was recorded in a silent feed (12#9).
  for (const auto& before : {three, three + "{\"seq\":\"14-g1", replay::of("12#9").text()}) {
    const bool silent = before.find("HTTP/1.1 412 ") != before.npos;
    follow("1-a", replay::bytes(silent ? before : before + bad->bytes));
    server_.once(since(normal, silent ? "1-a" : last), replay::of("12#4"));
    reconnect();
    std::vector<std::string> seen;
    read_position at = position_at("1-a");
    while (seen.empty() || seen.back() != "guest/afterterm") {
      const auto part = persist(at);
      seen.insert(seen.end(), part.changes.begin(), part.changes.end());
      at = part.end;
      ASSERT_FALSE(HasFailure());
    }
    EXPECT_EQ(seen.size(), silent ? 1U : 3U);
  }
}

TEST_F(couchdb_errors, silence_from_the_moment_of_sending_ends_the_answer) {
  exists();
  options_.heartbeat = 100ms;
  reconnect();
  // No head (17b#3), no body, and no heartbeat any more.
  const auto head = replay::of("05#3").text().find("\r\n\r\n") + 4;
  for (const std::size_t n : {std::size_t{0}, head, std::size_t{249}}) {
    follow("1-a", replay::of("05#3").only(n).stalling_after(n));
    reconnect();
    const auto begun = std::chrono::steady_clock::now();
    auto page = try_fetch(position_at("1-a"));
    while (page && (*page)->unchanged) // a heartbeat was seen of late: nothing was new by then
      page = try_fetch((*page)->next);
    ASSERT_FALSE(page.has_value()) << n;
    EXPECT_THAT(page.error().code, testing::AnyOf(errc::timeout, errc::unavailable));
    EXPECT_GE(std::chrono::steady_clock::now() - begun, 300ms);
    EXPECT_TRUE(server_.await_stalled(0));
  }
}

TEST_F(couchdb_errors, a_server_that_accepts_and_says_nothing_is_given_up) {
  options_.deadline = 200ms;
  reconnect();
  exists();
  server_.once(normal, replay::of("02#1").stalling_after(0));
  const auto page = try_fetch(beginning);
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::timeout) << to_string(page.error());
}

TEST_F(couchdb_errors, a_refused_connection_is_tried_again_by_the_caller) {
  exists();
  server_.always(live, silent_feed());
  server_.once(normal, replay::of("02#1"));
  const auto page = fetch(beginning);
  server_.go_down();
  result<feed_page_ptr> next = page;
  while (next && (*next)->unchanged | !(*next)->body.empty())
    next = try_fetch((*next)->next);
  ASSERT_FALSE(next.has_value());
  EXPECT_EQ(next.error().code, errc::unavailable) << to_string(next.error());
  server_.come_up();
  server_.once(since(normal, last_seq_of("02#1")), replay::of("12#4"));
  EXPECT_THAT(persist(page->next).changes, ElementsAre("guest/afterterm"));
}

TEST_F(couchdb_errors, a_database_that_can_not_be_verified_is_not_believed) {
  server_.always(root, replay::of("01#1"));
  server_.once(info, replay::of("17b#4"));
  server_.always(normal, replay::of("02#1"));
  const auto page = try_fetch(position_at("1-a"));
  ASSERT_FALSE(page.has_value()) << "no row was handed out before the identity was known";
  EXPECT_EQ(page.error().code, errc::unavailable);
}

TEST_F(couchdb_errors, an_error_in_the_place_of_a_row_ends_the_answer) {
  options_.hold = 10s;
  reconnect();
  exists();
  // As servers before 2.0 and proxies do when it fails while it streams.
  follow("1-a",
         replay::chunked({"{\"error\":\"nodedown\",\"reason\":\"progress not possible\"}\n"}));
  const auto page = try_fetch(position_at("1-a"));
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::unavailable);
  EXPECT_THAT(page.error().detail, testing::HasSubstr("nodedown"));
}

TEST_F(couchdb_errors, what_is_no_feed_is_none) {
  exists();
  server_.once(normal, replay::json(200, "<html>sign in</html>"));
  auto page = try_fetch(beginning);
  ASSERT_FALSE(page.has_value());
  server_.once(normal, replay::json(200, "{\"ok\":true}"));
  reconnect();
  page = try_fetch(beginning);
  ASSERT_FALSE(page.has_value());
}

} // namespace feedcast::test
