#include "metrics/process_stats.hpp"

#include <gtest/gtest.h>

namespace feedcast::metrics {
namespace {

TEST(stat_line, is_read_by_field_number) {
  const auto s =
      parse_stat_line("42 (feedcast) S 1 42 42 0 -1 4194304 100 0 3 0 250 50 0 0 20 0 7 0 "
                      "987654 123456789 321 18446744073709551615 1 1");
  ASSERT_TRUE(s);
  EXPECT_EQ(s->user_ticks, 250U);
  EXPECT_EQ(s->system_ticks, 50U);
  EXPECT_EQ(s->threads, 7U);
  EXPECT_EQ(s->start_ticks, 987654U);
  EXPECT_EQ(s->resident_pages, 321U);
}

TEST(stat_line, survives_blanks_and_parentheses_in_the_name) {
  const auto s =
      parse_stat_line("42 (a) b (c d) S 1 42 42 0 -1 4194304 100 0 3 0 250 50 0 0 20 0 7 0 "
                      "987654 123456789 321 0");
  ASSERT_TRUE(s);
  EXPECT_EQ(s->user_ticks, 250U);
  EXPECT_EQ(s->threads, 7U);
}

TEST(stat_line, is_refused_when_cut_short) {
  EXPECT_FALSE(parse_stat_line(""));
  EXPECT_FALSE(parse_stat_line("42 feedcast S 1"));
  EXPECT_FALSE(parse_stat_line("42 (feedcast) S 1 42 42 0 -1"));
}

} // namespace
} // namespace feedcast::metrics
