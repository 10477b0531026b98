// Sections 3, 4 and 8: how the feed is asked for, and what its answers look like on the wire.
#include "tests/couchdb/feed_facts.hpp"

#include <gmock/gmock.h>

#include <future>

namespace feedcast::test {

using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

class couchdb_modes : public feed_facts {
 protected:
  couchdb_modes() { exists(); }

  /// Brings the reader to the open feed, which gives `answer`.
  continuation follow(replay answer) {
    server_.once(normal, ending_answer({}, "\"1-a\""));
    server_.once(live, std::move(answer));
    return position_at("0-start");
  }
};

} // namespace

TEST_F(couchdb_modes, an_answer_that_ends_comes_first_and_then_one_that_does_not) {
  server_.once(normal, replay::of("02#1"));
  server_.once(live, silent_feed());
  const auto seen = read(beginning);
  EXPECT_EQ(seen.changes.size(), 8U);
  const auto asked = server_.requests();
  std::vector<std::string> paths;
  for (const auto& r : asked)
    paths.push_back(r.path + " " + r.parameter("feed"));
  EXPECT_THAT(paths, ElementsAre("/feed/_changes normal", "/ ", "/feed ",
                                 "/feed/_changes continuous", "/ ", "/feed "));
  EXPECT_EQ(asked.back().connection, asked[1].connection) << "small requests share a connection";
}

TEST_F(couchdb_modes, asks_for_a_heartbeat_and_no_timeout_and_no_filter) {
  options_.heartbeat = 7s;
  reconnect();
  server_.once(normal, replay::of("02#1"));
  server_.once(live, silent_feed());
  read(beginning);
  const auto asked = server_.requests(live).front();
  EXPECT_EQ(asked.parameter("heartbeat"), "7000");
  for (const auto& r : server_.requests()) {
    if (r.path != "/feed/_changes")
      continue;
    for (const auto* unwanted : {"timeout", "filter", "descending", "style", "conflicts",
                                 "attachments", "include_docs", "att_encoding_info"})
      EXPECT_FALSE(r.query.contains(unwanted)) << unwanted;
    EXPECT_EQ(r.method, "GET");
    EXPECT_TRUE(r.parameter("feed") == "normal" || r.parameter("feed") == "continuous");
  }
}

TEST_F(couchdb_modes, asks_for_json_without_compression_or_conditions) {
  server_.once(normal, replay::of("02#1"));
  server_.once(live, silent_feed());
  read(beginning);
  for (const auto& r : server_.requests()) {
    EXPECT_EQ(r.header("accept"), "application/json") << r.path;
    for (const auto* unwanted : {"accept-encoding", "if-none-match", "expect", "last-event-id"})
      EXPECT_EQ(r.header(unwanted), "") << r.path << " " << unwanted;
  }
}

TEST_F(couchdb_modes, blank_lines_are_no_changes) {
  // 05#3 has one before each row, and more in the silence between.
  const auto wanted = ids_of("05#3");
  const auto at = follow(replay::of("05#3"));
  EXPECT_EQ(read_so_many(at, wanted.size()).changes.size(), wanted.size());
}

TEST_F(couchdb_modes, a_blank_line_says_alive_and_not_that_nothing_is_new) {
  options_.hold = 10s; // for so long a fetch waits for changes
  reconnect();
  const auto live_bytes = replay::of("05#3");
  const auto row_at = live_bytes.text().find("{\"seq\"");
  const auto at = follow(replay::of("05#3").stalling_after(row_at));
  std::promise<result<feed_page_ptr>> answer;
  feed_->fetch({"0", at}, [&](auto r) { answer.set_value(std::move(r)); });
  ASSERT_TRUE(server_.await_stalled());
  auto page = answer.get_future();
  EXPECT_EQ(page.wait_for(100ms), std::future_status::timeout);
  server_.go_on();
  ASSERT_EQ(page.wait_for(5s), std::future_status::ready);
  const auto got = page.get();
  ASSERT_TRUE(got.has_value());
  EXPECT_GE(changes_of(**got).size(), 1U);
}

TEST_F(couchdb_modes, rows_are_found_wherever_the_bytes_are_cut) {
  for (const std::size_t size : {1U, 2U, 3U, 7U, 64U, 1000U}) {
    server_.once(normal, replay::of("02#1").in_pieces_of(size));
    server_.once(live, replay::of("05#3").in_pieces_of(size));
    reconnect();
    const auto seen = read_so_many(beginning, 15);
    EXPECT_EQ(seen.changes.size(), 15U) << size;
    EXPECT_EQ(seq_of(seen.end), seqs_of("05#3").back());
  }
}

TEST_F(couchdb_modes, a_feed_that_ends_itself_is_opened_again_at_its_last_sequence) {
  // Ended by the server's own limit of time (12#13), and by a timeout that a proxy may add (05#1).
  const auto end = last_seq_of("12#13");
  const auto at = follow(replay::of("12#13"));
  server_.once(since(normal, end), ending_answer({}, '"' + end + '"'));
  server_.once(since(live, end), silent_feed());
  const auto page = fetch(at);
  EXPECT_TRUE(page->unchanged && page->waited);
  EXPECT_EQ(seq_of(page->next), end);

  reconnect();
  server_.once(normal, ending_answer({}, "\"0\""));
  server_.once(live, replay::of("05#1"));
  const auto behind = last_seq_of("05#1");
  server_.once(since(normal, behind), ending_answer({}, '"' + behind + '"'));
  server_.once(since(live, behind), silent_feed());
  const auto seen = read_so_many(position_at("0"), 8);
  EXPECT_EQ(seen.changes.size(), 8U);
  const auto next = fetch(seen.end);
  EXPECT_TRUE(next->unchanged);
  EXPECT_EQ(seq_of(next->next), behind);
}

TEST_F(couchdb_modes, a_feed_that_ends_at_once_again_and_again_is_a_failure) {
  options_.hold = 10s;
  reconnect();
  const auto at = follow(replay::of("12#13"));
  server_.always(live, replay::of("12#13"));
  server_.always(normal, ending_answer({}, '"' + last_seq_of("12#13") + '"'));
  const auto page = try_fetch(at);
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::unavailable) << to_string(page.error());
}

TEST_F(couchdb_modes, an_answer_without_chunks_is_read_to_its_end) {
  // As an old proxy hands it on (HTTP/1.0).
  server_.once(since(normal, "0"), replay::of("15#13"));
  server_.once(since(normal, last_seq_of("15#13")),
               ending_answer({}, '"' + last_seq_of("15#13") + '"'));
  server_.once(live, silent_feed());
  const auto seen = read(beginning, 1);
  EXPECT_THAT(seen.changes, ElementsAre("guest/hello"));
  EXPECT_EQ(server_.requests(normal).size(), 2U) << "ten more are behind it, says 15#13";
}

TEST_F(couchdb_modes, a_closed_connection_is_opened_again) {
  server_.forget(root);
  server_.always(
      root, replay::of("01#1").with("Content-Type", "Connection: close\r\nContent-Type").closing());
  server_.once(normal, replay::of("02#1"));
  server_.once(live, silent_feed());
  EXPECT_EQ(read(beginning).changes.size(), 8U);
}

TEST_F(couchdb_modes, documents_are_asked_for_only_where_they_are_needed) {
  server_.once(normal, replay::of("02#1"));
  fetch(beginning);
  EXPECT_EQ(server_.requests(normal).back().parameter("include_docs"), "");
  options_.documents = true;
  reconnect();
  server_.once(normal, replay::of("02#13"));
  server_.once(live, silent_feed());
  read(beginning);
  EXPECT_EQ(server_.requests(normal).back().parameter("include_docs"), "true");
  EXPECT_EQ(server_.requests(live).back().parameter("include_docs"), "true");
}

TEST_F(couchdb_modes, a_time_is_no_place_to_start) {
  const auto page =
      try_fetch(start_point{start_point::kind::time, std::chrono::system_clock::now()});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::rejected);
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(couchdb_modes, changes_that_come_together_are_one_page) {
  options_.gather = 500ms;
  options_.hold = 10s;
  reconnect();
  const auto at = follow(replay::of("05#3"));
  EXPECT_EQ(changes_of(*fetch(at)).size(), 7U);
}

TEST_F(couchdb_modes, a_fetch_that_goes_on_takes_the_open_answer_and_another_a_new_one) {
  options_.hold = 10s;
  reconnect();
  auto at = follow(replay::of("05#3"));
  const auto first = fetch(at, 3);
  EXPECT_EQ(changes_of(*first).size(), 3U);
  const auto second = fetch(first->next, 3);
  EXPECT_EQ(changes_of(*second).size(), 3U);
  EXPECT_EQ(server_.requests(live).size(), 1U);

  // Given again: the same or more, in an answer of its own.
  const auto seq = seq_of(first->next);
  server_.once(since(normal, seq), ending_answer({}, '"' + seq + '"'));
  server_.once(since(live, seq), replay::of("05#3"));
  EXPECT_GE(changes_of(*fetch(first->next, 3)).size(), 3U);
  EXPECT_TRUE(server_.await_connections(2)) << "the answer that is not read on is closed";
}

} // namespace feedcast::test
