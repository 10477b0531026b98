// Which keys a change of a subject means: the table of docs/identities.md, from pages to messages.
#include "pipeline/stages.hpp"
#include "tests/support/pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace feedcast::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

constexpr auto names = identity_keys::namespaces;
constexpr auto uuids = identity_keys::uuids;

stage_options options(identity_keys which) {
  return {.filter = {}, .content = feed_content::identities, .identities = which};
}

/// The stages of one range and one memory, page by page.
class range {
 public:
  explicit range(identity_keys which) : stages_(options(which)) {}

  /// The keys of the messages of a page of these documents.
  std::vector<std::string> read(const std::vector<std::string>& documents) {
    const auto page = make_page(page_text(documents));
    const auto b = stages_.process(page, {});
    EXPECT_TRUE(b.has_value());
    std::vector<std::string> keys;
    std::uint32_t accounted =
        (*b)->counts.own + (*b)->counts.filtered + (*b)->counts.coalesced + (*b)->counts.unusable;
    for (const auto& m : (*b)->messages) {
      keys.emplace_back((*b)->key(m));
      accounted += m.changes;
    }
    EXPECT_EQ(accounted, (*b)->counts.changes) << "each change is accounted for once";
    EXPECT_EQ((*b)->bytes.find("SECRET"), std::string::npos);
    EXPECT_EQ((*b)->bytes.find("secondaryId"), std::string::npos);
    return keys;
  }

  void settle() { stages_.settled(); }

 private:
  page_stages stages_;
};

constexpr const char* carol =
    R"({"_clusterId":"us2","id":"carol","namespaces":[{"key":"SECRET","name":"beta","uuid":"u-b"},{"key":"SECRET","name":"lab","uuid":"u-l"}],"subject":"carol","_ts":1722009170,"_lsn":9170})";

} // namespace

TEST(subject_keys, every_document_by_itself) {
  struct row {
    const char* what;
    std::string document;
    std::vector<std::string> by_name;
    std::vector<std::string> by_uuid;
  };

  const std::vector<row> rows{
      {"subject",
       R"({"_clusterId":"eu1","id":"acme","namespaces":[{"key":"SECRET","name":"acme","uuid":"u"}],"subject":"acme"})",
       {"acme"},
       {"acme", "u"}},
      {"subject of another name",
       R"({"id":"dave@x","namespaces":[{"key":"SECRET","name":"acme","uuid":"u"}]})",
       {"acme"},
       {"acme", "u"}},
      {"blocked, two namespaces", carol, {"beta", "lab"}, {"beta", "u-b", "lab", "u-l"}},
      {"legacy",
       R"({"id":"old","subject":"old","uuid":"u","key":"SECRET"})",
       {"old"},
       {"old", "u"}},
      {"legacy with a list",
       R"({"id":"old","uuid":"u","key":"SECRET","namespaces":[{"name":"new","uuid":"v"}]})",
       {"new", "old"},
       {"new", "v", "old", "u"}},
      {"limits", R"({"id":"acme|limits","invocationsPerMinute":600})", {"acme"}, {"acme"}},
      {"limits that blacklist",
       R"({"id":"beta|limits","concurrentInvocations":0,"invocationsPerMinute":0})",
       {"beta"},
       {"beta"}},
      {"limits, plain id", R"({"id":"acme/limits"})", {"acme"}, {"acme"}},
      {"tombstone",
       R"({"id":"acme","_deleted":true,"ttl":36000,"namespaces":[{"key":"SECRET","name":"acme","uuid":"u"}]})",
       {"acme"},
       {"acme", "u"}},
      {"tombstone of limits", R"({"id":"acme|limits","_deleted":true})", {"acme"}, {"acme"}},
      {"no list", R"({"id":"fresh"})", {"fresh"}, {"fresh"}},
      {"empty list", R"({"id":"fresh","namespaces":[]})", {"fresh"}, {"fresh"}},
  };
  for (const auto& r : rows) {
    EXPECT_EQ(range{names}.read({r.document}), r.by_name) << r.what;
    EXPECT_EQ(range{uuids}.read({r.document}), r.by_uuid) << r.what;
  }
}

TEST(subject_keys, every_change_after_another_version) {
  struct row {
    const char* what;
    std::string next;
    std::vector<std::string> by_name;
    std::vector<std::string> by_uuid;
  };

  const std::vector<row> rows{
      {"the same again", carol, {"beta", "lab"}, {"beta", "u-b", "lab", "u-l"}},
      {"re-keyed, the uuid kept",
       R"({"id":"carol","namespaces":[{"key":"SECRET-2","name":"beta","uuid":"u-b"},{"name":"lab","uuid":"u-l"}]})",
       {"beta", "lab"},
       {"beta", "u-b", "lab", "u-l"}},
      {"re-keyed, the uuid replaced",
       R"({"id":"carol","namespaces":[{"key":"SECRET-2","name":"beta","uuid":"u-2"},{"name":"lab","uuid":"u-l"}]})",
       {"beta", "lab"},
       {"beta", "u-2", "lab", "u-l", "u-b"}},
      {"a namespace renamed",
       R"({"id":"carol","namespaces":[{"name":"gamma","uuid":"u-b"},{"name":"lab","uuid":"u-l"}]})",
       {"gamma", "lab", "beta"},
       {"gamma", "u-b", "lab", "u-l", "beta"}},
      {"an element removed",
       R"({"id":"carol","namespaces":[{"name":"beta","uuid":"u-b"}]})",
       {"beta", "lab"},
       {"beta", "u-b", "lab", "u-l"}},
      {"all elements removed",
       R"({"id":"carol","namespaces":[]})",
       {"beta", "lab"},
       {"beta", "u-b", "lab", "u-l"}},
      {"a tombstone without its fields",
       R"({"id":"carol","_deleted":true})",
       {"beta", "lab"},
       {"beta", "u-b", "lab", "u-l"}},
      {"a tombstone that names less",
       R"({"id":"carol","_deleted":true,"namespaces":[{"name":"lab","uuid":"u-l"}]})",
       {"lab", "beta"},
       {"lab", "u-l", "beta", "u-b"}},
      {"its namespace's limits", R"({"id":"lab|limits"})", {"lab"}, {"lab", "u-l"}},
      {"limits of a namespace of nobody", R"({"id":"zeta|limits"})", {"zeta"}, {"zeta"}},
      {"a list that can't be read",
       R"({"id":"carol","namespaces":7})",
       {"beta", "lab"},
       {"beta", "u-b", "lab", "u-l"}},
      {"another subject", R"({"id":"dave","namespaces":[{"name":"d"}]})", {"d"}, {"d"}},
  };
  for (const auto& r : rows) {
    range by_name{names};
    by_name.read({carol});
    EXPECT_THAT(by_name.read({r.next}), UnorderedElementsAreArray(r.by_name)) << r.what;
    range by_uuid{uuids};
    by_uuid.read({carol});
    EXPECT_THAT(by_uuid.read({r.next}), UnorderedElementsAreArray(r.by_uuid)) << r.what;
  }
}

TEST(subject_keys, two_versions_on_one_page) {
  EXPECT_THAT(range{names}.read({carol, R"({"id":"carol","namespaces":[{"name":"gamma"}]})",
                                 R"({"id":"lab|limits"})"}),
              UnorderedElementsAre("beta", "lab", "gamma"));
}

TEST(subject_keys, what_was_taken_away_is_sent_again_until_it_is_settled) {
  const std::string renamed = R"({"id":"carol","namespaces":[{"name":"gamma"}]})";
  range r{names};
  r.read({carol});
  r.settle();
  EXPECT_THAT(r.read({renamed}), UnorderedElementsAre("gamma", "beta", "lab"));
  EXPECT_THAT(r.read({renamed}), UnorderedElementsAre("gamma", "beta", "lab"));
  r.settle();
  EXPECT_THAT(r.read({renamed}), ElementsAre("gamma"));
}

TEST(subject_keys, limits_mean_the_uuids_of_every_subject_of_the_namespace) {
  range r{uuids};
  r.read({carol, R"({"id":"dave","namespaces":[{"name":"lab","uuid":"u-d"}]})",
          R"({"id":"lab","uuid":"u-own","key":"SECRET"})"});
  EXPECT_THAT(r.read({R"({"id":"lab|limits"})"}),
              UnorderedElementsAre("lab", "u-l", "u-d", "u-own"));
}

TEST(subject_keys, own_changes_are_remembered_all_the_same) {
  auto o = options(names);
  o.filter.own_cluster = "us2";
  page_stages stages{o};
  const auto first = make_page(page_text({carol}));
  EXPECT_EQ((*stages.process(first, {}))->counts.own, 1U);
  const auto second = make_page(page_text({R"({"id":"carol","namespaces":[]})"}));
  EXPECT_EQ((*stages.process(second, {}))->messages.size(), 2U) << "beta, lab";
}

TEST(subject_keys, keys_that_wait_for_their_target_need_no_second_message) {
  page_stages stages{options(names)};
  message_ref older{.lsn = 1};
  const waiting_messages waiting{{"beta", &older}};
  const auto page = make_page(page_text({carol}));
  const auto b = *stages.process(page, waiting);
  ASSERT_EQ(b->messages.size(), 1U);
  EXPECT_EQ(b->key(b->messages[0]), "lab");
  EXPECT_EQ(b->messages[0].changes, 1U);
  EXPECT_EQ(older.lsn, 9170U);
}

TEST(subject_keys, a_learned_page_sends_nothing_and_is_remembered) {
  const auto memory = std::make_shared<identity_memory>(identity_memory_limit, true);
  page_stages stages{options(uuids), memory};
  const auto page = make_page(page_text(
      {carol, R"({"id":"beta|limits"})", R"({"id":"_design|x"})", R"({"name":"no id"})"}));
  const auto learned = stages.learn(page);
  ASSERT_TRUE(learned.has_value());
  EXPECT_TRUE(*learned) << "whole";
  EXPECT_EQ(memory->subjects(), 1U);
  const auto next = make_page(page_text({R"({"id":"carol","namespaces":[]})"}));
  EXPECT_EQ((*stages.process(next, {}))->messages.size(), 4U);
  const auto damaged = make_page(page_text({"{\"id\":\"x\",\"y\":\"\xff\"}"}));
  EXPECT_FALSE(*stages.learn(damaged));
  const auto cut = make_page(R"({"Documents":[{"id":"x")");
  EXPECT_FALSE(stages.learn(cut).has_value());
}

TEST(subject_keys, what_is_salvaged_of_a_subject_means_what_was_known_of_it_too) {
  const auto memory = std::make_shared<identity_memory>(identity_memory_limit, false);
  page_stages stages{options(names), memory};
  const auto page = make_page(page_text({carol}));
  ASSERT_TRUE(stages.process(page, {}).has_value());
  const auto broken = make_page(page_text({R"({"id":"carol","namespaces":[{"name":tru}]})"}));
  EXPECT_EQ(stages.salvage(broken, {})->messages.size(), 3U) << "carol, beta, lab";
  const auto gone = make_page(page_text({R"({"id":"carol","_deleted":true})"}));
  EXPECT_EQ((*stages.process(gone, {}))->messages.size(), 3U) << "and they are still known";
}

} // namespace feedcast::testing
