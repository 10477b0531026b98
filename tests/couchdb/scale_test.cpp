// Sections 3 and 9: large feeds, and readers that stand still.
#include "tests/couchdb/feed_facts.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>

namespace feedcast::test {

using namespace std::chrono_literals;

namespace {

class couchdb_scale : public feed_facts {
 protected:
  couchdb_scale() { exists(); }

  static std::string row(std::size_t n, const std::string& doc = {}) {
    const auto seq = std::to_string(n) + '-' + std::string(130, 'g');
    return R"({"seq":")" + seq + R"(","id":"guest/)" + std::to_string(n)
           + R"(","changes":[{"rev":"1-7a7e4b29f3af401e69b6f86e4c26b727"}])"
           + (doc.empty() ? "" : R"(,"doc":{"_id":"x","a":")" + doc + "\"}") + '}';
  }

  static std::size_t number_of(const std::string& seq) {
    return static_cast<std::size_t>(std::stoul(seq));
  }

  /// As a database of so many documents answers.
  static std::function<replay(const heard_request&)> database_of(std::size_t rows) {
    return [rows](const heard_request& r) {
      const auto from = number_of(r.parameter("since"));
      const auto to = std::min(rows, from + number_of(r.parameter("limit")));
      const auto interval = number_of(r.parameter("seq_interval"));
      std::string body = "{\"results\":[\n";
      for (auto n = from + 1; n <= to; ++n) {
        auto text = row(n);
        if ((n - from) % interval != 0 && n != to)
          text.replace(7, text.find(",\"id\"") - 7, "null");
        body += (n > from + 1 ? ",\n" : "") + text;
      }
      const auto end = std::to_string(to) + '-' + std::string(130, 'g');
      body += "\n],\n\"last_seq\":\"" + end + "\",\"pending\":" + std::to_string(rows - to) + "}\n";
      return replay::json(200, body);
    };
  }
};

} // namespace

TEST_F(couchdb_scale, a_large_feed_comes_whole_from_its_beginning) {
  constexpr std::size_t rows = 60'000;
  server_.always(normal, database_of(rows));
  server_.always(live, silent_feed());
  std::size_t seen = 0;
  std::uint64_t behind = rows;
  read_position at = beginning;
  for (;;) {
    const auto page = fetch(at, 1000);
    if (page->unchanged)
      break;
    ASSERT_EQ(page->item_count, 1000U);
    seen += 1000;
    if (seen > 1000) { // the first one is full before its answer says how much is behind it
      ASSERT_TRUE(page->behind.has_value());
      EXPECT_EQ(*page->behind, rows - seen) << "less and less is behind";
      behind = *page->behind;
    }
    at = page->next;
  }
  EXPECT_EQ(seen, rows);
  EXPECT_EQ(behind, 0U);
  // The first answer holds one page, each later one ten.
  EXPECT_EQ(server_.requests(normal).size(), 1U + (rows - 1000 + 9999) / 10'000);
}

TEST_F(couchdb_scale, while_nobody_fetches_the_server_stands_still) {
  constexpr std::size_t rows = 120'000; // 28 MB
  std::string all;
  for (std::size_t n = 1; n <= rows; ++n)
    all += row(n) + '\n';
  const auto size = all.size();
  options_.heartbeat = 500ms;
  reconnect();
  server_.once(normal, ending_answer({}, "\"0\""));
  server_.once(live, replay::chunked({all}));
  auto page = fetch(beginning, 1000);
  while (page->unchanged)
    page = fetch(page->next, 1000);
  std::size_t seen = page->item_count.value_or(0); // less than a page where the sender is slow

  ASSERT_TRUE(server_.await_full());
  const auto taken = server_.written();
  EXPECT_LT(taken, size / 2) << "what fits into the sockets, and no more";
  // For longer than three heartbeats, which is no silence of the server's.
  ASSERT_TRUE(server_.await_full(4 * options_.heartbeat));
  EXPECT_EQ(server_.written(), taken);

  while (seen < rows) {
    page = fetch(page->next, 1000);
    ASSERT_TRUE(page->item_count.has_value()); // 0 where the sender is slow
    seen += *page->item_count;
  }
  EXPECT_EQ(seen, rows);
  EXPECT_EQ(number_of(seq_of(page->next)), rows);
  EXPECT_EQ(server_.requests(live).size(), 1U) << "all in the answer that was open";
}

TEST_F(couchdb_scale, a_page_is_bounded_by_its_bytes) {
  options_.max_bytes = std::size_t{1} << 18U;
  reconnect();
  heard_request whole;
  whole.query = {{"since", "0"}, {"limit", "20000"}, {"seq_interval", "1"}};
  server_.once(normal, database_of(20'000)(whole));
  server_.once(live, silent_feed());
  std::size_t seen = 0;
  read_position at = beginning;
  while (seen < 20'000) {
    const auto page = fetch(at, 1'000'000);
    ASSERT_FALSE(page->unchanged);
    EXPECT_LE(page->body.size(), options_.max_bytes + 100);
    seen += page->item_count.value_or(0);
    at = page->next;
  }
  EXPECT_EQ(seen, 20'000U);
}

TEST_F(couchdb_scale, a_document_that_is_too_large_is_told_without_it) {
  options_.documents = true;
  options_.max_bytes = 100'000;
  reconnect();
  const std::string large(200'000, 'x');
  const auto end = [](std::size_t n) { return std::to_string(n) + '-' + std::string(130, 'g'); };
  request_shape with = normal;
  with.query["include_docs"] = "true";
  request_shape without = normal;
  without.query["include_docs"] = "";
  server_.once(since(with, "0"),
               ending_answer({row(1, "a"), row(2, large), row(3, "c")}, '"' + end(3) + '"'));
  server_.once(since(with, end(1)),
               ending_answer({row(2, large), row(3, "c")}, '"' + end(3) + '"'));
  server_.once(since(without, end(1)), ending_answer({row(2)}, '"' + end(2) + '"', "1"));
  server_.once(since(with, end(2)), ending_answer({row(3, "c")}, '"' + end(3) + '"'));
  server_.always(live, silent_feed());
  EXPECT_EQ(read(beginning).changes, (std::vector<std::string>{"guest/1", "guest/2", "guest/3"}));
  EXPECT_EQ(server_.requests(since(without, end(1))).front().parameter("limit"), "1");
}

TEST_F(couchdb_scale, rows_before_a_large_document_are_not_read_again_one_by_one) {
  options_.documents = true;
  options_.max_bytes = 100'000;
  reconnect();
  request_shape with = normal;
  with.query["include_docs"] = "true";
  request_shape without = normal;
  without.query["include_docs"] = "";
  // As the real server numbers them: the first row of an answer is the one that names its sequence.
  std::vector<std::string> rows;
  for (std::size_t n = 1; n <= 5; ++n) {
    rows.push_back(row(n, n == 5 ? std::string(200'000, 'x') : "a"));
    if (n > 1)
      rows.back().replace(7, rows.back().find(",\"id\"") - 7, "null");
  }
  const auto end = std::to_string(5) + '-' + std::string(130, 'g');
  server_.once(with, ending_answer(rows, '"' + end + '"'));
  server_.once(since(without, "0"),
               ending_answer({row(1), row(2), row(3), row(4), row(5)}, '"' + end + '"'));
  server_.always(live, silent_feed());
  const auto page = fetch(beginning, 100);
  EXPECT_EQ(page->item_count, 5U);
  EXPECT_EQ(seq_of(page->next), end);
  EXPECT_EQ(server_.requests(without).front().parameter("limit"), "5");
}

TEST_F(couchdb_scale, a_page_that_comes_too_slowly_is_to_be_asked_for_smaller) {
  options_.deadline = 300ms;
  reconnect();
  auto n = std::make_shared<std::atomic<std::size_t>>(0);
  server_.once(normal, replay::chunked({"{\"results\":[\n"})
                           .going_on(
                               [n](bool) {
                                 auto one = row(++*n);
                                 one.replace(7, one.find(",\"id\"") - 7, "null");
                                 const auto text = (*n > 1 ? "," : "") + one + '\n';
                                 char size[16];
                                 std::snprintf(size, sizeof size, "%zx\r\n", text.size());
                                 return size + text + "\r\n";
                               },
                               20ms));
  const auto page = try_fetch(beginning, 1000);
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::too_large) << "which halves the next page";
  EXPECT_GT(n->load(), 2U) << "it was never silent";
}

TEST_F(couchdb_scale, a_full_page_of_an_open_feed_does_not_say_that_nothing_is_behind) {
  server_.once(normal, ending_answer({}, "\"1-a\""));
  server_.once(live, replay::chunked({row(2) + '\n' + row(3) + '\n' + row(4) + '\n'}));
  const auto full = fetch(beginning, 2);
  EXPECT_EQ(full->item_count, 2U);
  EXPECT_FALSE(full->behind.has_value());
  const auto rest = fetch(full->next, 2);
  EXPECT_EQ(rest->item_count, 1U);
  EXPECT_EQ(rest->behind, 0U);
}

TEST_F(couchdb_scale, an_answer_without_rows_that_counts_some_is_not_asked_for_again_and_again) {
  server_.always(normal, ending_answer({}, "\"1-a\"", "7"));
  server_.once(live, silent_feed());
  EXPECT_TRUE(fetch(beginning)->unchanged);
  EXPECT_EQ(server_.requests(normal).size(), 1U);
}

TEST_F(couchdb_scale, a_row_of_an_open_feed_that_names_nothing_holds_nothing_back) {
  server_.once(since(normal, "0"), ending_answer({}, "\"1-a\""));
  server_.once(live, replay::chunked(
                         {row(2) + '\n' + R"({"seq":null,"id":"guest/3","changes":[]})" + '\n'}));
  const auto page = fetch(beginning);
  EXPECT_EQ(page->item_count, 2U);
  EXPECT_EQ(number_of(seq_of(page->next)), 2U) << "so the other one comes again";
}

TEST_F(couchdb_scale, a_row_that_never_ends_is_given_up) {
  options_.max_bytes = 100'000;
  reconnect();
  server_.once(normal, replay::chunked({"{\"results\":[\n{\"seq\":\"1-a\",\"id\":\""
                                        + std::string(300'000, 'x')}));
  const auto page = try_fetch(beginning);
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::too_large) << to_string(page.error());
}

} // namespace feedcast::test
