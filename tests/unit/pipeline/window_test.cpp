#include "pipeline/window.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

using namespace feedcast;
using ::testing::UnorderedElementsAre;

namespace {

constexpr steady_time now{};

std::shared_ptr<batch> make_batch(int position, std::vector<std::string> keys) {
  auto b = std::make_shared<batch>();
  b->next = continuation{std::to_string(position)};
  std::size_t size = 0;
  for (const auto& k : keys)
    size += k.size();
  b->bytes.reserve(size);
  for (const auto& k : keys) {
    message_ref m;
    m.offset = m.key_offset = static_cast<std::uint32_t>(b->bytes.size());
    m.size = m.key_size = static_cast<std::uint32_t>(k.size());
    m.changes = 1;
    b->bytes += k;
    b->messages.push_back(m);
  }
  return b;
}

std::vector<std::string> keys_of(const waiting_messages& set) {
  std::vector<std::string> keys;
  for (const auto& [key, message] : set)
    keys.emplace_back(key);
  return keys;
}

} // namespace

TEST(ack_tracker, only_the_gapless_prefix_counts) {
  ack_tracker t;
  const auto a = t.open({"1"}, 1);
  const auto b = t.open({"2"}, 2);
  EXPECT_TRUE(t.settle(b, 2));
  EXPECT_EQ(t.take_prefix(), std::nullopt);
  EXPECT_TRUE(t.settle(a));
  EXPECT_EQ(t.take_prefix(), continuation{"2"});
  EXPECT_EQ(t.take_prefix(), std::nullopt);
  EXPECT_TRUE(t.idle());
}

TEST(ack_tracker, a_filtered_batch_waits_for_the_ones_before_it) {
  ack_tracker t;
  const auto a = t.open({"1"}, 1);
  t.open({"2"}, 0);
  t.open({"3"}, 0);
  EXPECT_EQ(t.open_batches(), 2U) << "batches without messages share an entry";
  EXPECT_EQ(t.take_prefix(), std::nullopt);
  t.settle(a);
  EXPECT_EQ(t.take_prefix(), continuation{"3"});
}

TEST(ack_tracker, reports_for_unknown_batches_change_nothing) {
  ack_tracker t;
  const auto a = t.open({"1"}, 1);
  EXPECT_FALSE(t.settle(a, 2));
  EXPECT_FALSE(t.settle(a + 1));
  EXPECT_TRUE(t.settle(a));
  EXPECT_FALSE(t.settle(a));
  EXPECT_EQ(t.take_prefix(), continuation{"1"});
  EXPECT_FALSE(t.settle(a));
}

// Against a model that keeps everything and looks at all of it each time.
TEST(ack_tracker, agrees_with_a_naive_model_over_random_schedules) {
  struct entry {
    int position;
    std::uint32_t open;
    ack_tracker::sequence sequence;
  };

  for (std::uint32_t seed = 1; seed <= 500; ++seed) {
    std::mt19937 rng{seed};
    ack_tracker t;
    std::vector<entry> model;
    int position = 0;
    int expected = 0;
    int stored = 0;
    for (int step = 0; step < 300; ++step) {
      if (rng() % 3 != 0) {
        const auto n = static_cast<std::uint32_t>(rng() % 4);
        ++position;
        model.push_back({position, n, t.open({std::to_string(position)}, n)});
      } else if (!model.empty()) {
        auto& e = model[rng() % model.size()];
        const auto n = static_cast<std::uint32_t>(1 + rng() % 3);
        const bool valid = e.open >= n;
        // A batch without messages may share its sequence with others, and nobody ever settles it.
        if (e.open > 0) {
          ASSERT_EQ(t.settle(e.sequence, n), valid) << "seed " << seed;
        }
        if (valid)
          e.open -= n;
      }
      for (const auto& e : model) {
        if (e.open > 0)
          break;
        expected = e.position;
      }
      if (const auto p = t.take_prefix())
        stored = std::stoi(p->token);
      ASSERT_EQ(stored, expected) << "seed " << seed << " step " << step;
    }
  }
}

TEST(range_window, hands_over_in_order_within_its_credit) {
  range_window w{{.bytes = 1 << 20, .keys = 100, .batches = 2}};
  for (int i = 1; i <= 3; ++i)
    w.add(make_batch(i, {"k" + std::to_string(i)}));
  const auto a = w.take(now);
  const auto b = w.take(now);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->what->next.token, "1");
  EXPECT_FALSE(w.take(now)) << "the credit is used up";
  ASSERT_TRUE(w.finish(b->sequence).what);
  EXPECT_FALSE(w.take_prefix());
  const auto c = w.take(now);
  ASSERT_TRUE(c);
  EXPECT_EQ(c->what->next.token, "3");
  EXPECT_EQ(w.finish(a->sequence).what, a->what);
  EXPECT_EQ(w.take_prefix(), continuation{"2"});
}

TEST(range_window, offers_only_keys_that_were_not_handed_over) {
  range_window w{{.bytes = 1 << 20, .keys = 100, .batches = 1}};
  w.add(make_batch(1, {"a"}));
  const auto first = w.take(now);
  w.add(make_batch(2, {"b", "c"}));
  w.add(make_batch(3, {"d"}));
  EXPECT_THAT(keys_of(w.waiting()), UnorderedElementsAre("b", "c", "d"));
  w.finish(first->sequence);
  w.take(now);
  EXPECT_THAT(keys_of(w.waiting()), UnorderedElementsAre("d"));
}

TEST(range_window, has_room_until_bytes_or_keys_are_used_up) {
  range_window keys{{.bytes = 1 << 20, .keys = 2, .batches = 8}};
  EXPECT_TRUE(keys.has_room());
  keys.add(make_batch(1, {"a", "b", "c"}));
  EXPECT_FALSE(keys.has_room());
  const auto h = keys.take(now);
  keys.finish(h->sequence);
  EXPECT_TRUE(keys.has_room());
  range_window bytes{{.bytes = 1, .keys = 100, .batches = 8}};
  EXPECT_TRUE(bytes.has_room()) << "an empty window takes any batch";
  bytes.add(make_batch(1, {"a"}));
  EXPECT_FALSE(bytes.has_room());
}

TEST(range_window, unknown_settlements_change_nothing) {
  range_window w{{}};
  w.add(make_batch(1, {"a"}));
  EXPECT_FALSE(w.finish(0).what) << "not handed over yet";
  const auto h = w.take(now);
  EXPECT_FALSE(w.finish(h->sequence + 1).what);
  EXPECT_TRUE(w.finish(h->sequence).what);
  EXPECT_FALSE(w.finish(h->sequence).what);
  EXPECT_EQ(w.take_prefix(), continuation{"1"});
  EXPECT_TRUE(w.idle());
  EXPECT_EQ(w.bytes(), 0U);
  EXPECT_EQ(w.keys(), 0U);
}

// Random traffic: accounts stay exact, nothing is handed over twice, the position is that of the
// model.
TEST(range_window, keeps_its_books_over_random_schedules) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 rng{seed};
    range_window w{{.bytes = 1 << 14, .keys = 40, .batches = 3}};
    std::map<ack_tracker::sequence, batch_ptr> out;
    std::map<int, std::uint32_t> open; // position -> messages not settled
    int position = 0;
    int stored = 0;
    for (int step = 0; step < 400; ++step) {
      switch (rng() % 3) {
      case 0:
        if (w.has_room()) {
          ++position;
          std::vector<std::string> keys;
          for (auto n = rng() % 4; n > 0; --n)
            keys.push_back(std::to_string(position) + "/" + std::to_string(n));
          open[position] = static_cast<std::uint32_t>(keys.size());
          w.add(make_batch(position, keys));
        }
        break;
      case 1:
        if (auto h = w.take(now)) {
          ASSERT_TRUE(out.emplace(h->sequence, h->what).second) << "seed " << seed;
          ASSERT_LE(out.size(), 3U);
        }
        break;
      default:
        if (!out.empty()) {
          auto at = std::next(out.begin(), static_cast<std::ptrdiff_t>(rng() % out.size()));
          ASSERT_EQ(w.finish(at->first).what, at->second) << "seed " << seed;
          open[std::stoi(at->second->next.token)] = 0;
          out.erase(at);
        }
      }
      int expected = 0;
      for (const auto& [p, n] : open) {
        if (n > 0)
          break;
        expected = p;
      }
      if (const auto p = w.take_prefix())
        stored = std::stoi(p->token);
      ASSERT_EQ(stored, expected) << "seed " << seed << " step " << step;
    }
  }
}
