#include "feeds/cosmos/lease_families.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

namespace {

const std::string own = "acme.documents.azure.com";
const feed_names feed{"ow", "whisks", "O7RwAA==", "O7RwAKylJbY="};

boost::json::object document(const std::string& id, const std::string& owner = "", int stored = 5) {
  return {{"id", id}, {"Owner", owner}, {"_ts", stored}};
}

std::vector<lease_family> families(const std::vector<std::string>& ids, std::string_view prefix) {
  std::vector<boost::json::object> documents;
  for (const auto& id : ids)
    documents.push_back(document(id));
  return families_of(documents, prefix, own, feed);
}

kinship kin_of(const std::string& between, std::string_view prefix) {
  const auto found = families({std::string{prefix} + between + "_ow_whisks..0"}, prefix);
  EXPECT_EQ(found.size(), 1U) << between;
  return found.empty() ? kinship::stranger : found.front().kin;
}

} // namespace

TEST(lease_families, are_told_by_host_and_kind_of_ids) {
  const auto found =
      families_of({document("p-" + own + "_ow_whisks..0", "b", 10),
                   document("p-" + own + "_ow_whisks..1", "a", 30),
                   document("p-" + own + "_ow_whisks..2", "b", 20),
                   document("p-" + own + "_ow_whisks.info", "", 5),
                   document("p-" + own + "_O7RwAA==_O7RwAKylJbY=..-FF"),
                   document("p-" + own + "_ow_whisks.lock"), document("p-old_ow_whisks..0")},
                  "p-", own, feed);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].host, own);
  EXPECT_EQ(found[0].stem, stem_kind::names);
  EXPECT_EQ(found[0].leases, 3U);
  EXPECT_TRUE(found[0].initialised);
  EXPECT_EQ(found[0].newest, wall_time{std::chrono::seconds{30}});
  EXPECT_EQ(found[0].owners, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(found[1].stem, stem_kind::rids);
  EXPECT_EQ(found[1].leases, 1U);
  EXPECT_FALSE(found[1].initialised);
  EXPECT_EQ(found[2].host, "old");
  EXPECT_EQ(found[2].kin, kinship::sibling);
}

TEST(lease_families, of_other_feeds_are_left_out) {
  EXPECT_TRUE(families({"p-old_ow_subjects..0", "p-old_ow_whisks2..0", "p-old_other_whisks..0",
                        "p-old_ow_whisks.lock", "p-old_ow_whisks", "p-x_old_ow_whisks..0", "p-old"},
                       "p-")
                  .empty());
}

TEST(lease_families, hosts_are_host_names) {
  for (const auto* host : {"acme.documents.azure.com", "my-cosmos-tst.documents.azure.com",
                           "localhost", "127.0.0.1", "A1"})
    EXPECT_TRUE(plausible_host(host)) << host;
  for (const auto* host :
       {"", "-b.documents.azure.com", "a..b", ".a", "a.", "a_b", "a b", "b-", "a:1", "whisks/x"})
    EXPECT_FALSE(plausible_host(host)) << host;
  EXPECT_FALSE(plausible_host(std::string(64, 'a')));
}

TEST(lease_families, a_longer_prefix_of_this_account_is_a_stranger) {
  EXPECT_EQ(kin_of("b-" + own, "a-"), kinship::stranger);
  EXPECT_EQ(kin_of("2" + own, "eu-whisks"), kinship::stranger);
}

TEST(lease_families, what_a_longer_prefix_is_seen_to_have_is_a_strangers_too) {
  const auto found = families(
      {"a-b-" + own + "_ow_whisks..0", "a-b-old_ow_whisks..0", "a-old_ow_whisks..0"}, "a-");
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].kin, kinship::stranger);
  EXPECT_EQ(found[1].host, "b-old");
  EXPECT_EQ(found[1].kin, kinship::stranger);
  EXPECT_EQ(found[2].kin, kinship::sibling);
}

TEST(lease_families, a_dash_behind_a_prefix_with_a_dash_is_ambiguous) {
  EXPECT_EQ(kin_of("b-old.documents.azure.com", "a-"), kinship::ambiguous);
  EXPECT_EQ(kin_of("old.documents-x.azure.com", "a-"), kinship::sibling);
  EXPECT_EQ(kin_of("b-old.documents.azure.com", "a"), kinship::sibling)
      << "a longer prefix would leave a dash at the beginning, which no host has";
}

TEST(lease_families, our_own_host_may_be_an_address) {
  const auto found = families_of({document("p::1_ow_whisks..0")}, "p", "::1", feed);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().kin, kinship::own);
}

TEST(lease_families, an_ambiguous_one_does_not_refuse_a_start) {
  const auto container = *collection_ref::make("ow", "leases");
  EXPECT_FALSE(siblings_refused(families({"a-b-old_ow_whisks..0"}, "a-"), "a-", container));
  const auto refused = siblings_refused(
      families({"a-b-old_ow_whisks..0", "a-old_ow_whisks..0"}, "a-"), "a-", container);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->code, errc::rejected);
  EXPECT_NE(refused->detail.find("--from old"), std::string::npos);
}

} // namespace feedcast::cosmos
