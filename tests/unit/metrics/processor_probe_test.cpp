#include "exposition.hpp"
#include "metrics/processor_probe.hpp"
#include "metrics/target_probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace feedcast::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

struct processor_probe_test : ::testing::Test {
  registry r;
  processor_probe eu{r, "eu", "whisks"};
};

TEST_F(processor_probe_test, labels_its_series_with_target_and_feed) {
  eu.changes[change_outcome::acked].add(3);
  EXPECT_THAT(r.serialize(),
              HasSubstr(R"(feedcast_changes_total{feed="whisks",outcome="acked",target="eu"} 3)"));
}

TEST_F(processor_probe_test, keeps_the_series_of_two_targets_apart) {
  processor_probe us{r, "us", "whisks"};
  eu.feed_items.add(3);
  us.feed_items.add(4);
  EXPECT_EQ(eu.feed_items.value(), 3);
  EXPECT_EQ(us.feed_items.value(), 4);
}

TEST_F(processor_probe_test, exposes_every_series_as_zero_before_anything_happened) {
  EXPECT_THAT(r.serialize(), HasSubstr(R"(outcome="dead_lettered",target="eu"} 0)"));
}

TEST_F(processor_probe_test, records_propagation_once_per_covered_change) {
  eu.propagated(1'000, wall_time{1'002'500ms}, 4);
  const auto text = r.serialize();
  EXPECT_THAT(text,
              HasSubstr(R"(feedcast_propagation_seconds_count{feed="whisks",target="eu"} 4)"));
  EXPECT_THAT(text, HasSubstr(R"(feedcast_propagation_seconds_sum{feed="whisks",target="eu"} 10)"));
  EXPECT_THAT(text, HasSubstr(R"({feed="whisks",target="eu",le="2"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"({feed="whisks",target="eu",le="3"} 4)"));
}

TEST_F(processor_probe_test, counts_negative_propagation_as_zero_and_says_so) {
  eu.propagated(1'000, wall_time{999'000ms}, 2);
  EXPECT_EQ(eu.clock_clamped.value(), 2);
  EXPECT_THAT(r.serialize(),
              HasSubstr(R"(feedcast_propagation_seconds_sum{feed="whisks",target="eu"} 0)"));
}

TEST_F(processor_probe_test, records_nothing_for_an_unknown_commit_time) {
  eu.propagated(0, wall_time{999'000ms});
  EXPECT_THAT(r.serialize(),
              HasSubstr(R"(feedcast_propagation_seconds_count{feed="whisks",target="eu"} 0)"));
}

TEST_F(processor_probe_test, feeds_the_aliases_of_the_replaced_service) {
  processor_probe named{r, "eu", "actions", "whisks"};
  named.openwhisk_count.add(12);
  named.openwhisk_lag("0", 5);
  const auto text = r.serialize();
  EXPECT_THAT(text,
              HasSubstr(R"(counter_cosmosdb_change_feed_count_total{collection="whisks"} 12)"));
  EXPECT_THAT(text, HasSubstr(R"(gauge_cosmosdb_change_feed_lag{collection="whisks",pk="0"} 5)"));
}

TEST_F(processor_probe_test, forgets_the_alias_of_a_lost_range) {
  eu.openwhisk_lag("0", 5);
  eu.forget_range("0");
  eu.forget_range("never owned");
  EXPECT_THAT(r.serialize(), Not(HasSubstr("gauge_cosmosdb_change_feed_lag{")));
}

TEST_F(processor_probe_test, bounds_the_number_of_alias_ranges) {
  const auto before = testing::count_series(r.serialize());
  for (std::size_t i = 0; i < 2 * processor_probe::max_alias_ranges; ++i)
    eu.openwhisk_lag(std::to_string(i), 1);
  EXPECT_EQ(testing::count_series(r.serialize()) - before, processor_probe::max_alias_ranges);
  eu.forget_range("0");
  eu.openwhisk_lag("new", 1);
  EXPECT_THAT(r.serialize(), HasSubstr(R"(pk="new")"));
}

TEST(target_probe, labels_its_series_with_the_target) {
  registry r;
  target_probe p{r, "eu"};
  p.weak_durability.set(1);
  p.errors[target_error_class::acl].add();
  p.messages[message_outcome::produced].add(7);
  p.producer_restarts[producer_restart::stalled].add();
  const auto text = r.serialize();
  EXPECT_THAT(text, HasSubstr(R"(feedcast_target_weak_durability{target="eu"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(feedcast_target_errors_total{class="acl",target="eu"} 1)"));
  EXPECT_THAT(text,
              HasSubstr(R"(feedcast_target_messages_total{outcome="produced",target="eu"} 7)"));
  EXPECT_THAT(
      text,
      HasSubstr(R"(feedcast_target_producer_restarts_total{reason="stalled",target="eu"} 1)"));
}

} // namespace
} // namespace feedcast::metrics
