// Sections 1 and 2: rows, sequences, documents.
#include "tests/couchdb/feed_facts.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

namespace feedcast::test {

using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

class couchdb_rows : public feed_facts {
 protected:
  couchdb_rows() {
    exists();
    server_.always(live, silent_feed());
  }

  static std::string row(const std::string& seq, const std::string& id) {
    return R"({"seq":)" + seq + R"(,"id":")" + id + R"(","changes":[{"rev":"1-a"}]})";
  }
};

} // namespace

TEST_F(couchdb_rows, each_row_is_a_change_and_deletes_are_told) {
  server_.once(normal, replay::of("02#1"));
  const auto page = fetch(beginning);
  EXPECT_THAT(changes_of(*page),
              ElementsAre("guest/hello", "guest/trig", "guest/gone2 deleted", "guest/zipped",
                          "guest/gone deleted", "_design/f", "guest/conf", "guest/last"));
  EXPECT_EQ(seq_of(page->next), last_seq_of("02#1"));
  EXPECT_EQ(page->behind, 0U);
}

TEST_F(couchdb_rows, rows_keep_the_order_of_the_answer) {
  for (const auto* name : {"02#1", "02#2", "17#1", "17#2"}) {
    server_.once(normal, replay::of(name));
    reconnect();
    std::vector<std::string> ids;
    for (auto id : changes_of(*fetch(beginning)))
      ids.push_back(id.substr(0, id.find(' ')));
    EXPECT_EQ(ids, ids_of(name)) << name;
  }
}

TEST_F(couchdb_rows, with_documents_a_row_tells_kind_and_nothing_of_attachments) {
  options_.documents = true;
  reconnect();
  server_.once(normal, replay::of("02#13"));
  const auto page = fetch(beginning);
  EXPECT_EQ(server_.requests(normal).front().parameter("include_docs"), "true");
  const auto body = boost::json::parse(page->body.view());
  std::map<std::string, std::string> kinds;
  for (const auto& d : body.at("Documents").as_array()) {
    const auto& o = d.as_object();
    const auto* kind = o.if_contains("entityType");
    kinds[std::string{o.at("id").as_string()}] = kind ? std::string{kind->as_string()} : "";
    EXPECT_FALSE(o.contains("_attachments") || o.contains("_rev") || o.contains("name"));
    EXPECT_EQ(o.contains("_deleted"), o.at("id").as_string().starts_with("guest/gone"));
  }
  EXPECT_EQ(kinds, (std::map<std::string, std::string>{{"guest/hello", "action"},
                                                       {"guest/gone", ""},
                                                       {"guest/trig", "trigger"},
                                                       {"_design/f", ""},
                                                       {"guest/gone2", "rule"},
                                                       {"guest/conf", ""},
                                                       {"guest/zipped", "action"},
                                                       {"guest/last", "package"}}));
}

TEST_F(couchdb_rows, the_writers_cluster_is_read_from_the_member_that_is_configured) {
  options_.documents = true;
  options_.stamp = "namespace"; // there is none of such a name in the recorded documents
  reconnect();
  server_.once(normal, replay::of("02#13"));
  const auto page = fetch(beginning);
  EXPECT_NE(
      page->body.view().find(R"("id":"guest/hello","entityType":"action","_clusterId":"guest")"),
      std::string_view::npos)
      << page->body.view();
  EXPECT_NE(page->body.view().find(R"({"id":"guest/conf"})"), std::string_view::npos)
      << "absent is absent";
}

TEST_F(couchdb_rows, ten_updates_while_nobody_read_are_one_change) {
  const auto start = since_of("05#11");
  server_.once(since(normal, start), ending_answer({}, '"' + start + '"'));
  server_.once(since(live, start), replay::of("05#11"));
  const auto seen = read_so_many(position_at(start), 1);
  EXPECT_THAT(seen.changes, ElementsAre("offline"));
  EXPECT_EQ(seq_of(seen.end), last_seq_of("05#11"));
}

TEST_F(couchdb_rows, every_revision_that_the_feed_tells_is_passed_on) {
  server_.once(normal, ending_answer({}, "\"1-a\""));
  server_.once(live, replay::of("05#9"));
  EXPECT_EQ(read_so_many(beginning, 15).changes, std::vector<std::string>(15, "hot1"));
  reconnect();
  server_.once(normal, ending_answer({}, "\"1-a\""));
  server_.once(live, replay::of("05#10"));
  EXPECT_EQ(read_so_many(beginning, 120).changes.size(), 120U);
}

TEST_F(couchdb_rows, catches_up_page_by_page_with_sequences_as_they_came) {
  // Any other `since` than the recorded one would find no rule.
  server_.once(since(normal, "0"), replay::of("02#3"));
  server_.once(since(normal, last_seq_of("02#3")), replay::of("02#4"));
  server_.once(since(normal, last_seq_of("02#4")), replay::of("02#5"));
  std::vector<std::optional<std::uint64_t>> behind;
  std::vector<std::string> seen;
  read_position at = beginning;
  for (int i = 0; i < 3; ++i) {
    const auto page = fetch(at, 3);
    for (auto& c : changes_of(*page))
      seen.push_back(c);
    behind.push_back(page->behind);
    at = page->next;
  }
  EXPECT_EQ(seen.size(), 8U);
  // The first page is full before its answer has said what is behind it.
  EXPECT_THAT(behind, ElementsAre(std::nullopt, 2U, 0U));
  EXPECT_TRUE(fetch(at, 3)->unchanged);
  EXPECT_EQ(server_.requests(since(live, last_seq_of("02#5"))).size(), 1U);
  EXPECT_EQ(server_.requests(normal).front().parameter("limit"), "3");
  EXPECT_EQ(server_.requests(normal).front().parameter("seq_interval"), "3");
}

TEST_F(couchdb_rows, a_sequence_with_a_smaller_number_is_followed) {
  const auto seqs = seqs_of("10#5");
  ASSERT_TRUE(seqs[0].starts_with("6-") && seqs[1].starts_with("2-"));
  server_.once(normal, ending_answer({}, '"' + since_of("10#5") + '"'));
  server_.once(live, replay::of("10#5"));
  const auto seen = read_so_many(beginning, 2);
  EXPECT_EQ(seq_of(seen.end), seqs[1]);
  server_.once(since(normal, seqs[1]), ending_answer({}, '"' + seqs[1] + '"'));
  EXPECT_TRUE(fetch(seen.end)->unchanged);
  EXPECT_EQ(server_.requests(normal).back().parameter("since"), seqs[1]);
}

TEST_F(couchdb_rows, a_sequence_of_128_shards_is_stored_and_sent_whole) {
  const auto longest = last_seq_of("15#28");
  ASSERT_EQ(longest.size(), 2315U);
  server_.once(normal, replay::of("15#28"));
  const auto page = fetch(beginning);
  EXPECT_TRUE(page->unchanged);
  EXPECT_EQ(seq_of(page->next), longest);
  const auto asked = server_.requests(live).front();
  EXPECT_EQ(asked.parameter("since"), longest) << "nothing of it needs to be encoded";
  // Request lines are limited to about 8 KB.
  EXPECT_LT(asked.path.size() + longest.size() + 200, 8000U);
}

TEST_F(couchdb_rows, a_page_ends_only_at_a_row_that_names_its_sequence) {
  const auto seqs = seqs_of("02#19");
  ASSERT_EQ(seqs.size(), 3U);
  server_.once(normal, replay::of("02#19").stalling());
  read_position at = beginning;
  for (const auto& [rows, end] :
       std::vector<std::pair<std::size_t, std::string>>{{2, seqs[0]}, {3, seqs[1]}, {3, seqs[2]}}) {
    const auto page = fetch(at, 2);
    EXPECT_EQ(page->item_count, rows);
    EXPECT_EQ(seq_of(page->next), end);
    at = page->next;
  }
  EXPECT_EQ(server_.requests(normal).size(), 1U) << "all of one answer";
  EXPECT_EQ(server_.requests(normal).front().parameter("seq_interval"), "2");
}

TEST_F(couchdb_rows, rows_of_an_open_feed_without_sequence_wait_for_one) {
  const auto seqs = seqs_of("05#14");
  server_.once(normal, ending_answer({}, "\"1-a\""));
  server_.once(live, replay::of("05#14"));
  const auto seen = read_so_many(beginning, 23, 2);
  EXPECT_EQ(seen.changes.size(), 23U);
  EXPECT_EQ(seq_of(seen.end), last_seq_of("05#14")) << "the last two rows have none of their own";
}

TEST_F(couchdb_rows, numbers_are_sequences_too) {
  server_.once(normal, ending_answer({row("5", "a"), row("7", "b")}, "7"));
  const auto page = fetch(beginning);
  EXPECT_EQ(couchdb::read_position_of(page->next)->seq, "7");
  EXPECT_TRUE(fetch(page->next)->unchanged);
  EXPECT_EQ(server_.requests(live).back().parameter("since"), "7");
}

TEST_F(couchdb_rows, an_answer_that_does_not_count_what_is_behind_it_is_asked_on_while_it_is_full) {
  server_.once(since(normal, "0"), ending_answer({row("1", "a"), row("2", "b")}, "2", "null"));
  server_.once(since(normal, "2"), ending_answer({row("3", "c")}, "3", "null"));
  const auto seen = read(beginning, 2);
  EXPECT_THAT(seen.changes, ElementsAre("a", "b", "c"));
  EXPECT_EQ(server_.requests(normal).size(), 2U);
  EXPECT_EQ(server_.requests(since(live, "3")).size(), 1U);
}

TEST_F(couchdb_rows, from_now_begins_at_the_newest_sequence_of_the_database) {
  const auto page = fetch(now);
  EXPECT_TRUE(page->unchanged);
  const auto update_seq =
      boost::json::parse(body_of(recorded("02#27").answer())).at("update_seq").as_string();
  EXPECT_EQ(seq_of(page->next), update_seq);
  // The recorded server took it, too, and had nothing new behind it.
  ASSERT_NE(recorded("02#27").title.find("valid since"), std::string::npos);
  server_.once(since(normal, std::string{update_seq}),
               ending_answer({}, '"' + std::string{update_seq} + '"'));
  EXPECT_TRUE(fetch(page->next)->unchanged);
}

TEST_F(couchdb_rows, a_look_ahead_counts_what_is_behind_and_reads_nothing) {
  server_.once({"GET", "/feed/_changes", {{"limit", "0"}, {"since", "0"}}}, replay::of("02#7"));
  const auto page = try_fetch(beginning, 1, true);
  ASSERT_TRUE(page.has_value()) << to_string(page.error());
  EXPECT_EQ((*page)->behind, 8U);
  EXPECT_TRUE((*page)->body.empty());
}

TEST_F(couchdb_rows, a_winner_of_an_older_generation_is_a_change) {
  server_.once(normal, replay::of("11#1"));
  server_.once(live, replay::of("11#2"));
  const auto seen = read_so_many(beginning, ids_of("11#1").size() + 1);
  EXPECT_EQ(seen.changes.back(), "guest/conf") << "2-ccc became 2-bbb";
}

TEST_F(couchdb_rows, what_is_purged_is_never_told) {
  // Known limit: the row of what was purged is gone, and none says so.
  server_.once(normal, replay::of("11#8"));
  const auto seen = read(beginning);
  EXPECT_THAT(seen.changes, testing::Not(testing::Contains(testing::HasSubstr("guest/hello"))));
  EXPECT_EQ(seen.changes.size(), 6U);
}

TEST_F(couchdb_rows, a_document_that_comes_back_is_an_ordinary_change) {
  // 05#3: created, changed, deleted; an attachment, three at once. Then once more.
  server_.once(normal, ending_answer({}, "\"1-a\""));
  server_.once(live, replay::of("05#3").then(
                         replay::chunked({row("\"30-a\"", "guest/c1") + "\n"})
                             .with("HTTP/1.1 200 OK\r\nContent-Type: "
                                   "application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
                                   "")));
  EXPECT_THAT(read_so_many(beginning, 8).changes,
              ElementsAre("guest/c1", "guest/c1", "guest/c1 deleted", "guest/c2", "guest/b1",
                          "guest/b2", "guest/b3", "guest/c1"));
}

} // namespace feedcast::test
