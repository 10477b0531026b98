#include "core/clock.hpp"

#include <gtest/gtest.h>

namespace feedcast {

using namespace std::chrono_literals;
using std::chrono::sys_days;

namespace {

constexpr wall_time new_year{sys_days{std::chrono::year{2026} / 1 / 1}};

} // namespace

TEST(http_date, is_written_in_fixed_columns) {
  EXPECT_EQ(format_http_date(new_year), "Thu, 01 Jan 2026 00:00:00 GMT");
  EXPECT_EQ(format_http_date(new_year + 31 * 24h + 1h + 2min + 3s + 999ms),
            "Sun, 01 Feb 2026 01:02:03 GMT");
}

TEST(http_date, names_every_month_and_day_of_the_week) {
  for (int day = 0; day < 366; ++day) {
    const auto t = new_year + day * 24h;
    EXPECT_EQ(parse_http_date(format_http_date(t)), t) << day;
  }
}

TEST(http_date, times_before_1970_round_down) {
  EXPECT_EQ(format_http_date(wall_time{-1ms}), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(http_date, refuses_anything_else) {
  for (const auto* text : {"", "Thu, 01 Jan 2026 00:00:00", "Thu, 01 Jan 2026 00:00:00 UTC",
                           "Thu, 01 Foo 2026 00:00:00 GMT", "Thu, 32 Jan 2026 00:00:00 GMT",
                           "Mon, 30 Feb 2026 00:00:00 GMT", "Thu, 01 Jan 2026 24:00:00 GMT",
                           "Thu, 01 Jan 2026 00:60:00 GMT", "Thu, xx Jan 2026 00:00:00 GMT",
                           "Thu, 01 Jan 2026 00:00:00 GMT ", "Thursday, 01-Jan-26 00:00:00 GMT"})
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
}

TEST(http_date, refuses_wrong_separators) {
  for (const auto* text : {"Thu; 01 Jan 2026 00:00:00 GMT", "Thu, 01-Jan-2026 00:00:00 GMT",
                           "Thu, 01 Jan 2026 00.00.00 GMT", "Xyz, 01 Jan 2026 00:00:00 GMT"})
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
}

TEST(iso8601, is_written_with_milliseconds) {
  EXPECT_EQ(format_iso8601(new_year), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(format_iso8601(new_year + 7ms), "2026-01-01T00:00:00.007Z");
  EXPECT_EQ(format_iso8601(new_year - 1ms), "2025-12-31T23:59:59.999Z");
  EXPECT_EQ(format_iso8601(wall_time{-1ms}), "1969-12-31T23:59:59.999Z");
}

TEST(iso8601, is_read_with_any_number_of_fractional_digits) {
  EXPECT_EQ(parse_iso8601("2026-01-01T00:00:00Z"), new_year);
  EXPECT_EQ(parse_iso8601("2026-01-01T00:00:00.1Z"), new_year + 100ms);
  EXPECT_EQ(parse_iso8601("2026-01-01T00:00:00.123456789Z"), new_year + 123'456'789ns);
  EXPECT_EQ(parse_iso8601("2026-01-01T00:00:00.1234567Z"), new_year + 123'456'700ns);
}

TEST(iso8601, is_read_with_offsets_and_the_zone_java_adds) {
  EXPECT_EQ(parse_iso8601("2026-01-01T02:00:00+02:00"), new_year);
  EXPECT_EQ(parse_iso8601("2025-12-31T18:30:00-05:30"), new_year);
  EXPECT_EQ(parse_iso8601("2026-01-01T00:00:00Z[UTC]"), new_year);
  EXPECT_EQ(parse_iso8601("2026-01-01t00:00:00z"), new_year);
  EXPECT_EQ(parse_iso8601("2026-01-01 00:00:00Z"), new_year);
}

TEST(iso8601, reads_only_what_it_can_read_again_when_written) {
  EXPECT_TRUE(parse_iso8601("2261-12-31T23:59:59.999999999Z"));
  EXPECT_FALSE(parse_iso8601("2261-12-31T23:59:60Z"));
  EXPECT_FALSE(parse_iso8601("2261-12-31T23:00:00-01:00"));
  EXPECT_TRUE(parse_iso8601("1678-01-01T00:00:00Z"));
  EXPECT_FALSE(parse_iso8601("1678-01-01T00:00:00+01:00"));
}

TEST(iso8601, knows_leap_days) {
  EXPECT_TRUE(parse_iso8601("2028-02-29T00:00:00Z"));
  EXPECT_FALSE(parse_iso8601("2026-02-29T00:00:00Z"));
  EXPECT_FALSE(parse_iso8601("2100-02-29T00:00:00Z"));
}

TEST(iso8601, refuses_anything_else) {
  for (const auto* text : {"",
                           "2026",
                           "2026-01-01",
                           "2026-01-01T00:00:00",
                           "2026-01-01T00:00Z",
                           "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00.1234567890Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:61Z",
                           "2026-01-01T00:00:00+2:00",
                           "2026-01-01T00:00:00+0200",
                           "2026-01-01T00:00:00Zx",
                           "2026-01-01T00:00:00[UTC]x",
                           "2026/01/01T00:00:00Z",
                           "2026-01-01T00-00-00Z",
                           "-026-01-01T00:00:00Z",
                           "2026-01-01T00:00:00+99:00",
                           "2026-01-01T00:00:00+00:60"})
    EXPECT_EQ(parse_iso8601(text), std::nullopt) << text;
}

TEST(iso8601, refuses_times_that_the_clock_cannot_hold) {
  // A nanosecond clock ends in 1677 and 2262: a wrapped time would be worse than none.
  EXPECT_EQ(parse_iso8601("9999-12-31T23:59:59Z"), std::nullopt);
  EXPECT_EQ(parse_iso8601("0001-01-01T00:00:00Z"), std::nullopt);
  EXPECT_TRUE(parse_iso8601("2200-01-01T00:00:00Z"));
}

TEST(iso8601, reads_what_it_writes) {
  for (const auto offset : {0ms, 1ms, 86'399'999ms, -1ms})
    EXPECT_EQ(parse_iso8601(format_iso8601(new_year + offset)), new_year + offset);
}

TEST(system_clock_source, goes_on) {
  const auto& clock = system_clock_source();
  const auto before = clock.steady();

  EXPECT_GE(clock.steady(), before);
  EXPECT_GT(clock.wall(), new_year - 3650 * 24h);
}

} // namespace feedcast
