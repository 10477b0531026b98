#include "app/demo/documents.hpp"
#include "app/demo/ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

using namespace feedcast;
using namespace feedcast::app;
using ::testing::ElementsAre;

namespace {

wall_time at(std::int64_t ms) {
  return wall_time{milliseconds{ms}};
}

ledger two_targets() {
  return ledger{{{"eu", "eu1"}, {"us", "us2"}}};
}

} // namespace

TEST(ledger, a_write_is_owed_to_the_other_clusters_only) {
  auto book = two_targets();
  book.write_begins("a", "eu1", at(10));
  EXPECT_EQ(book.of("eu").own, 1U);
  EXPECT_EQ(book.of("eu").expected, 0U);
  EXPECT_EQ(book.of("us").expected, 1U);
  EXPECT_EQ(book.of("us").open, 1U);
  EXPECT_FALSE(book.settled());
  EXPECT_THAT(book.owed("us", 9), ElementsAre("a"));
}

TEST(ledger, a_later_message_settles_all_earlier_writes_of_its_key) {
  auto book = two_targets();
  book.write_begins("a", "eu1", at(10));
  book.write_begins("a", "eu1", at(20));
  book.message("us", "a", 25, at(30));
  EXPECT_TRUE(book.settled());
  EXPECT_EQ(book.of("us").delivered, 1U);
  EXPECT_EQ(book.of("us").duplicates, 0U);
  EXPECT_EQ(book.of("us").p50_ms, 20);
}

TEST(ledger, a_message_from_before_the_newest_write_settles_nothing) {
  auto book = two_targets();
  book.write_begins("a", "eu1", at(10));
  book.write_begins("a", "eu1", at(20));
  book.message("us", "a", 15, at(30));
  EXPECT_EQ(book.of("us").open, 2U);
}

TEST(ledger, counts_duplicates_and_messages_that_nobody_is_owed) {
  auto book = two_targets();
  book.write_begins("a", "eu1", at(10));
  book.message("us", "a", 11, at(12));
  book.message("us", "a", 13, at(14));
  book.message("us", "b", 13, at(14));
  book.message("eu", "a", 13, at(14));
  EXPECT_EQ(book.of("us").duplicates, 1U);
  EXPECT_EQ(book.of("us").unknown, 1U);
  EXPECT_EQ(book.of("eu").unknown, 1U) << "its own change was not filtered";
  EXPECT_TRUE(book.settled());
}

TEST(document_maker, a_key_belongs_to_one_cluster_and_is_written_again_and_deleted) {
  document_maker maker{"eu1", "us2", 3};
  std::map<std::string, std::set<std::string>> clusters;
  std::size_t again = 0;
  std::size_t deleted = 0;
  std::size_t subjects = 0;
  std::size_t bytes = 0;
  constexpr std::size_t count = 5000;
  for (std::size_t n = 0; n < count; ++n) {
    const auto d = maker.next();
    again += clusters[d.key].empty() ? 0 : 1;
    clusters[d.key].insert(d.cluster);
    deleted += d.body.find("\"_deleted\":true") != std::string::npos ? 1 : 0;
    subjects += d.subject ? 1 : 0;
    bytes += d.body.size();
  }
  for (const auto& [key, owners] : clusters)
    EXPECT_EQ(owners.size(), 1U) << key;
  EXPECT_GT(again, count / 10);
  EXPECT_GT(deleted, 0U);
  EXPECT_GT(subjects, 0U);
  EXPECT_NEAR(static_cast<double>(bytes) / count, 1000, 150) << "documents of about 1 KB";
}
