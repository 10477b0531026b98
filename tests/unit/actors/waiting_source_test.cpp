// Sources that wait for changes themselves, count what lies behind a page, and give changes no
// time.
#include "tests/support/actor_fixture.hpp"

namespace feedcast::testing {
namespace {

/// Such a source; the test answers its fetches.
struct waiting_world : actor_world {
  waiting_world() {
    truth.one_range("0");
    options.partition.window.keys = 3;
    feed.hold = true;
    feed.adorn = [this](feed_page& page) {
      page.session_lsn.reset();
      page.waited = waited;
      page.behind = behind;
      page.rewound = std::exchange(rewound, rewind_reason::none);
    };
    start();
    pass_until([&] { return feed.held() == 1; });
  }

  /// Answers, and counts the fetches that this sets off without a wait.
  std::size_t answer() {
    const auto before = feed.fetches.size();
    feed.answer();
    run();
    return feed.fetches.size() - before;
  }

  bool waited = true;
  std::optional<std::uint64_t> behind = 0;
  rewind_reason rewound = rewind_reason::none;
};

TEST(waiting_source, is_asked_again_at_once) {
  waiting_world w;
  EXPECT_EQ(w.answer(), 1U);
  EXPECT_EQ(w.answer(), 1U);
  w.waited = false;
  EXPECT_EQ(w.answer(), 0U) << "others are polled";
}

TEST(waiting_source, says_how_many_changes_lie_behind) {
  waiting_world w;
  w.truth.append("a");
  w.behind = 41;
  w.answer();
  w.pass_until([&] { return w.kafka.produced.size() == 1; });
  w.kafka.settle_all();
  w.pass(2s);
  EXPECT_EQ(w.probe.lag_items.value(), 41);
  EXPECT_EQ(w.probe.lag_known.value(), 1);
  w.pass(30s);
  EXPECT_GE(w.probe.lag_seconds.value(), 30) << "what is not read yet may be as old as that";
  w.behind = 0;
  w.answer();
  w.pass(2s);
  EXPECT_EQ(w.probe.lag_items.value(), 0);
  EXPECT_LT(w.probe.lag_seconds.value(), 5);
}

TEST(waiting_source, is_only_asked_for_figures_while_the_window_is_full) {
  waiting_world w;
  w.kafka.corked = true;
  w.truth.append_many("a", 5);
  while (w.feed.held() == 1 && !w.feed.fetches.back().peek)
    w.answer();
  ASSERT_TRUE(w.pass_until([&] { return w.feed.fetches.back().peek; }));
  w.behind = 7;
  w.answer();
  w.pass(2s);
  EXPECT_EQ(w.probe.lag_items.value(), 7 + 5) << "with what waits for the target";
}

TEST(waiting_source, a_feed_that_is_not_the_one_of_the_position_is_told) {
  waiting_world w;
  w.rewound = rewind_reason::feed_replaced;
  w.answer();
  EXPECT_EQ(w.probe.rewinds[metrics::rewind_cause::feed_replaced].value(), 1);
  EXPECT_EQ(w.probe.rewinds[metrics::rewind_cause::write_region_changed].value(), 0);
}

} // namespace
} // namespace feedcast::testing
