#include "feeds/cosmos/position.hpp"

#include <gtest/gtest.h>

using namespace feedcast;
using namespace feedcast::cosmos;
using namespace std::chrono_literals;

namespace {

constexpr wall_time noon{1'767'268'800s}; // 2026-01-01 12:00

const read_place at_home{.home = true, .writer = "West US", .seen = noon + 61s};
const read_place elsewhere{.home = false, .writer = "West US", .seen = noon + 61s};

read_plan plan(const read_position& from, const read_place& place) {
  auto p = plan_read(from, place, 15min);
  EXPECT_TRUE(p) << (p ? "" : to_string(p.error()));
  return p ? *p : read_plan{};
}

std::string etag_of(const read_position& p) {
  return std::holds_alternative<continuation>(p) ? std::get<continuation>(p).token : "start";
}

position read(const std::string& token) {
  auto p = parse_position(token);
  EXPECT_TRUE(p);
  return p ? *p : position{};
}

/// The position after a page was read, as it is stored.
continuation after(const read_position& from, const read_place& place, std::string_view etag) {
  return {next_token(plan(from, place), etag)};
}

} // namespace

TEST(position, of_an_account_of_one_region_is_the_bare_etag) {
  const read_place only{.home = true, .writer = "", .seen = noon};
  EXPECT_EQ(after(continuation{"\"7\""}, only, "\"9\"").token, "\"9\"");
  EXPECT_EQ(after(start_point{}, only, "\"9\"").token, "\"9\"");
}

TEST(position, comes_back_from_its_text) {
  position p{"\"123\"", continuation{"\"100\""}, "West US", noon, noon - 60s};
  EXPECT_EQ(to_token(p), R"({"at":"\"123\"","home":"\"100\"","homeSince":1767268740,)"
                         R"("writer":"West US","since":1767268800})");
  const auto back = read(to_token(p));
  EXPECT_EQ(back.at, p.at);
  EXPECT_EQ(etag_of(*back.home), "\"100\"");
  EXPECT_EQ(back.writer, p.writer);
  EXPECT_EQ(back.since, p.since);
  EXPECT_EQ(back.home_since, p.home_since);
  for (const start_point start : {start_point{start_point::kind::beginning, {}},
                                  start_point{start_point::kind::time, noon}}) {
    p.home = start;
    EXPECT_EQ(std::get<start_point>(*read(to_token(p)).home), start);
  }
}

TEST(position, that_is_no_object_of_ours_is_malformed) {
  for (const auto* text : {"{", "{}", R"({"at":7})", R"({"at":"1","home":"time:yesterday"})"}) {
    const auto p = plan_read(continuation{text}, at_home, 15min);
    ASSERT_FALSE(p) << text;
    EXPECT_EQ(p.error().code, errc::malformed);
  }
}

TEST(position, says_under_which_write_region_it_was_read_to_the_minute) {
  const auto p = read(after(continuation{"\"7\""}, at_home, "\"9\"").token);
  EXPECT_EQ(p.at, "\"9\"");
  EXPECT_EQ(p.writer, "West US");
  EXPECT_EQ(p.since, noon + 60s);
  EXPECT_FALSE(p.home);
}

TEST(position, remembers_where_home_was_left_until_it_is_back) {
  const auto home = after(continuation{"\"7\""}, at_home, "\"9\"");
  const auto away = after(home, elsewhere, "\"12\"");
  EXPECT_EQ(etag_of(plan(home, elsewhere).ask), "\"9\"");
  EXPECT_EQ(etag_of(*read(away.token).home), "\"9\"");
  const auto further = after(away, elsewhere, "\"15\"");
  EXPECT_EQ(etag_of(plan(away, elsewhere).ask), "\"12\"");
  EXPECT_EQ(etag_of(*read(further.token).home), "\"9\"");
  const auto back = plan(further, at_home);
  EXPECT_EQ(etag_of(back.ask), "\"9\"");
  EXPECT_EQ(back.rewound, rewind_reason::home_is_back);
  const auto again = after(further, at_home, "\"11\"");
  EXPECT_FALSE(read(again.token).home);
  EXPECT_EQ(etag_of(plan(again, at_home).ask), "\"11\"");
  EXPECT_EQ(plan(again, at_home).rewound, rewind_reason::none);
}

TEST(position, of_a_start_away_from_home_leads_home_to_the_same_start) {
  const start_point beginning{start_point::kind::beginning, {}};
  const auto p = read(after(beginning, elsewhere, "\"3\"").token);
  EXPECT_EQ(std::get<start_point>(*p.home), beginning);
  const start_point time{start_point::kind::time, noon};
  EXPECT_EQ(std::get<start_point>(*read(after(time, elsewhere, "\"3\"").token).home), time);
  const auto now = read(after(start_point{}, elsewhere, "\"3\"").token);
  EXPECT_EQ(etag_of(*now.home), "\"3\"") << "from now is resolved once";
}

TEST(position, of_a_former_write_region_is_read_again_from_a_while_before_it_was_last_seen) {
  const auto before = after(continuation{"\"7\""}, at_home, "\"9\"");
  const read_place failed_over{.home = true, .writer = "East US", .seen = noon + 10min};
  const auto p = plan(before, failed_over);
  EXPECT_EQ(p.rewound, rewind_reason::write_region_changed);
  const auto& start = std::get<start_point>(p.ask);
  EXPECT_EQ(start.from, start_point::kind::time);
  EXPECT_EQ(start.at, noon + 60s - 15min);
  const auto next = after(before, failed_over, "\"8\"");
  EXPECT_EQ(read(next.token).writer, "East US");
  EXPECT_EQ(plan(next, failed_over).rewound, rewind_reason::none);
}

TEST(position, compares_write_regions_as_the_service_does) {
  const auto before = after(continuation{"\"7\""}, at_home, "\"9\"");
  const read_place same{.home = true, .writer = "westus", .seen = noon};
  EXPECT_EQ(plan(before, same).rewound, rewind_reason::none);
}

TEST(position, that_does_not_say_its_write_region_is_taken_as_it_is) {
  const read_place other{.home = true, .writer = "East US", .seen = noon};
  const auto p = plan(continuation{"\"7\""}, other);
  EXPECT_EQ(etag_of(p.ask), "\"7\"");
  EXPECT_EQ(p.rewound, rewind_reason::none);
}

TEST(position, when_the_write_region_changes_while_home_is_out_home_is_a_time_too) {
  const auto home = after(continuation{"\"7\""}, at_home, "\"9\"");
  const auto away =
      after(home, {.home = false, .writer = "West US", .seen = noon + 30min}, "\"12\"");
  const read_place later{.home = false, .writer = "East US", .seen = noon + 60min};
  const auto p = plan(away, later);
  EXPECT_EQ(std::get<start_point>(p.ask).at, noon + 30min - 15min);
  EXPECT_EQ(std::get<start_point>(*p.next.home).at, noon + 60s - 15min) << "when home was left";
  const read_place back{.home = true, .writer = "East US", .seen = noon + 90min};
  const auto again = plan(after(away, later, "\"4\""), back);
  EXPECT_EQ(std::get<start_point>(again.ask).at, noon + 60s - 15min);
  EXPECT_EQ(again.rewound, rewind_reason::home_is_back);
  // And if both are told by one document.
  const auto both = plan(away, back);
  EXPECT_EQ(std::get<start_point>(both.ask).at, noon + 60s - 15min);
}
