#include "pipeline/identity_memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace feedcast::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::size_t plenty = std::size_t{1} << 20U;

using elements = std::vector<subject_element>;

std::vector<std::string> note(identity_memory& m, std::string_view subject, const elements& now,
                              bool doubtful = false) {
  std::vector<std::string> gone;
  m.note(subject, now, doubtful, [&](std::string_view key) { gone.emplace_back(key); });
  return gone;
}

std::vector<std::string> uuids_of(const identity_memory& m, std::string_view name) {
  std::vector<std::string> found;
  m.uuids_of(name, [&](std::string_view uuid) { found.emplace_back(uuid); });
  return found;
}

} // namespace

TEST(identity_memory, tells_what_a_new_version_no_longer_names) {
  identity_memory m{plenty, false};
  EXPECT_THAT(note(m, "s", {{"a", "1"}, {"b", "2"}}), IsEmpty());
  EXPECT_THAT(note(m, "s", {{"a", "1"}, {"c", "2"}}), ElementsAre("b"));
  EXPECT_THAT(note(m, "t", {{"b", "1"}}), IsEmpty());
}

TEST(identity_memory, forgets_what_is_settled_and_nothing_before) {
  identity_memory m{plenty, false};
  note(m, "s", {{"a", ""}});
  note(m, "s", {{"b", ""}});
  EXPECT_THAT(note(m, "s", {{"c", ""}}), UnorderedElementsAre("a", "b"));
  m.settled();
  EXPECT_THAT(note(m, "s", {{"d", ""}}), ElementsAre("c"));
  note(m, "s", {});
  m.settled();
  EXPECT_EQ(m.subjects(), 0U) << "of a deleted subject nothing stays";
  EXPECT_EQ(m.bytes(), 0U);
}

TEST(identity_memory, next_reader_is_told_again_of_what_was_not_settled) {
  identity_memory m{plenty, false};
  note(m, "s", {{"a", ""}});
  note(m, "s", {{"b", ""}});
  m.resume();
  m.settled(); // of pages before that change, which are read again, too
  EXPECT_THAT(note(m, "s", {{"b", ""}}), ElementsAre("a"));
  m.settled();
  EXPECT_THAT(note(m, "s", {{"b", ""}}), IsEmpty());
}

TEST(identity_memory, what_was_learned_twice_is_told_with_the_next_change) {
  identity_memory m{plenty, false};
  m.learn("s", elements{{"a", ""}}, false);
  m.learn("s", elements{{"b", ""}}, false);
  m.settled();
  EXPECT_THAT(note(m, "s", {{"b", ""}}), ElementsAre("a"));
}

TEST(identity_memory, a_name_that_comes_back_is_not_gone) {
  identity_memory m{plenty, false};
  note(m, "s", {{"a", "1"}});
  note(m, "s", {{"b", "1"}});
  EXPECT_THAT(note(m, "s", {{"a", "1"}}), ElementsAre("b"));
  m.settled();
  EXPECT_THAT(note(m, "s", {}), UnorderedElementsAre("a", "1"));
}

TEST(identity_memory, in_doubt_everything_stays) {
  identity_memory m{plenty, false};
  note(m, "s", {{"a", ""}, {"b", ""}});
  EXPECT_THAT(note(m, "s", {{"c", ""}}, true), UnorderedElementsAre("a", "b"));
  m.settled();
  EXPECT_THAT(note(m, "s", {}), UnorderedElementsAre("a", "b", "c"));
}

TEST(identity_memory, finds_the_uuids_of_a_name_in_all_subjects) {
  identity_memory m{plenty, true};
  note(m, "s", {{"a", "1"}, {"a", "2"}, {"b", "3"}});
  note(m, "t", {{"a", "4"}, {"c", ""}});
  EXPECT_THAT(uuids_of(m, "a"), UnorderedElementsAre("1", "2", "4"));
  EXPECT_THAT(uuids_of(m, "c"), IsEmpty());
  note(m, "s", {{"b", "3"}});
  m.settled();
  EXPECT_THAT(uuids_of(m, "a"), ElementsAre("4"));
}

TEST(identity_memory, forgets_the_subject_that_was_seen_least_recently_and_counts_it) {
  identity_memory m{20'000, false};
  for (int i = 0; i < 1000; ++i) {
    note(m, "subject-" + std::to_string(i), {{"namespace-" + std::to_string(i), ""}});
    note(m, "subject-0", {{"namespace-0", ""}});
    EXPECT_LE(m.bytes(), 20'000U);
  }
  EXPECT_EQ(m.forgotten(), 1000 - m.subjects());
  EXPECT_GT(m.subjects(), 50U);
  EXPECT_THAT(note(m, "subject-0", {}), ElementsAre("namespace-0"));
  EXPECT_THAT(note(m, "subject-999", {}), ElementsAre("namespace-999"));
  EXPECT_THAT(note(m, "subject-1", {}), IsEmpty());
}

TEST(identity_memory, a_subject_that_is_larger_than_the_limit_is_forgotten_at_once) {
  identity_memory m{1000, true};
  note(m, "s", {{std::string(2000, 'x'), "1"}});
  EXPECT_EQ(m.subjects(), 0U);
  EXPECT_EQ(m.forgotten(), 1U);
  EXPECT_EQ(m.bytes(), 0U);
  EXPECT_THAT(uuids_of(m, std::string(2000, 'x')), IsEmpty());
}

// Random edits, restarts of the reader and settlements against a plain model: after each change of
// a subject every key that it ever named since the last settlement of all was told or is named now.
TEST(identity_memory, never_lets_a_removed_name_go_untold) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    identity_memory m{plenty, below(2) == 0};
    std::map<std::string, std::set<std::string>> owed; ///< per subject: what caches may hold
    std::vector<std::pair<std::string, elements>> log; ///< the feed since the settled position
    std::map<std::string, elements> newest;
    std::vector<std::string> texts(12);
    for (std::size_t i = 0; i < texts.size(); ++i)
      texts[i] = (i % 2 == 0 ? "name-" : "uuid-") + std::to_string(i / 2);
    const auto read = [&](const std::string& subject, const elements& now) {
      const auto gone = note(m, subject, now);
      const std::set<std::string> told(gone.begin(), gone.end());
      std::set<std::string> named;
      for (const auto& e : now)
        named.insert({std::string{e.name}, std::string{e.uuid}});
      for (const auto& key : owed[subject])
        EXPECT_TRUE(told.contains(key) || named.contains(key)) << subject << " " << key;
      for (const auto& key : told)
        EXPECT_FALSE(named.contains(key)) << "told as gone, and it is not: " << key;
      owed[subject].insert(named.begin(), named.end());
    };
    for (int step = 0; step < 200; ++step) {
      switch (below(8)) {
      case 0: { // the window is empty: caches have forgotten all but what is named now
        m.settled();
        log.clear();
        for (auto& [subject, keys] : owed) {
          keys.clear();
          for (const auto& e : newest[subject])
            keys.insert({std::string{e.name}, std::string{e.uuid}});
        }
        break;
      }
      case 1: // the reader was lost: the next one reads the newest versions behind the position
        m.resume();
        for (const auto& [subject, version] : log)
          read(subject, newest[subject]);
        break;
      default: {
        const auto subject = "subject-" + std::to_string(below(5));
        elements now;
        for (auto n = below(4); n > 0; --n)
          now.push_back({texts[2 * below(6)], texts[2 * below(6) + 1]});
        newest[subject] = now;
        log.emplace_back(subject, now);
        read(subject, now);
      }
      }
    }
  }
}

} // namespace feedcast::testing
