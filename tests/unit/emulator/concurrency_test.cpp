#include "test_client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

namespace feedcast::emulator {
namespace {

using testing::test_client;

/// Follows the feed of a container over splits and merges, until told that no write comes any more.
/// `see` gets every page.
template <class See>
void follow(const container& c, feed_mode mode, const std::atomic<bool>& written, const See& see) {
  std::map<std::string, std::uint64_t> positions{{"0", 0}};
  for (bool last_round = false;; last_round = written.load()) {
    bool idle = true;
    for (const auto& info : c.ranges().ranges) {
      if (!positions.contains(info.id)) {
        std::uint64_t start = UINT64_MAX; // the lowest position of a parent: nothing is skipped
        for (const auto& parent : info.parents)
          if (const auto at = positions.find(parent); at != positions.end())
            start = std::min(start, at->second);
        positions[info.id] = start == UINT64_MAX ? 0 : start;
      }
      feed_request request;
      request.mode = mode;
      request.where.range_id = info.id;
      request.after = positions[info.id];
      request.max_items = 10;
      const auto page = c.feed(request);
      if (!page)
        continue; // split or merged since
      for (const auto& d : page->documents)
        EXPECT_GT(d->lsn, request.after);
      see(*page);
      idle = idle && page->documents.empty() && page->changes.empty();
      positions[info.id] = page->continuation;
    }
    if (last_round && idle)
      return;
  }
}

TEST(concurrency, a_reader_sees_every_document_of_many_writers_over_splits) {
  test_client account;
  const auto c = account.make_container();
  std::atomic<bool> written{false};
  std::set<std::string> seen;
  std::thread reader([&] {
    follow(*c, feed_mode::latest, written, [&](const feed_page& page) {
      for (const auto& d : page.documents)
        seen.insert(d->id);
    });
  });
  std::vector<std::thread> writers;
  constexpr int each = 200;
  for (int w = 0; w < 3; ++w)
    writers.emplace_back([&c, w] {
      for (int i = 0; i < each; ++i) {
        const std::string id = std::to_string(w) + '-' + std::to_string(i);
        const auto in = read_document(R"({"id":")" + id + "\"}", {"id"});
        ASSERT_TRUE(c->write(write_mode::upsert, *in).has_value());
        if (i % 50 == 25)
          (void)c->split(c->ranges().ranges.front().id);
      }
    });
  for (auto& writer : writers)
    writer.join();
  written = true;
  reader.join();

  EXPECT_EQ(seen.size(), 3U * each);
}

/// Splits the only range, or merges the first two.
void reshape(container& c) {
  const auto map = c.ranges().ranges;
  if (map.size() == 1)
    (void)c.split(map.front().id);
  else
    (void)c.merge(map[0].id, map[1].id);
}

TEST(concurrency, a_reader_of_all_versions_sees_every_write_over_splits_and_merges) {
  test_client account;
  store roomy({1U << 26, 7}, account.clock);
  ASSERT_TRUE(roomy.create_database("d"));
  const auto c = roomy.create_container("d", *make_container_spec("c", "/id", 1)).value();
  std::atomic<bool> written{false};
  std::set<std::uint64_t> seen;
  std::thread reader([&] {
    follow(*c, feed_mode::all_versions, written, [&](const feed_page& page) {
      for (const change& each : page.changes)
        seen.insert(each.lsn);
    });
  });
  std::vector<std::thread> writers;
  for (int w = 0; w < 3; ++w)
    writers.emplace_back([&c, w] {
      for (int i = 0; i < 200; ++i) {
        const std::string id = std::to_string(w) + '-' + std::to_string(i % 20);
        if (i % 10 == 9)
          (void)c->remove(document_name{id, effective_partition_key(id)});
        else
          (void)c->write(write_mode::upsert, *read_document(R"({"id":")" + id + "\"}", {"id"}));
        if (i % 50 == 25)
          reshape(*c);
        if (i % 50 == 40)
          (void)c->remove_expired();
      }
    });
  for (auto& writer : writers)
    writer.join();
  written = true;
  reader.join();

  std::uint64_t newest = 0;
  for (const auto& r : c->ranges().ranges)
    newest = std::max(newest, r.lsn);
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(*seen.begin(), 1U);
  EXPECT_EQ(seen.size(), newest);
}

TEST(concurrency, only_one_of_many_updates_of_an_etag_wins) {
  test_client account;
  const auto c = account.make_container();
  const auto in = *read_document(R"({"id":"lease"})", {"id"});
  std::atomic<int> won{0};
  constexpr int rounds = 100;
  for (int round = 0; round < rounds; ++round) {
    const std::string etag = c->write(write_mode::upsert, in)->version->etag;
    std::vector<std::thread> owners;
    for (int o = 0; o < 3; ++o)
      owners.emplace_back(
          [&] { won += c->write(write_mode::upsert, in, etag).has_value() ? 1 : 0; });
    for (auto& owner : owners)
      owner.join();
  }

  EXPECT_EQ(won, rounds);
}

} // namespace
} // namespace feedcast::emulator
