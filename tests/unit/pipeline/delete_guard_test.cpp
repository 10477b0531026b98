#include "pipeline/delete_guard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

using namespace feedcast;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

constexpr std::int64_t hour = 3600;

/// A feed of latest versions whose tombstones are seen, live for ten hours, and may go unread for
/// eight.
delete_facts healthy() {
  delete_facts f;
  f.feed = {.known = true, .default_ttl = -1};
  f.seen_ttl = 10 * hour;
  f.tombstones = 5;
  f.declared_outage = 8h;
  return f;
}

delete_facts all_versions() {
  delete_facts f;
  f.feed = {.known = true, .all_versions = true, .default_ttl = -1, .retention = 168h};
  f.declared_outage = 8h;
  return f;
}

std::vector<std::string> names(const delete_facts& f) {
  std::vector<std::string> out;
  for (const auto& found : judge_deletes(f))
    out.emplace_back(to_string(found.what));
  return out;
}

} // namespace

TEST(delete_guard, warns_in_each_of_its_cases_and_else_not) {
  struct row {
    const char* what;
    delete_facts base;
    std::function<void(delete_facts&)> change;
    std::vector<std::string> found;
  };

  const std::vector<row> rows{
      {"tombstones outlast the outage", healthy(), [](auto&) {}, {}},
      {"none seen, none declared",
       healthy(),
       [](auto& f) { f.tombstones = f.seen_ttl = 0; },
       {"deletes_invisible"}},
      {"none seen, none declared, but each delete is in the feed for ever",
       healthy(),
       [](auto& f) {
         f.tombstones = f.seen_ttl = 0;
         f.feed.deletes_stay = true;
       },
       {}},
      {"none seen, but declared",
       healthy(),
       [](auto& f) {
         f.tombstones = f.seen_ttl = 0;
         f.declared_ttl = 10h;
       },
       {}},
      {"nothing is known of the collection, either",
       healthy(),
       [](auto& f) {
         f.feed = {};
         f.tombstones = f.seen_ttl = 0;
       },
       {"deletes_invisible"}},
      {"seen, the ttl is not known",
       healthy(),
       [](auto& f) {
         f.feed = {};
         f.seen_ttl = 0;
         f.untimed = f.tombstones;
       },
       {"tombstone_ttl_unknown"}},
      {"seen ttl as long as the outage",
       healthy(),
       [](auto& f) { f.seen_ttl = 8 * hour; },
       {"tombstone_ttl_too_short"}},
      {"declared ttl too short",
       healthy(),
       [](auto& f) { f.declared_ttl = 1h; },
       {"tombstone_ttl_too_short"}},
      {"declared long, seen short",
       healthy(),
       [](auto& f) {
         f.declared_ttl = 240h;
         f.seen_ttl = hour;
       },
       {"tombstone_ttl_too_short"}},
      {"lag worse than declared",
       healthy(),
       [](auto& f) { f.worst_lag = 11h; },
       {"tombstone_ttl_too_short"}},
      {"the collection's default is short",
       healthy(),
       [](auto& f) {
         f.feed.default_ttl = hour;
         f.seen_ttl = 0;
         f.untimed = f.tombstones;
       },
       {"tombstone_ttl_too_short"}},
      {"the collection ignores every ttl",
       healthy(),
       [](auto& f) {
         f.feed.default_ttl.reset();
         f.seen_ttl = 60;
       },
       {"tombstones_never_expire"}},
      {"tombstones without a ttl",
       healthy(),
       [](auto& f) {
         f.seen_ttl = 0;
         f.untimed = f.tombstones;
       },
       {"tombstones_never_expire"}},
      {"all versions, kept for a week", all_versions(), [](auto&) {}, {}},
      {"tombstones do not matter there",
       all_versions(),
       [](auto& f) { f.declared_ttl = 1min; },
       {}},
      {"all versions refused",
       all_versions(),
       [](auto& f) { f.feed.refused = "no"; },
       {"all_versions_refused"}},
      {"kept for as long as the outage",
       all_versions(),
       [](auto& f) { f.feed.retention = 8h; },
       {"retention_too_short"}},
      {"kept for less than the worst lag",
       all_versions(),
       [](auto& f) { f.worst_lag = 200h; },
       {"retention_too_short"}},
      {"nobody says for how long",
       all_versions(),
       [](auto& f) { f.feed.retention.reset(); },
       {"retention_unknown"}},
  };
  for (const auto& r : rows) {
    auto facts = r.base;
    r.change(facts);
    EXPECT_EQ(names(facts), r.found) << r.what;
  }
}

TEST(delete_guard, has_a_case_for_each_finding_that_says_what_to_do) {
  auto invisible = healthy();
  invisible.tombstones = invisible.seen_ttl = 0;
  const auto found = judge_deletes(invisible);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].harmless);
  EXPECT_NE(found[0].detail.find("soft-delete-ttl"), std::string::npos);

  auto for_ever = healthy();
  for_ever.feed.default_ttl.reset();
  EXPECT_TRUE(judge_deletes(for_ever)[0].harmless);

  auto late = healthy();
  late.seen_ttl = 90;
  EXPECT_NE(judge_deletes(late)[0].detail.find("90 s"), std::string::npos);
  EXPECT_NE(judge_deletes(late)[0].detail.find("max_outage (8 h)"), std::string::npos);
}

TEST(delete_guard, takes_the_reason_of_a_refusal_from_the_database) {
  auto facts = all_versions();
  facts.feed.refused = "turn on backups";
  EXPECT_EQ(judge_deletes(facts)[0].detail, "turn on backups");
}
