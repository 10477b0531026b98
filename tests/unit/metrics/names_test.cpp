#include "exposition.hpp"
#include "metrics/names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace feedcast::metrics {
namespace {

using testing::lines_of;
using testing::populated_registry;

bool is_alias(const family& f) {
  return &f == &names::openwhisk_count || &f == &names::openwhisk_lag;
}

TEST(metric_names, are_unique_and_carry_a_known_prefix) {
  std::set<std::string_view> seen;
  for (const auto* f : all_families()) {
    EXPECT_TRUE(seen.insert(f->name).second) << f->name;
    if (!is_alias(*f)) {
      EXPECT_TRUE(f->name.starts_with("feedcast_") || f->name.starts_with("process_")) << f->name;
    }
  }
}

TEST(metric_names, end_in_total_for_counters_and_only_for_them) {
  for (const auto* f : all_families())
    EXPECT_EQ(f->name.ends_with("_total"), f->type == kind::counter) << f->name;
}

TEST(metric_names, use_base_units) {
  for (const auto* f : all_families())
    for (const auto* unit : {"_ms", "_milliseconds", "_us", "_minutes", "_kb", "_mb", "_percent"})
      EXPECT_EQ(f->name.find(unit), std::string_view::npos) << f->name;
}

TEST(metric_names, have_one_line_of_help_that_is_a_sentence) {
  for (const auto* f : all_families()) {
    EXPECT_EQ(f->help.find_first_of("\r\n\\"), std::string_view::npos) << f->name;
    EXPECT_TRUE(f->help.ends_with('.')) << f->name;
    EXPECT_LE(f->help.size(), 200U) << f->name;
  }
}

TEST(metric_names, have_rising_buckets_exactly_when_they_are_histograms) {
  for (const auto* f : all_families()) {
    EXPECT_EQ(f->buckets.empty(), f->type != kind::histogram) << f->name;
    EXPECT_TRUE(std::is_sorted(f->buckets.begin(), f->buckets.end())) << f->name;
  }
}

TEST(metric_names, are_all_exposed_by_the_probes_and_nothing_else_is) {
  populated_registry r{1, 1};
  std::set<std::string> exposed;
  for (const auto& line : lines_of(r.all.serialize()))
    if (line.starts_with("# TYPE "))
      exposed.insert(line.substr(7, line.find(' ', 7) - 7));
  std::set<std::string> known;
  for (const auto* f : all_families())
    known.emplace(f->name);
  EXPECT_EQ(exposed, known);
}

TEST(metric_names, carry_only_labels_of_the_closed_list) {
  const std::set<std::string> allowed{"target", "feed",  "outcome",  "class", "op",
                                      "stage",  "state", "reason",   "actor", "version",
                                      "hash",   "le",    "revision", "pk",    "collection"};
  populated_registry r{2, 2};
  for (const auto& line : lines_of(r.all.serialize())) {
    const auto open = line.find('{');
    if (line.starts_with('#') || open == std::string::npos)
      continue;
    for (std::size_t at = open + 1; at < line.size();) {
      const auto equals = line.find('=', at);
      if (equals == std::string::npos)
        break;
      EXPECT_TRUE(allowed.contains(line.substr(at, equals - at))) << line;
      at = line.find('"', equals + 2);
      at = line[at + 1] == ',' ? at + 2 : line.size();
    }
  }
}

TEST(metric_names, stay_within_the_series_budget) {
  populated_registry r{8, 4, processor_probe::max_alias_ranges};
  const auto series = testing::count_series(r.all.serialize());
  EXPECT_LT(series, 4000U);
  EXPECT_GT(series, 2000U) << "the count itself looks wrong";
}

TEST(metric_labels, have_at_most_twelve_values) {
  EXPECT_LE(label_values(feed_error_class{}).size(), 12U);
  EXPECT_LE(label_values(lease_change{}).size(), 12U);
  EXPECT_LE(label_values(target_error_class{}).size(), 12U);
}

TEST(metric_labels, name_each_enumerator) {
  EXPECT_EQ(to_label(change_outcome::dead_lettered), "dead_lettered");
  EXPECT_EQ(to_label(feed_error_class::decode), "decode");
  EXPECT_EQ(to_label(lease_change::split), "split");
  EXPECT_EQ(to_label(target_error_class::other), "other");
  EXPECT_EQ(to_label(range_state::draining), "draining");
  EXPECT_EQ(to_label(restart_reason::escalated), "escalated");
}

TEST(metric_labels, map_errors_to_feed_error_classes) {
  EXPECT_EQ(classify(errc::throttled), feed_error_class::throttled);
  EXPECT_EQ(classify(errc::unavailable), feed_error_class::transport);
  EXPECT_EQ(classify(errc::malformed), feed_error_class::decode);
  EXPECT_EQ(classify(errc::unauthorized), feed_error_class::auth);
  EXPECT_EQ(classify(errc::gone), feed_error_class::gone);
  EXPECT_EQ(classify(errc::internal), feed_error_class::server);
}

TEST(metric_labels, parse_target_error_classes_and_call_the_unknown_other) {
  EXPECT_EQ(parse_target_error_class("acl"), target_error_class::acl);
  EXPECT_EQ(parse_target_error_class("unknown_topic"), target_error_class::unknown_topic);
  EXPECT_EQ(parse_target_error_class("no such class"), target_error_class::other);
}

} // namespace
} // namespace feedcast::metrics
