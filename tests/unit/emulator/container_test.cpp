#include "emulator/container.hpp"
#include "test_client.hpp"

#include <gtest/gtest.h>

#include <set>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;

/// A container by /id, driven without HTTP.
struct container_test : ::testing::Test {
  located put(std::string_view id, std::string_view more = "") {
    const auto in =
        read_document(R"({"id":")" + std::string(id) + '"' + std::string(more) + '}', {"id"});
    return *data.write(write_mode::upsert, *in);
  }

  document_ref named(std::string_view id) const {
    return document_name{std::string(id), effective_partition_key(std::string(id))};
  }

  std::vector<std::string> changes(const feed_request& request) const {
    std::vector<std::string> all;
    const auto page = data.feed(request);
    for (const auto& d : page->documents)
      all.push_back(d->id);
    return all;
  }

  testing::manual_clock clock;
  memory_budget memory{1U << 20};
  container data{"db1", *make_container_spec("c1", "/id", 1), {1, 0x80000001}, memory, clock};
};

TEST_F(container_test, every_write_has_an_lsn_and_an_etag_of_its_own) {
  const auto first = put("a");
  const auto second = put("a");
  const auto third = put("b");

  EXPECT_TRUE(first.created);
  EXPECT_FALSE(second.created);
  EXPECT_LT(first.version->lsn, second.version->lsn);
  EXPECT_LT(second.version->lsn, third.version->lsn);
  EXPECT_NE(first.version->etag, second.version->etag);
  EXPECT_EQ(first.version->address, second.version->address);
  EXPECT_NE(second.version->address, third.version->address);
}

TEST_F(container_test, the_feed_shows_each_document_once_at_its_latest_version) {
  put("a");
  put("b");
  put("c");
  put("a");
  ASSERT_TRUE(data.remove(named("b")).has_value());

  EXPECT_EQ(changes({}), (std::vector<std::string>{"c", "a"}));
}

TEST_F(container_test, a_page_goes_on_where_the_last_one_ended) {
  for (const char* id : {"a", "b", "c", "d", "e"})
    put(id);
  feed_request request;
  request.max_items = 2;

  std::vector<std::size_t> sizes;
  for (auto page = data.feed(request); !page->documents.empty(); page = data.feed(request)) {
    sizes.push_back(page->documents.size());
    request.after = page->continuation;
  }

  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 2, 1}));
  EXPECT_EQ(request.after, 5U);
}

TEST_F(container_test, an_empty_page_moves_to_the_position_of_the_range) {
  put("a");
  const auto last = put("b");
  const auto gone = data.remove(named("b"));

  feed_request request;
  request.after = last.version->lsn;
  const auto page = data.feed(request);

  EXPECT_TRUE(page->documents.empty());
  EXPECT_EQ(page->continuation, gone->range_lsn);
  EXPECT_GT(page->continuation, last.version->lsn);
}

TEST_F(container_test, a_position_ahead_of_the_range_never_moves_back) {
  put("a");
  feed_request request;
  request.after = 1000;

  EXPECT_EQ(data.feed(request)->continuation, 1000U);
}

TEST_F(container_test, a_start_time_is_exclusive_and_to_the_second) {
  put("old");
  clock.advance(1s);
  put("same");
  clock.advance(1s);
  put("new");
  feed_request request;
  request.modified_since = 1767225600 + 1;

  EXPECT_EQ(changes(request), (std::vector<std::string>{"new"}));
}

TEST_F(container_test, timestamps_do_not_fall_when_the_clock_does) {
  const auto before = put("a");
  clock.advance(-1h);
  const auto after = put("b");

  EXPECT_GE(after.version->ts, before.version->ts);
}

TEST_F(container_test, thousands_of_rewrites_leave_one_entry_per_document) {
  for (int i = 0; i < 5000; ++i)
    put(i % 2 == 0 ? "a" : "b");

  EXPECT_EQ(changes({}), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(data.document_count(), 2U);
}

TEST_F(container_test, documents_expire_by_their_ttl) {
  put("lock", R"(,"ttl":30)");
  put("kept");

  clock.advance(29s);
  EXPECT_TRUE(data.find(named("lock")).has_value());
  clock.advance(1s);
  EXPECT_EQ(changes({}), (std::vector<std::string>{"kept"}));
  EXPECT_EQ(data.find(named("lock")).error().status, 404U);
  EXPECT_TRUE(put("lock").created);
}

TEST_F(container_test, without_a_default_ttl_nothing_expires) {
  container plain{"db1",
                  *read_container_spec(R"({"id":"p","partitionKey":{"paths":["/id"]}})"),
                  {1, 0x80000002},
                  memory,
                  clock};
  ASSERT_TRUE(
      plain.write(write_mode::create, *read_document(R"({"id":"a","ttl":1})", {"id"})).has_value());

  clock.advance(1h);

  EXPECT_TRUE(plain.find(named("a")).has_value());
}

TEST_F(container_test, a_default_ttl_holds_unless_the_document_says_otherwise) {
  container aging{
      "db1", *read_container_spec(R"({"id":"p","defaultTtl":10})"), {1, 0x80000002}, memory, clock};
  for (const char* json : {R"({"id":"a"})", R"({"id":"b","ttl":-1})", R"({"id":"c","ttl":60})"})
    ASSERT_TRUE(aging.write(write_mode::create, *read_document(json, {"id"})).has_value());

  clock.advance(10s);

  EXPECT_FALSE(aging.find(named("a")).has_value());
  EXPECT_TRUE(aging.find(named("b")).has_value());
  EXPECT_TRUE(aging.find(named("c")).has_value());
}

TEST_F(container_test, writes_past_the_memory_limit_are_refused_and_deletes_make_room) {
  const std::string fill = R"(,"x":")" + std::string(300'000, 'x') + '"';
  put("a", fill);
  put("b", fill);
  put("c", fill);
  const auto in = read_document(R"({"id":"d")" + fill + '}', {"id"});

  EXPECT_EQ(data.write(write_mode::create, *in).error().status, 507U);
  ASSERT_TRUE(data.remove(named("a")).has_value());
  EXPECT_TRUE(data.write(write_mode::create, *in).has_value());
}

TEST_F(container_test, a_dropped_container_gives_its_memory_back) {
  {
    container other{"db1", *make_container_spec("o", "/id", 2), {1, 0x80000002}, memory, clock};
    ASSERT_TRUE(
        other.write(write_mode::create, *read_document(R"({"id":"a"})", {"id"})).has_value());
    ASSERT_TRUE(other.append_raw("1", "broken", "{").has_value());
    EXPECT_GT(memory.used(), 0U);
  }

  EXPECT_EQ(memory.used(), 0U);
}

TEST_F(container_test, a_raw_document_is_in_the_feed_verbatim_and_nowhere_else) {
  put("a");
  ASSERT_TRUE(data.append_raw("0", "bad", "{\"id\":\"bad").has_value());

  const auto page = data.feed({});
  ASSERT_EQ(page->documents.size(), 2U);
  EXPECT_EQ(page->documents[1]->feed_text, "{\"id\":\"bad");
  EXPECT_EQ(data.scan({}, {}, 100)->documents.size(), 1U);
  EXPECT_EQ(data.append_raw("7", "bad", "{").error().status, 404U);
}

TEST_F(container_test, a_scan_pages_over_all_ranges) {
  container wide{"db1", *make_container_spec("w", "/id", 4), {1, 0x80000002}, memory, clock};
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(wide.write(write_mode::create,
                           *read_document(R"({"id":")" + std::to_string(i) + "\"}", {"id"}))
                    .has_value());

  std::set<std::string> seen;
  std::size_t pages = 0;
  std::optional<scan_cursor> cursor;
  do {
    const auto page = wide.scan({}, cursor, 7);
    ++pages;
    for (const auto& d : page->documents)
      EXPECT_TRUE(seen.insert(d->id).second) << d->id;
    cursor = page->next;
  } while (cursor);

  EXPECT_EQ(seen.size(), 50U);
  EXPECT_EQ(pages, 8U);
}

} // namespace
} // namespace feedcast::emulator
