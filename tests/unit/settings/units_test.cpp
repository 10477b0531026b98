#include "settings/units.hpp"

#include <gtest/gtest.h>

namespace feedcast::settings {

using namespace std::chrono_literals;

TEST(units, reads_every_unit_of_time) {
  EXPECT_EQ(parse_duration("0"), 0ms);
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("5s"), 5s);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("1h"), 1h);
}

TEST(units, refuses_what_is_no_duration) {
  for (const auto* text : {"", "s", "5", "5 s", " 5s", "5s ", "+5s", "-5s", "1.5s", "5S", "5d",
                           "0x5s", "2562047788016h", "99999999999999999999ms"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(units, reads_the_longest_duration) {
  EXPECT_EQ(parse_duration("9223372036854775807ms"), milliseconds::max());
}

TEST(units, reads_and_writes_shares) {
  EXPECT_EQ(parse_percent("20%"), percent{20});
  EXPECT_EQ(parse_percent("100%"), percent{100});
  EXPECT_EQ(parse_percent("off"), percent{});
  for (const auto* text : {"", "20", "%", "0%", "-1%", "0.2", "20 %", "20%%", "Off", "9999999999%"})
    EXPECT_EQ(parse_percent(text), std::nullopt) << text;
  EXPECT_EQ(format_percent(percent{20}), "20%");
  EXPECT_EQ(format_percent(percent{}), "off");
  EXPECT_DOUBLE_EQ(percent{20}.of_one(), 0.2);
}

TEST(units, reads_every_unit_of_size) {
  EXPECT_EQ(parse_size("0"), 0u);
  EXPECT_EQ(parse_size("1000"), 1000u);
  EXPECT_EQ(parse_size("64KiB"), 65'536u);
  EXPECT_EQ(parse_size("16MiB"), 16'777'216u);
  EXPECT_EQ(parse_size("1GiB"), 1'073'741'824u);
  EXPECT_EQ(parse_size("18446744073709551615"), 18'446'744'073'709'551'615u);
}

TEST(units, refuses_what_is_no_size) {
  for (const auto* text : {"", "MiB", "16MB", "16M", "16 MiB", "-1", "1.5MiB", "16mib",
                           "17179869184GiB", "18446744073709551616"})
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
}

TEST(units, reads_plain_numbers_only) {
  EXPECT_EQ(parse_count("007"), 7u);
  for (const auto* text : {"", "a", "1a", "+1", "-1", "1e3", "1_000"})
    EXPECT_EQ(parse_count(text), std::nullopt) << text;
}

TEST(units, writes_the_shortest_spelling) {
  EXPECT_EQ(format_duration(0ms), "0");
  EXPECT_EQ(format_duration(1500ms), "1500ms");
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(120s), "2m");
  EXPECT_EQ(format_duration(1h), "1h");
  EXPECT_EQ(format_size(0), "0");
  EXPECT_EQ(format_size(1000), "1000");
  EXPECT_EQ(format_size(65'536), "64KiB");
  EXPECT_EQ(format_size(1'073'741'824), "1GiB");
}

TEST(units, writes_what_it_reads) {
  for (const auto value : {1ms, 999ms, 1000ms, 61'000ms, 3'600'000ms})
    EXPECT_EQ(parse_duration(format_duration(value)), value);
  for (const std::uint64_t bytes : {1ULL, 1023ULL, 1024ULL, 1ULL << 20U, (1ULL << 30U) + 1})
    EXPECT_EQ(parse_size(format_size(bytes)), bytes);
}

} // namespace feedcast::settings
