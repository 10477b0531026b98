// How a range is read: when it is asked, and what becomes of answers that are errors or damaged.
#include "tests/support/actor_fixture.hpp"

#include <stdexcept>

namespace feedcast::testing {
namespace {

/// Notes when each fetch came.
struct timed_world : actor_world {
  timed_world() {
    truth.one_range("0");
    feed.refuse = [this](const auto&) {
      times.push_back(std::chrono::duration_cast<milliseconds>(now().time_since_epoch()));
      return trouble;
    };
  }

  /// Waits between the fetches so far.
  std::vector<int> waits() const {
    std::vector<int> w;
    for (std::size_t i = 1; i < times.size(); ++i)
      w.push_back(static_cast<int>((times[i] - times[i - 1]).count()));
    return w;
  }

  std::vector<milliseconds> times;
  std::optional<error> trouble;
};

/// Damages each page that shows the given change, `times` times.
auto cut_pages_with(std::size_t index, int times = 1'000'000) {
  return [index, times](std::string& text, const std::vector<std::size_t>& shown) mutable {
    if (std::find(shown.begin(), shown.end(), index) != shown.end() && times-- > 0)
      text.resize(text.size() - 6);
  };
}

TEST(polling, idle_range_is_asked_at_growing_intervals) {
  timed_world w;
  w.start();
  w.pass(5s);
  EXPECT_EQ(w.waits(), (std::vector<int>{100, 200, 400, 800, 1000, 1000, 1000}));
}

TEST(polling, changes_make_it_ask_at_once_and_quickly_again) {
  timed_world w;
  w.start();
  w.pass(5s);
  w.truth.append("a");
  w.pass_until([&] { return !w.kafka.produced.empty(); });
  w.times.clear();
  w.pass(800ms);
  EXPECT_EQ(w.waits(), (std::vector<int>{200, 400}));
}

TEST(polling, wait_that_the_service_asked_for_is_honoured) {
  timed_world w;
  w.trouble = error{errc::throttled, "429", 5s};
  w.start();
  w.trouble.reset();
  w.pass(4'990ms);
  EXPECT_EQ(w.times.size(), 1U);
  w.pass(20ms);
  EXPECT_EQ(w.times.size(), 2U);
}

TEST(polling, errors_back_off_up_to_half_a_minute_and_recover) {
  timed_world w;
  w.truth.append("a");
  w.trouble = make_error(errc::unavailable, "refused");
  w.start();
  w.pass(300s, 50ms);
  EXPECT_GT(w.times.size(), 12U);
  EXPECT_LT(w.times.size(), 40U);
  const auto range = [&] {
    return w.health.snapshot().processors.at({"eu", "whisks"}).ranges.at("0").state;
  };
  EXPECT_EQ(range(), "backoff");
  w.trouble.reset();
  EXPECT_TRUE(w.settle());
  w.pass(3s);
  EXPECT_EQ(range(), "live");
  EXPECT_EQ(w.restarted(metrics::actor_kind::partition, metrics::restart_reason::exception), 0);
}

TEST(polling, too_large_answer_makes_it_ask_for_less) {
  timed_world w;
  w.truth.append_many("a", 20);
  w.feed.refuse = [](const auto& r) -> std::optional<error> {
    if (r.max_items > 4)
      return make_error(errc::too_large, "page over the limit");
    return std::nullopt;
  };
  w.start();
  EXPECT_TRUE(w.settle());
}

TEST(answers, second_answer_to_one_fetch_is_ignored) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 20);
  w.feed.page_limit = 3;
  w.feed.twice = true;
  w.start();
  ASSERT_TRUE(w.settle());
  w.pass(2s);
  EXPECT_EQ(w.probe.feed_items.value(), 20);
  EXPECT_EQ(w.stored("0"), 20U);
}

TEST(answers, answer_for_an_earlier_life_is_ignored) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 5);
  w.feed.hold = true;
  w.start();
  ASSERT_EQ(w.feed.held(), 1U);
  w.kafka.before_poll = [] { throw std::runtime_error("dies"); };
  w.pass(100ms);
  w.kafka.before_poll = nullptr;
  w.pass(1s);
  ASSERT_EQ(w.feed.held(), 2U) << "the new partition asked again";
  w.feed.answer(0);
  w.run();
  EXPECT_TRUE(w.kafka.produced.empty());
  w.feed.hold = false;
  w.feed.answer_all();
  EXPECT_TRUE(w.settle());
  EXPECT_EQ(w.probe.feed_items.value(), 5);
}

TEST(malformed, damaged_page_is_read_again_and_nothing_of_it_is_used) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 10);
  w.feed.damage = cut_pages_with(4, 1);
  w.start();
  EXPECT_TRUE(w.kafka.produced.empty());
  ASSERT_TRUE(w.settle());
  w.pass(2s);
  EXPECT_EQ(w.kafka.produced.size(), 10U);
  EXPECT_EQ(w.probe.feed_items.value(), 10);
  EXPECT_EQ(w.stored("0"), 10U);
}

TEST(malformed, read_ahead_behind_a_damaged_page_is_thrown_away) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 10);
  w.feed.page_limit = 5;
  w.feed.hold = true;
  w.feed.damage = cut_pages_with(0, 1);
  w.start();
  w.feed.answer();
  w.run();
  ASSERT_EQ(w.feed.held(), 1U) << "the next page is fetched while this one is parsed";
  ASSERT_EQ(std::get<continuation>(w.feed.fetches.back().from), ledger::token(5));
  w.feed.answer();
  w.pass(1s);
  EXPECT_TRUE(w.kafka.produced.empty());
  ASSERT_EQ(w.feed.held(), 1U);
  EXPECT_EQ(w.feed.fetches.back().from, w.feed.fetches.front().from);
  w.feed.hold = false;
  w.feed.answer_all();
  ASSERT_TRUE(w.settle());
  EXPECT_EQ(w.kafka.produced.size(), 10U);
}

/// Leaves a string of the given change open, on each page that shows it: the rest of the page,
/// and its end, are as they were.
auto open_string_in(std::size_t index) {
  return [index](std::string& text, const std::vector<std::size_t>& shown) {
    const auto place = std::find(shown.begin(), shown.end(), index);
    if (place == shown.end())
      return;
    std::size_t at = 0;
    for (auto n = place - shown.begin() + 1; n > 0; --n)
      at = text.find("\"name\":\"", at) + 8;
    text[text.find('"', at)] = ' ';
  };
}

TEST(malformed, lasting_damage_is_isolated_in_a_page_of_one_and_salvaged) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 10);
  w.feed.damage = open_string_in(4);
  w.start();
  ASSERT_TRUE(w.settle()) << "the id in the damaged page is still told to the target";
  w.pass(2s);
  EXPECT_EQ(w.stored("0"), 10U);
  std::size_t at_culprit = 0;
  for (const auto& f : w.feed.fetches)
    if (const auto* at = std::get_if<continuation>(&f.from); at && at->token == "at-4")
      at_culprit += f.max_items == 1;
  EXPECT_GE(at_culprit, 3U);
  w.truth.append("later");
  EXPECT_TRUE(w.settle());
  w.pass(2s);
  EXPECT_EQ(w.change_outcomes(), w.probe.feed_items.value());
}

/// Damages the first byte of a member of the given change, on each page that shows it, `times`
/// times.
auto blot(std::string_view member, std::size_t index, int times) {
  return [before = "\"" + std::string{member} + "\":\"", index,
          times](std::string& text, const std::vector<std::size_t>& shown) mutable {
    const auto place = std::find(shown.begin(), shown.end(), index);
    if (place == shown.end() || times-- <= 0)
      return;
    std::size_t at = 0;
    for (auto n = place - shown.begin() + 1; n > 0; --n)
      at = text.find(before, at) + before.size();
    text[at] = '\xff';
  };
}

TEST(malformed, damage_that_a_second_reading_does_not_show_loses_nothing) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 10);
  w.feed.damage = blot("id", 4, 1);
  w.start();
  ASSERT_TRUE(w.settle());
  w.pass(2s);
  EXPECT_EQ(w.kafka.produced.size(), 10U);
  EXPECT_EQ(w.stored("0"), 10U);
  EXPECT_EQ(w.change_outcomes(), w.probe.feed_items.value());
}

TEST(malformed, damage_that_stays_and_spares_the_id_costs_one_more_reading) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 10);
  w.feed.damage = blot("name", 4, 1'000'000);
  w.start();
  ASSERT_TRUE(w.settle());
  w.pass(2s);
  EXPECT_EQ(w.kafka.produced.size(), 10U);
  EXPECT_EQ(w.probe.documents_repaired.value(), 1);
  EXPECT_EQ(std::count_if(w.feed.fetches.begin(), w.feed.fetches.end(),
                          [&](const auto& f) { return f.from == w.feed.fetches.front().from; }),
            2);
}

TEST(malformed, a_page_of_one_that_is_cut_for_a_while_is_waited_for) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 10);
  int alone = 6; // more often than a broken document needs
  w.feed.damage = [&](std::string& text, const std::vector<std::size_t>& shown) {
    if (std::find(shown.begin(), shown.end(), 4U) == shown.end() || alone == 0)
      return;
    alone -= shown.size() == 1 ? 1 : 0;
    text.resize(text.find("Documents") + 20); // not even an id is left
  };
  w.start();
  ASSERT_TRUE(w.settle());
  w.pass(2s);
  EXPECT_EQ(w.kafka.produced.size(), 10U);
  EXPECT_EQ(w.change_outcomes(), w.probe.feed_items.value());
}

TEST(malformed, cut_page_is_never_passed_over) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 10);
  w.feed.damage = cut_pages_with(4);
  w.start();
  w.pass(10min, 50ms);
  EXPECT_EQ(w.stored("0"), 4U);
  EXPECT_GT(w.probe.feed_errors[metrics::feed_error_class::decode].value(), 10);
  EXPECT_GT(w.probe.lag_items.value() + w.probe.lag_seconds.value(), 0) << "it is told";
  w.feed.damage = nullptr;
  ASSERT_TRUE(w.settle());
  w.pass(2s);
  EXPECT_EQ(w.kafka.produced.size(), 10U);
}

TEST(malformed, damage_that_differs_from_time_to_time_is_never_believed) {
  for (const std::string_view member : {"id", "name"}) {
    actor_world w;
    w.truth.one_range("0");
    w.truth.append_many("a", 10);
    int n = 0;
    w.feed.damage = [&, inner = blot(member, 4, 1'000'000)](std::string& text,
                                                            const auto& shown) mutable {
      inner(text, shown);
      std::replace(text.begin(), text.end(), '\xff', static_cast<char>(0xf8 + n++ % 8));
    };
    w.start();
    w.pass(2min, 50ms);
    EXPECT_EQ(w.stored("0"), 4U) << member;
    w.feed.damage = nullptr;
    ASSERT_TRUE(w.settle());
    w.pass(2s);
    EXPECT_EQ(w.kafka.produced.size(), 10U);
    EXPECT_EQ(w.change_outcomes(), w.probe.feed_items.value());
  }
}

TEST(malformed, page_that_announces_more_than_it_holds_is_not_accepted) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 4);
  int times = 1;
  w.feed.damage = [&](std::string& text, const auto& shown) {
    if (shown.size() == 4 && times-- > 0)
      text = page_text({w.truth.at(0).document, w.truth.at(1).document});
  };
  w.start();
  EXPECT_TRUE(w.kafka.produced.empty());
  ASSERT_TRUE(w.settle());
}

} // namespace
} // namespace feedcast::testing
