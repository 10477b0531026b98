#include "sinks/kafka/culprit_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace feedcast::kafka {
namespace {

using slots = std::set<ticket_table::slot_id>;

struct trial_result {
  slots guilty;
  slots settled;
  std::size_t trials = 0;
};

/// Plays a broker that refuses every group holding one of `bad`.
trial_result run(std::size_t count, const slots& bad) {
  culprit_search search;
  culprit_search::group all(count);
  std::iota(all.begin(), all.end(), 0U);
  search.add(all);
  trial_result result;
  while (search.active()) {
    const auto group = search.start();
    ++result.trials;
    const bool refused =
        std::any_of(group.begin(), group.end(), [&](auto slot) { return bad.contains(slot); });
    for (const auto slot : group)
      switch (search.report(slot, refused)) {
      case culprit_search::verdict::guilty:
        result.guilty.insert(slot);
        break;
      case culprit_search::verdict::settled:
        result.settled.insert(slot);
        break;
      case culprit_search::verdict::undecided:
        break;
      }
  }
  return result;
}

TEST(culprit_search, is_idle_at_first) {
  culprit_search search;
  EXPECT_FALSE(search.active());
  EXPECT_TRUE(search.start().empty());
  search.add({});
  EXPECT_FALSE(search.active());
}

TEST(culprit_search, finds_one_among_ten_thousand_in_few_trials) {
  const auto r = run(10'000, {4711});
  EXPECT_EQ(r.guilty, slots{4711});
  EXPECT_EQ(r.settled.size(), 9'999U);
  EXPECT_LE(r.trials, 30U);
}

TEST(culprit_search, finds_several_and_condemns_nobody_else) {
  const slots bad{0, 1, 17, 63};
  const auto r = run(64, bad);
  EXPECT_EQ(r.guilty, bad);
  EXPECT_EQ(r.settled.size(), 60U);
}

TEST(culprit_search, condemns_all_if_all_are_guilty) {
  const auto r = run(5, {0, 1, 2, 3, 4});
  EXPECT_EQ(r.guilty.size(), 5U);
  EXPECT_TRUE(r.settled.empty());
}

TEST(culprit_search, acquits_all_if_the_refusal_does_not_repeat) {
  const auto r = run(100, {});
  EXPECT_TRUE(r.guilty.empty());
  EXPECT_EQ(r.settled.size(), 100U);
  EXPECT_EQ(r.trials, 1U);
}

TEST(culprit_search, gives_back_what_is_not_in_flight) {
  culprit_search search;
  search.add({1, 2});
  search.add({3});
  search.start();
  EXPECT_TRUE(search.trying());
  EXPECT_EQ(search.report(1, true), culprit_search::verdict::undecided);
  const auto idle = search.abandon();
  EXPECT_EQ(slots(idle.begin(), idle.end()), (slots{1, 3})); // 2 is in flight
  EXPECT_FALSE(search.active());
}

} // namespace
} // namespace feedcast::kafka
