#include "feeds/cosmos/ranges.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

namespace {

feed_range range(std::string id, std::string low, std::string high,
                 std::vector<std::string> parents = {}) {
  return {std::move(id), std::move(parents), std::move(low), std::move(high)};
}

} // namespace

TEST(ranges, reads_a_page) {
  std::vector<feed_range> out;
  ASSERT_TRUE(append_ranges(R"({"PartitionKeyRanges":[
    {"id":"1","minInclusive":"","maxExclusive":"1F","parents":["0"],"status":"online"},
    {"id":"2","minInclusive":"1F","maxExclusive":"FF"}],"_count":2})",
                            out)
                  .has_value());
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0].id, "1");
  EXPECT_EQ(out[0].parents, std::vector<std::string>{"0"});
  EXPECT_EQ(out[0].max_key, "1F");
  EXPECT_TRUE(out[1].parents.empty());
}

TEST(ranges, damaged_pages_are_malformed) {
  for (const auto* text :
       {"", "{}", R"({"PartitionKeyRanges":1})", R"({"PartitionKeyRanges":[1]})",
        R"({"PartitionKeyRanges":[{"minInclusive":"","maxExclusive":"FF"}]})",
        R"({"PartitionKeyRanges":[{"id":"","minInclusive":"","maxExclusive":"FF"}]})",
        R"({"PartitionKeyRanges":[{"id":"0\r\nx: y","minInclusive":"","maxExclusive":"FF"}]})",
        R"({"PartitionKeyRanges":[{"id":"0","maxExclusive":"FF"}]})",
        R"({"PartitionKeyRanges":[{"id":"0","minInclusive":""}]})"}) {
    std::vector<feed_range> out;
    const auto read = append_ranges(text, out);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().code, errc::malformed);
  }
}

TEST(ranges, drops_parents_and_sorts) {
  const auto now = current_ranges(
      {range("2", "1F", "FF", {"0"}), range("0", "", "FF"), range("1", "", "1F", {"0"})});
  ASSERT_TRUE(now.has_value());
  ASSERT_EQ(now->size(), 2U);
  EXPECT_EQ((*now)[0].id, "1");
  EXPECT_EQ((*now)[1].id, "2");
}

TEST(ranges, gaps_and_overlaps_are_malformed) {
  const std::vector<std::vector<feed_range>> cases{
      {},
      {range("0", "", "1F")},
      {range("0", "1F", "FF")},
      {range("0", "", "1F"), range("1", "2F", "FF")},
      {range("0", "", "2F"), range("1", "1F", "FF")},
      {range("0", "", "FF"), range("1", "", "FF")},
      {range("0", "", ""), range("1", "", "FF")},
      {range("0", "", "1F", {"9"}), range("9", "1F", "FF")},
  };
  for (const auto& all : cases) {
    const auto now = current_ranges(all);
    ASSERT_FALSE(now.has_value()) << all.size();
    EXPECT_EQ(now.error().code, errc::malformed);
  }
}

} // namespace feedcast::cosmos
