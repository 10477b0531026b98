// Sections 1, 5 and 7: which database a position is of, and what comes again.
#include "tests/couchdb/feed_facts.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

namespace feedcast::test {

using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

class couchdb_identity : public feed_facts {
 protected:
  couchdb_identity() { server_.always(live, silent_feed()); }
};

} // namespace

TEST_F(couchdb_identity, a_position_names_its_database) {
  exists();
  server_.once(normal, replay::of("02#1"));
  const auto page = fetch(beginning);
  const auto p = couchdb::read_position_of(page->next);
  ASSERT_TRUE(p.has_value());
  EXPECT_EQ(p->of.created, created_first);
  EXPECT_EQ(p->of.server.size(), 32U);
  EXPECT_EQ(page->next, position_at(last_seq_of("02#1")));
}

TEST_F(couchdb_identity, a_database_created_again_is_read_from_its_beginning_and_says_so) {
  exists(created_again);
  const auto old = since_of("10#5");
  server_.once(since(normal, old), replay::of("07#13")); // what it would silently tell
  server_.once(since(normal, "0"), replay::of("02#1"));
  const auto page = fetch(position_at(old, created_first));
  EXPECT_EQ(page->rewound, rewind_reason::feed_replaced);
  ASSERT_TRUE(page->lost.has_value()) << "what was deleted with the old one is not told";
  EXPECT_EQ(page->lost->from, wall_time{});
  EXPECT_EQ(changes_of(*page).size(), 8U) << "asked from 0, not from the old sequence";
  EXPECT_EQ(couchdb::read_position_of(page->next)->of.created, created_again);
  const auto next = fetch(page->next);
  EXPECT_EQ(next->rewound, rewind_reason::none) << "said once";
  EXPECT_FALSE(next->lost.has_value());
}

TEST_F(couchdb_identity, one_that_is_created_again_under_an_open_feed_is_noticed) {
  exists();
  server_.forget(live);
  server_.once(normal, ending_answer({}, "\"1-a\""));
  server_.once(live, replay::of("10#7").stalling_after(255));
  const auto first = fetch(beginning);
  EXPECT_TRUE(first->unchanged);
  // Deleted and created within 50 ms: the feed ends in order.
  exists(created_again);
  server_.once(since(normal, last_seq_of("10#7")), replay::of("07#13"));
  server_.once(since(normal, "0"), replay::of("02#1"));
  server_.always(live, silent_feed());
  ASSERT_TRUE(server_.await_stalled());
  server_.go_on();
  told seen;
  read_position at = first->next;
  while (!seen.replaced) {
    const auto page = fetch(at);
    seen.replaced = page->rewound == rewind_reason::feed_replaced;
    seen.changes = changes_of(*page);
    at = page->next;
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_EQ(seen.changes.size(), 8U);
}

TEST_F(couchdb_identity, a_position_the_server_can_not_read_means_the_beginning_and_says_so) {
  exists();
  for (const auto* refusal : {"07#4", "07#7", "07#8", "07#9", "07#11", "07#12"}) {
    server_.once(since(normal, "some-seq"), replay::of(refusal));
    server_.once(since(normal, "0"), replay::of("02#1"));
    reconnect();
    const auto page = fetch(position_at("some-seq"));
    EXPECT_EQ(page->rewound, rewind_reason::feed_replaced) << refusal;
    EXPECT_EQ(changes_of(*page).size(), 8U);
  }
  // Of the feed without end, too (07#5).
  server_.forget(live);
  server_.once(since(normal, "some-seq"), ending_answer({}, "\"some-seq\""));
  server_.once(live, replay::of("07#5"));
  server_.once(since(normal, "0"), replay::of("02#1"));
  reconnect();
  EXPECT_EQ(fetch(position_at("some-seq"))->rewound, rewind_reason::feed_replaced);
}

TEST_F(couchdb_identity, a_beginning_that_is_refused_is_not_tried_for_ever) {
  exists();
  server_.always(normal, replay::of("07#7"));
  const auto page = try_fetch(position_at("some-seq"));
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::rejected);
  EXPECT_EQ(server_.requests(normal).size(), 2U);
}

TEST_F(couchdb_identity, a_position_that_is_none_of_ours_means_the_beginning_and_says_so) {
  exists();
  for (const auto* foreign : {"\"24\"", "", "{", "{}", "{\"V\":2}", "null", "[1]",
                              "{\"seq\":null,\"created\":\"1\"}", "{\"seq\":\"1-a\"}"}) {
    server_.once(since(normal, "0"), replay::of("02#1"));
    reconnect();
    const auto page = fetch(continuation{foreign});
    EXPECT_EQ(page->rewound, rewind_reason::feed_replaced) << foreign;
    EXPECT_EQ(changes_of(*page).size(), 8U) << foreign;
  }
}

TEST_F(couchdb_identity, a_server_that_says_nothing_by_it_is_told_apart_by_its_uuid) {
  server_.always(root, replay::of("01#1"));
  server_.always(
      info, replay::of("02#27").with("\"1795490977\"", "\"0\"").with("Length: 477", "Length: 468"));
  server_.once(normal, replay::of("02#1"));
  const auto page = fetch(beginning);
  EXPECT_EQ(couchdb::read_position_of(page->next)->of.created, "0");
  server_.once(since(normal, last_seq_of("02#1")),
               ending_answer({}, '"' + last_seq_of("02#1") + '"'));
  reconnect();
  EXPECT_EQ(fetch(page->next)->rewound, rewind_reason::none);

  const auto body = boost::json::parse(body_of(recorded("01#1").answer()));
  server_.forget(root);
  server_.always(root, replay::of("01#1").with(std::string{body.at("uuid").as_string()},
                                               std::string(32, 'f')));
  server_.always(normal, replay::of("02#1"));
  reconnect();
  EXPECT_EQ(fetch(page->next)->rewound, rewind_reason::feed_replaced);
}

TEST_F(couchdb_identity, the_beginning_of_any_database_is_no_other_database) {
  exists();
  server_.once(normal, replay::of("02#1"));
  const auto page = fetch(beginning);
  EXPECT_EQ(page->rewound, rewind_reason::none);
  EXPECT_FALSE(page->lost.has_value());
}

TEST_F(couchdb_identity, goes_on_after_a_restart_where_it_was) {
  exists();
  for (const auto& [name, wanted] : std::vector<std::pair<std::string, std::string>>{
           {"12#4", "guest/afterterm"}, {"12#6", "guest/justbefore"}}) {
    server_.once(since(normal, since_of(name)), replay::of(name));
    reconnect();
    const auto page = fetch(position_at(since_of(name)));
    EXPECT_THAT(changes_of(*page), ElementsAre(wanted));
    EXPECT_EQ(page->rewound, rewind_reason::none);
  }
  server_.once(since(normal, since_of("12#7")), replay::of("12#7"));
  reconnect();
  EXPECT_TRUE(fetch(position_at(since_of("12#7")))->unchanged);
}

TEST_F(couchdb_identity, compaction_changes_nothing) {
  exists();
  server_.once(since(normal, since_of("11#5")), replay::of("11#5"));
  const auto page = fetch(position_at(since_of("11#5")));
  EXPECT_EQ(changes_of(*page).size(), ids_of("11#5").size());
  EXPECT_EQ(page->rewound, rewind_reason::none);
}

TEST_F(couchdb_identity, a_split_of_shards_ends_the_feed_and_it_goes_on) {
  exists();
  server_.forget(live);
  server_.once(normal, ending_answer({}, "\"1-a\""));
  server_.once(live, replay::of("16#3"));
  const auto end = last_seq_of("16#3");
  server_.once(since(normal, end), ending_answer({}, '"' + end + '"'));
  server_.once(since(live, end), silent_feed());
  EXPECT_TRUE(fetch(beginning)->unchanged);
  // Before and behind it, sequences are good for each other (16#7, #8).
  for (const auto* name : {"16#7", "16#8"}) {
    server_.once(since(normal, since_of(name)), replay::of(name));
    server_.once(live, silent_feed());
    reconnect();
    EXPECT_EQ(read(position_at(since_of(name))).changes, ids_of(name)) << name;
  }
}

TEST_F(couchdb_identity, a_position_is_good_at_another_node) {
  replay_server other;
  other.always(root, replay::of("01#1")); // the uuid is the cluster's
  other.always(info, replay::of("02#27"));
  other.always(live, silent_feed());
  other.once(since(normal, since_of("17#3")), replay::of("17#3"));
  reconnect_at(other);
  const auto seen = read(position_at(since_of("17#3")));
  EXPECT_EQ(seen.changes, ids_of("17#3"));
  EXPECT_EQ(seen.changes.size(), 10U);
  EXPECT_FALSE(seen.replaced);
}

TEST_F(couchdb_identity, rows_that_come_again_are_passed_on) {
  // As where another copy of a shard is asked, or one moved while the feed is open (18#11): the
  // same rows once more, unannounced.
  exists();
  server_.forget(live);
  server_.once(normal, replay::of("17#1"));
  const auto text = replay::of("05#1").text();
  const auto rows = text.substr(0, text.find("9d\r\n{\"last_seq\""));
  server_.once(live, replay::bytes(rows + text.substr(text.find("\r\n\r\n") + 4)));
  server_.once(normal, ending_answer({}, '"' + last_seq_of("05#1") + '"'));
  server_.always(live, silent_feed());
  const auto seen = read_so_many(beginning, 36);
  auto wanted = ids_of("17#1");
  for (int i = 0; i < 2; ++i)
    for (const auto& id : ids_of("05#1"))
      wanted.push_back(id == "guest/gone" || id == "guest/gone2" ? id + " deleted" : id);
  EXPECT_EQ(seen.changes, wanted);
  EXPECT_FALSE(seen.replaced);
}

} // namespace feedcast::test
