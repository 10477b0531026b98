#include "emulator/container.hpp"
#include "emulator/regions.hpp"
#include "test_client.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;
using testing::manual_clock;

/// LSN of each document by its id.
using contents = std::map<std::string, std::uint64_t>;

/// A container to which anything happens, and what it held after each LSN.
struct commit_log_test : ::testing::Test {
  commit_log_test() {
    c.follow(account);
    EXPECT_TRUE(account.change(1, {.held = true}).has_value()); // so that all is kept
    note(0, {});
  }

  void note(std::uint64_t lsn, contents now) {
    states.resize(lsn);
    times.resize(lsn);
    states.push_back(std::move(now));
    times.push_back(clock.steady());
  }

  void upsert(const std::string& id) {
    const auto in = read_document(R"({"id":")" + id + "\"}", {"id"});
    const auto written = c.write(write_mode::upsert, *in);
    ASSERT_TRUE(written.has_value());
    contents now = states.back();
    now[id] = written->version->lsn;
    note(written->version->lsn, std::move(now));
  }

  void remove(const std::string& id) {
    const auto removed = c.remove(name_of(id));
    contents now = states.back();
    ASSERT_EQ(removed.has_value(), now.erase(id) == 1);
    if (removed)
      note(removed->range_lsn, std::move(now));
  }

  void anything_happens(int times_over) {
    for (int i = 0; i < times_over; ++i) {
      clock.advance(1ms);
      const std::string id = "d" + std::to_string(random() % 20);
      const auto dice = random() % 100;
      if (dice < 70)
        upsert(id);
      else if (dice < 97)
        remove(id);
      else
        split_any();
    }
  }

  void split_any() {
    const auto live = c.ranges().ranges;
    if (live.size() < 8) {
      ASSERT_TRUE(c.split(live[random() % live.size()].id).has_value());
    }
  }

  static document_ref name_of(const std::string& id) {
    return document_name{id, effective_partition_key(key_value(id))};
  }

  std::uint64_t newest() const { return states.size() - 1; }

  std::optional<std::uint64_t> seen_from(std::uint64_t lsn) const {
    return lsn == newest() ? std::nullopt : std::optional(lsn);
  }

  contents by_feed(std::uint64_t up_to, std::uint64_t after) const {
    contents seen;
    for (const range_info& r : c.ranges().ranges) {
      feed_request request;
      request.where.range_id = r.id;
      request.where.up_to = seen_from(up_to);
      request.after = after;
      request.max_items = 3;
      for (;;) {
        const auto page = c.feed(request);
        if (page->documents.empty() || HasFailure())
          break;
        for (const auto& d : page->documents) {
          EXPECT_GT(d->lsn, request.after);
          EXPECT_LE(d->lsn, page->continuation);
          EXPECT_TRUE(seen.emplace(d->id, d->lsn).second);
        }
        request.after = page->continuation;
      }
    }
    return seen;
  }

  contents by_scan(std::uint64_t up_to) const {
    contents seen;
    selection where;
    where.up_to = seen_from(up_to);
    std::optional<scan_cursor> from;
    do {
      const auto page = c.scan(where, from, 3);
      for (const auto& d : page->documents)
        EXPECT_TRUE(seen.emplace(d->id, d->lsn).second);
      from = page->next;
    } while (from);
    return seen;
  }

  contents by_name(std::uint64_t up_to) {
    contents seen;
    for (int n = 0; n < 20; ++n)
      if (const auto found = c.find(name_of("d" + std::to_string(n)), seen_from(up_to)))
        seen.emplace(found->version->id, found->version->lsn);
    return seen;
  }

  static contents after(contents all, std::uint64_t lsn) {
    std::erase_if(all, [lsn](const auto& each) { return each.second <= lsn; });
    return all;
  }

  manual_clock clock;
  regions account{clock, {"A", "B"}, 1};
  memory_budget memory{1U << 24};
  container c{"db", *make_container_spec("c", "/id", 2), rid{1, 0x80000001U}, memory, clock};
  std::mt19937 random{7};
  std::vector<contents> states; ///< by LSN
  std::vector<steady_time> times;
};

TEST_F(commit_log_test, every_moment_of_the_past_is_told_as_it_was) {
  anything_happens(200);

  for (std::uint64_t lsn = 0; lsn <= newest(); ++lsn) {
    EXPECT_EQ(c.position(times[lsn]), seen_from(lsn));
    EXPECT_EQ(by_feed(lsn, 0), states[lsn]) << lsn;
    EXPECT_EQ(by_feed(lsn, lsn / 2), after(states[lsn], lsn / 2)) << lsn;
    EXPECT_EQ(by_scan(lsn), states[lsn]) << lsn;
    EXPECT_EQ(by_name(lsn), states[lsn]) << lsn;
  }
}

TEST_F(commit_log_test, a_cut_leaves_what_was_and_life_goes_on) {
  for (int round = 0; round < 8; ++round) {
    anything_happens(60);
    const std::uint64_t last = newest();
    const std::uint64_t lsn = last - random() % 30;

    EXPECT_EQ(c.cut(times[lsn]), last - lsn);

    states.resize(lsn + 1);
    times.resize(lsn + 1);
    EXPECT_EQ(by_feed(lsn, 0), states[lsn]);
    EXPECT_EQ(by_scan(lsn), states[lsn]);
    EXPECT_EQ(by_name(lsn), states[lsn]);
    EXPECT_EQ(c.document_count(), states[lsn].size());
  }
  while (!states.back().empty())
    remove(std::string(states.back().begin()->first));
  EXPECT_EQ(memory.used(), 0U);
}

TEST_F(commit_log_test, what_nobody_needs_is_forgotten) {
  ASSERT_TRUE(account.change(1, {.delay = 10ms, .held = false}).has_value());
  anything_happens(100); // a millisecond each

  EXPECT_EQ(c.committed(1), std::nullopt);
  EXPECT_EQ(c.committed(newest()), times[newest()]);
}

} // namespace
} // namespace feedcast::emulator
