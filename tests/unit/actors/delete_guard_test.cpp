// The guard of a processor: what it shows, and when it asks. What it finds is in
// tests/unit/pipeline/delete_guard_test.cpp.
#include "tests/support/actor_fixture.hpp"

#include <gmock/gmock.h>

namespace feedcast::testing {

using metrics::guard_finding;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

struct world : actor_world {
  world() { truth.one_range("0"); }
};

double shown(const actor_world& w, guard_finding f) {
  return w.probe.delete_guard[f].value();
}

std::vector<std::string> on_board(const actor_world& w) {
  std::vector<std::string> out;
  const auto now = w.health.snapshot();
  for (const auto& warning : now.processors.at({"eu", "whisks"}).summary.deletes)
    out.push_back(warning.finding);
  return out;
}

} // namespace

TEST(processor_guard, names_are_the_same_in_findings_and_metrics) {
  for (std::size_t i = 0; i < delete_finding_count; ++i)
    EXPECT_EQ(metrics::to_label(static_cast<guard_finding>(i)),
              to_string(static_cast<delete_finding>(i)));
}

TEST(processor_guard, warns_at_the_start_while_no_tombstone_was_seen) {
  world w;
  w.start();
  w.pass(2s);
  EXPECT_EQ(shown(w, guard_finding::deletes_invisible), 1);
  EXPECT_THAT(on_board(w), ElementsAre("deletes_invisible"));
}

TEST(processor_guard, is_content_with_a_declared_ttl_that_is_long_enough) {
  world w;
  w.options.deletes = {10h, 8h};
  w.start();
  w.pass(2s);
  EXPECT_THAT(on_board(w), IsEmpty());
}

TEST(processor_guard, learns_from_the_tombstones_that_come_by) {
  world w;
  w.feed.traits = [] { return feed_traits{.known = true, .default_ttl = -1}; };
  w.feed.damage = [](std::string& text, const std::vector<std::size_t>&) {
    for (std::size_t at = 0; (at = text.find("{\"name\"", at)) != std::string::npos; ++at)
      text.insert(at + 1, "\"_deleted\":true,\"ttl\":60,");
  };
  w.start();
  w.pass(2s);
  EXPECT_EQ(shown(w, guard_finding::deletes_invisible), 1);
  w.truth.append("a");
  ASSERT_TRUE(w.settle());
  w.pass(2min);
  EXPECT_EQ(shown(w, guard_finding::deletes_invisible), 0);
  EXPECT_EQ(shown(w, guard_finding::tombstone_ttl_too_short), 1);
}

TEST(processor_guard, asks_the_database_again_every_hour_and_soon_if_it_did_not_answer) {
  world w;
  std::size_t asked = 0;
  feed_traits told{.known = true, .all_versions = true, .refused = "no backup"};
  w.feed.traits = [&]() -> result<feed_traits> {
    if (++asked == 1)
      return make_error(errc::unavailable, "down");
    return told;
  };
  w.start();
  w.pass(2s);
  EXPECT_EQ(asked, 1U);
  EXPECT_THAT(on_board(w), IsEmpty()) << "nothing is known yet";
  w.pass(2min, 100ms);
  EXPECT_EQ(asked, 2U);
  EXPECT_THAT(on_board(w), ElementsAre("all_versions_refused"));
  told.refused.clear();
  told.retention = 168h;
  w.pass(61min, 1s);
  EXPECT_EQ(asked, 3U);
  EXPECT_THAT(on_board(w), IsEmpty());
  EXPECT_EQ(shown(w, guard_finding::all_versions_refused), 0);
}

TEST(processor_guard, counts_the_times_whose_deletes_are_lost) {
  world w;
  w.start();
  w.pass(1s);
  EXPECT_EQ(w.probe.deletes_lost.value(), 0);
  w.feed.lost = lost_deletes{w.clock.wall() - 48h, w.clock.wall()};
  w.pass(5s);
  EXPECT_EQ(w.probe.deletes_lost.value(), 1);
}

} // namespace feedcast::testing
