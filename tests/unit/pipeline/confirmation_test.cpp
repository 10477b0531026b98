// The second turn of a batch: when it is due, what it holds, what stands for what.
#include "pipeline/stages.hpp"
#include "pipeline/window.hpp"
#include "tests/support/pages.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <tuple>

using namespace feedcast;
using namespace std::chrono_literals;

namespace {

constexpr steady_time start{};

struct rig {
  explicit rig(milliseconds confirm_after = 2s, std::uint32_t batches = 4)
      : window{{.batches = batches, .confirm_after = confirm_after}} {}

  /// A page of these documents, "id" or "own:id" for one of the target's own cluster.
  void read(std::vector<std::string> ids, steady_time at) {
    feed_page page;
    std::string text = R"({"Documents":[)";
    for (const auto& id : ids) {
      const bool own = id.starts_with("own:");
      text += text.back() == '[' ? "" : ",";
      text += R"({"id":")" + (own ? id.substr(4) : id) + R"(","_clusterId":")"
              + (own ? "eu1" : "us2") + R"(","entityType":"action"})";
    }
    text += "]}";
    page.body = padded_buffer{text};
    page.next.token = std::to_string(++position);
    auto b = stages.process(page, window.waiting());
    ASSERT_TRUE(b);
    (*b)->received = at;
    window.add(std::move(*b));
  }

  static std::string keys(const submission& s) {
    std::string out;
    for (auto i = s.first; i < s.last; ++i)
      out += (out.empty() ? "" : " ") + std::string{s.what->key(s.what->messages[i])};
    return out;
  }

  static stage_options options() {
    stage_options o;
    o.filter.own_cluster = "eu1";
    o.filter.confirm_own = true;
    return o;
  }

  page_stages stages{options()};
  range_window window;
  int position = 0;
};

} // namespace

TEST(confirmation, a_batch_has_a_second_turn_and_is_settled_by_it_alone) {
  rig r;
  r.read({"a", "b"}, start);
  const auto first = r.window.take(start);
  ASSERT_TRUE(first);
  EXPECT_EQ(rig::keys(*first), "a b");
  EXPECT_EQ(first->repeats, UINT32_MAX);
  auto end = r.window.finish(first->sequence);
  EXPECT_TRUE(end.first && !end.last);
  EXPECT_FALSE(r.window.take_prefix());
  EXPECT_FALSE(r.window.take(start + 1999ms)) << "before its time";
  EXPECT_EQ(r.window.next_due(), start + 2s);
  const auto second = r.window.take(start + 2s);
  ASSERT_TRUE(second);
  EXPECT_EQ(rig::keys(*second), "a b");
  EXPECT_EQ(second->repeats, 0U);
  EXPECT_FALSE(r.window.take_prefix());
  end = r.window.finish(second->sequence);
  EXPECT_TRUE(!end.first && end.last);
  EXPECT_EQ(r.window.take_prefix(), continuation{"1"});
  EXPECT_TRUE(r.window.idle());
  EXPECT_EQ(r.window.bytes(), 0U);
}

TEST(confirmation, a_first_turn_that_comes_late_needs_no_second) {
  rig r;
  r.read({"a", "own:b"}, start);
  const auto only = r.window.take(start + 2s);
  ASSERT_TRUE(only);
  EXPECT_EQ(rig::keys(*only), "b a");
  const auto end = r.window.finish(only->sequence);
  EXPECT_TRUE(end.first && end.last);
  EXPECT_EQ(r.window.take_prefix(), continuation{"1"});
}

TEST(confirmation, own_changes_are_sent_the_second_time_only) {
  rig r;
  r.read({"own:x", "a", "own:y"}, start);
  const auto first = r.window.take(start);
  ASSERT_TRUE(first);
  EXPECT_EQ(rig::keys(*first), "a");
  r.window.finish(first->sequence);
  const auto second = r.window.take(start + 2s);
  ASSERT_TRUE(second);
  EXPECT_EQ(rig::keys(*second), "x y a");
  EXPECT_EQ(second->repeats, 2U) << "x and y come for the first time";
}

TEST(confirmation, a_page_of_own_changes_rests_at_once) {
  rig r;
  r.read({"own:x"}, start);
  EXPECT_FALSE(r.window.take(start));
  EXPECT_TRUE(r.window.quiet());
  EXPECT_FALSE(r.window.idle());
  const auto second = r.window.take(start + 2s);
  ASSERT_TRUE(second);
  EXPECT_EQ(rig::keys(*second), "x");
}

TEST(confirmation, a_foreign_change_of_an_own_key_is_sent_at_once) {
  rig r;
  r.read({"own:a", "a"}, start);
  const auto first = r.window.take(start);
  ASSERT_TRUE(first);
  EXPECT_EQ(rig::keys(*first), "a");
}

TEST(confirmation, a_waiting_message_that_will_come_later_stands_for_no_foreign_change) {
  rig r{2s, 1};
  r.read({"z"}, start);
  ASSERT_TRUE(r.window.take(start)); // the credit is used up: what follows waits
  r.read({"own:a"}, start);
  r.read({"a"}, start);
  r.window.finish(0);
  const auto next = r.window.take(start);
  ASSERT_TRUE(next);
  EXPECT_EQ(rig::keys(*next), "a");
}

TEST(confirmation, an_older_message_that_covers_a_newer_change_is_repeated_for_that_one_too) {
  rig r{2s, 1};
  r.read({"z"}, start);
  ASSERT_TRUE(r.window.take(start));
  r.read({"a"}, start);
  r.read({"a"}, start + 1500ms); // covered by the one that waits
  r.window.finish(0);
  const auto first = r.window.take(start + 1600ms);
  ASSERT_TRUE(first);
  EXPECT_EQ(rig::keys(*first), "a");
  r.window.finish(first->sequence);
  const auto z = r.window.take(start + 2s);
  ASSERT_TRUE(z);
  EXPECT_EQ(rig::keys(*z), "z");
  r.window.finish(z->sequence);
  EXPECT_FALSE(r.window.take(start + 3s)) << "two seconds after the first change, not the second";
  EXPECT_EQ(r.window.next_due(), start + 3500ms);
  EXPECT_TRUE(r.window.take(start + 3500ms));
}

TEST(confirmation, a_message_that_covers_one_of_several_keys_is_repeated_for_it_too) {
  const auto subject = [](int position, std::vector<std::string> names, steady_time at) {
    stage_options o;
    o.content = feed_content::identities;
    std::string list;
    for (const auto& n : names)
      list += (list.empty() ? "" : ",") + (R"({"name":")" + n + R"("})");
    auto page = feedcast::testing::make_page(
        feedcast::testing::page_text({R"({"id":"s","namespaces":[)" + list + "]}"}),
        std::to_string(position));
    return std::tuple{page_stages{o}, std::move(page), at};
  };
  range_window window{{.batches = 1, .confirm_after = 2s}};
  const auto read = [&](auto page_of_subject) {
    auto& [stages, page, at] = page_of_subject;
    auto b = stages.process(page, window.waiting());
    ASSERT_TRUE(b);
    (*b)->received = at;
    window.add(std::move(*b));
  };
  read(subject(1, {"z"}, start));
  ASSERT_TRUE(window.take(start));
  read(subject(2, {"a"}, start));
  read(subject(3, {"a", "b"}, start + 1500ms)); // a is covered, b is not
  window.finish(0);
  const auto first = window.take(start + 1600ms);
  ASSERT_TRUE(first);
  EXPECT_EQ(rig::keys(*first), "a");
  window.finish(first->sequence);
  ASSERT_TRUE(window.take(start + 1600ms)); // b
  window.finish(2);
  ASSERT_TRUE(window.take(start + 2s)); // z again
  window.finish(0);
  EXPECT_EQ(window.next_due(), start + 3500ms);
}

TEST(confirmation, what_rests_is_left_alone_once_told_so) {
  rig r;
  r.read({"a"}, start);
  r.window.finish(r.window.take(start)->sequence);
  r.window.stop_confirming();
  EXPECT_FALSE(r.window.take(start + 1h));
  EXPECT_FALSE(r.window.next_due());
  EXPECT_TRUE(r.window.quiet());
  EXPECT_FALSE(r.window.take_prefix()) << "who reads on has to send it again";
}

TEST(confirmation, losses_of_both_turns_are_told_with_the_last_one) {
  rig r;
  r.read({"a", "own:b"}, start);
  r.window.finish(r.window.take(start)->sequence, {.undeliverable = 1, .dead_lettered = 0});
  const auto second = r.window.take(start + 2s);
  const auto end = r.window.finish(second->sequence, {.undeliverable = 0, .dead_lettered = 1});
  EXPECT_EQ(end.lost.undeliverable, 1U);
  EXPECT_EQ(end.lost.dead_lettered, 1U);
}

// Whatever happens: the position never passes a change that was not sent at least `confirm_after`
// behind its reading, and before that at once, unless it is the target's own.
TEST(confirmation, the_position_waits_for_both_messages_over_random_schedules) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 rng{seed};
    rig r{2s, 2};

    struct debt {
      std::string key;
      steady_time read;
      int position;
      bool own;
      bool told = false;      // acknowledged, produced after it was read
      bool confirmed = false; // acknowledged, produced late enough
    };

    std::vector<debt> debts;
    std::map<ack_tracker::sequence, std::pair<submission, steady_time>> out;
    auto now = start + 1h;
    for (int step = 0; step < 200; ++step) {
      now += milliseconds{rng() % 400};
      switch (rng() % 3) {
      case 0: {
        std::vector<std::string> ids;
        for (auto n = rng() % 3; n > 0; --n) {
          const auto key = std::string(1, static_cast<char>('a' + rng() % 5));
          const bool own = rng() % 3 == 0;
          ids.push_back((own ? "own:" : "") + key);
          debts.push_back({key, now, r.position + 1, own});
        }
        r.read(ids, now);
        break;
      }
      case 1:
        if (auto turn = r.window.take(now)) {
          ASSERT_TRUE(out.emplace(turn->sequence, std::pair{*turn, now}).second);
        }
        break;
      default:
        if (!out.empty()) {
          const auto at = std::next(out.begin(), static_cast<std::ptrdiff_t>(rng() % out.size()));
          const auto& [turn, produced] = at->second;
          for (auto i = turn.first; i < turn.last; ++i)
            for (auto& d : debts)
              if (d.key == turn.what->key(turn.what->messages[i]) && produced >= d.read) {
                d.told = true;
                d.confirmed |= produced >= d.read + 2s;
              }
          r.window.finish(at->first);
          out.erase(at);
        }
      }
      const auto stored = r.window.take_prefix();
      if (!stored)
        continue;
      for (const auto& d : debts) {
        ASSERT_TRUE(d.position > std::stoi(stored->token) || (d.told && d.confirmed))
            << "seed " << seed << ", step " << step << ", " << d.key;
      }
    }
  }
}
