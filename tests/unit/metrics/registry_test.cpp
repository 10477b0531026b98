#include "exposition.hpp"
#include "metrics/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace feedcast::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(registry, gives_the_same_series_for_the_same_labels) {
  registry r;
  r.make_counter(names::changes, {{"outcome", "acked"}}).add(2);
  r.make_counter(names::changes, {{"outcome", "acked"}}).add(3);
  EXPECT_EQ(r.make_counter(names::changes, {{"outcome", "acked"}}).value(), 5);
  EXPECT_EQ(testing::count_series(r.serialize()), 1U);
}

TEST(registry, writes_type_help_and_value) {
  registry r;
  r.make_gauge(names::lag_seconds, {{"feed", "whisks"}}).set(1.5);
  const auto text = r.serialize();
  EXPECT_THAT(text, HasSubstr("# TYPE feedcast_lag_seconds gauge\n"));
  EXPECT_THAT(text, HasSubstr("# HELP feedcast_lag_seconds Age of"));
  EXPECT_THAT(text, HasSubstr("feedcast_lag_seconds{feed=\"whisks\"} 1.5\n"));
}

TEST(registry, escapes_label_values) {
  registry r;
  r.make_gauge(names::lag_seconds, {{"feed", "a\"b\\c\nd"}}).set(1);
  EXPECT_THAT(r.serialize(), HasSubstr(R"({feed="a\"b\\c\nd"} 1)"));
}

TEST(registry, runs_the_scrape_hooks_before_collecting) {
  registry r;
  const auto g = r.make_gauge(names::lag_items, {});
  int scrapes = 0;
  r.on_scrape([&, g] { g.set(++scrapes); });
  EXPECT_THAT(r.serialize(), HasSubstr("feedcast_lag_items 1\n"));
  EXPECT_THAT(r.serialize(), HasSubstr("feedcast_lag_items 2\n"));
}

TEST(registry, drops_a_passing_gauge) {
  registry r;
  r.set_gauge(names::openwhisk_lag, {{"pk", "0"}}, 7);
  EXPECT_THAT(r.serialize(), HasSubstr("{pk=\"0\"} 7"));
  r.drop_gauge(names::openwhisk_lag, {{"pk", "0"}});
  r.drop_gauge(names::openwhisk_lag, {{"pk", "never there"}});
  EXPECT_EQ(testing::count_series(r.serialize()), 0U);
}

TEST(registry, counts_from_several_threads) {
  registry r;
  const auto c = r.make_counter(names::feed_items, {});
  const auto h = r.make_histogram(names::propagation_seconds, {});
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) {
          c.add();
          h.observe(1, 2);
          r.set_gauge(names::openwhisk_lag, {{"pk", "0"}}, i);
          r.drop_gauge(names::openwhisk_lag, {{"pk", "0"}});
        }
      });
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i)
        EXPECT_FALSE(r.serialize().empty());
    });
  }
  EXPECT_EQ(c.value(), 4000);
  EXPECT_THAT(r.serialize(), HasSubstr("feedcast_propagation_seconds_count 8000\n"));
}

TEST(instruments, that_are_not_connected_record_nothing) {
  counter{}.add();
  gauge{}.set(1);
  histogram{}.observe(1);
  EXPECT_EQ(counter{}.value(), 0);
}

TEST(instruments, never_let_a_counter_fall) {
  registry r;
  const auto c = r.make_counter(names::feed_items, {});
  c.add(3);
  c.add(-2);
  EXPECT_EQ(c.value(), 3);
}

TEST(instruments, put_many_equal_observations_where_single_ones_go) {
  // Below, on and above a bound, and above the last.
  for (const double value : {0.4, 0.5, 0.6, 3600.0, 9000.0}) {
    registry one_by_one;
    registry at_once;
    const auto single = one_by_one.make_histogram(names::propagation_seconds, {});
    for (int i = 0; i < 3; ++i)
      single.observe(value);
    at_once.make_histogram(names::propagation_seconds, {}).observe(value, 3);
    EXPECT_EQ(one_by_one.serialize(), at_once.serialize()) << value;
  }
}

} // namespace
} // namespace feedcast::metrics
