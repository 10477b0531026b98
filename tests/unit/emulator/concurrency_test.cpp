#include "test_client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

namespace feedcast::emulator {
namespace {

using testing::test_client;

/// Follows the feed of a container over splits, until told that no write comes any more.
std::set<std::string> follow(const container& c, const std::atomic<bool>& written) {
  std::set<std::string> seen;
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
      request.where.range_id = info.id;
      request.after = positions[info.id];
      request.max_items = 10;
      const auto page = c.feed(request);
      if (!page)
        continue; // split since
      for (const auto& d : page->documents) {
        EXPECT_GT(d->lsn, request.after);
        seen.insert(d->id);
      }
      idle = idle && page->documents.empty();
      positions[info.id] = page->continuation;
    }
    if (last_round && idle)
      return seen;
  }
}

TEST(concurrency, a_reader_sees_every_document_of_many_writers_over_splits) {
  test_client account;
  const auto c = account.make_container();
  std::atomic<bool> written{false};
  std::set<std::string> seen;
  std::thread reader([&] { seen = follow(*c, written); });
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
