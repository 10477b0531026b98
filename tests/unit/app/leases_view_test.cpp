#include "app/leases/table.hpp"
#include "app/leases/wrapped_position.hpp"
#include "http/crypto/digest.hpp"
#include "tests/unit/app/leases_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace feedcast::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> states(const std::vector<lease_view>& leases) {
  std::vector<std::string> out;
  for (const auto& v : leases)
    out.push_back(v.shown.range_id + ' ' + std::string{v.state()});
  return out;
}

} // namespace

TEST(leases_view, is_in_the_order_of_keys_and_unknown_keys_come_last) {
  const auto leases = views({pk_lease("0", "", "\"9\""), pk_lease("2", "a", ""),
                             pk_lease("1", "", ""), span_lease({"1F", "3F"}, "a", "\"1\"")});
  EXPECT_THAT(states(leases), ElementsAre("1 free", "1F-3F owned", "2 owned", "0 gone"));
  EXPECT_EQ(leases[0].keys, (key_span{"", "7F"}));
  EXPECT_EQ(leases[3].keys, std::nullopt);
}

TEST(leases_view, nothing_is_called_gone_if_the_feed_could_not_be_asked) {
  EXPECT_THAT(states(views({pk_lease("0", "", "\"9\"")}, std::nullopt)), ElementsAre("0 free"));
}

TEST(leases_view, owners_expire_by_the_stores_clock_and_not_a_second_early) {
  auto by_its_own_clock = pk_lease("2", "slow", "");
  by_its_own_clock.timestamp = store_now - 100 * minute;
  const auto leases =
      views({pk_lease("1", "a", "", minute + milliseconds{1'001}), std::move(by_its_own_clock)});
  EXPECT_THAT(states(leases), ElementsAre("1 expired", "2 owned"));
  EXPECT_FALSE(views({pk_lease("1", "a", "", minute + milliseconds{1'000})})[0].expired);
  EXPECT_FALSE(views({pk_lease("1", "", "", 100 * minute)})[0].expired) << "it has no owner";
  EXPECT_EQ(views({pk_lease("1", "a", "", -minute)})[0].age, milliseconds{0});
}

TEST(leases_view, owners_are_counted) {
  const auto owners = owners_of(
      views({pk_lease("1", "a", ""), pk_lease("2", "a", "", 5 * minute), pk_lease("3", "", "")}));
  ASSERT_EQ(owners.size(), 2U);
  EXPECT_EQ(owners.at("a").leases, 2U);
  EXPECT_EQ(owners.at("a").expired, 1U);
  EXPECT_EQ(owners.at("").leases, 1U);
}

TEST(leases_coverage, is_whole_if_the_leases_tile_the_key_space_overlaps_included) {
  const auto c = coverage_of(
      views({pk_lease("1", "", ""), pk_lease("2", "", ""), span_lease({"3F", "9F"}, "", "")}));
  EXPECT_DOUBLE_EQ(c.share, 1);
  EXPECT_THAT(c.gaps, IsEmpty());
  EXPECT_EQ(c.unknown, 0U);
}

TEST(leases_coverage, names_each_gap) {
  const auto c =
      coverage_of(views({span_lease({"08", "10"}, "", ""), span_lease({"20", "30"}, "", "")}));
  EXPECT_THAT(c.gaps, ElementsAre(key_span{"", "08"}, key_span{"10", "20"}, key_span{"30", "FF"}));
  EXPECT_DOUBLE_EQ(c.share, 24. / 64) << "keys begin with a byte below 0x40";
  const auto none = coverage_of(views({pk_lease("0", "", "")}));
  EXPECT_EQ(none.share, 0);
  EXPECT_THAT(none.gaps, ElementsAre(whole_key_space()));
  EXPECT_EQ(none.unknown, 1U);
}

TEST(leases_table, shows_owner_age_and_position_of_each_and_what_all_cover) {
  auto rewound = pk_lease("2", "", "");
  rewound.start = at("2026-01-01T10:00:00Z");
  const auto text = list_as_text(
      "target eu", views({pk_lease("1", "host-a", "\"24\"", 5 * minute), std::move(rewound)}),
      {true, at("2025-12-01T00:00:00Z")});
  EXPECT_THAT(text, HasSubstr("RANGE  KEYS   FORM  OWNER   AGE    STATE    NEAR  POSITION\n"
                              "1      -7F    pk    host-a  5 min  EXPIRED  yes   \"24\"\n"
                              "2      7F-FF  pk    -       3 s    free     -     "
                              "from time 2026-01-01T10:00:00.000Z\n"));
  EXPECT_THAT(text, HasSubstr("owners: nobody 1, host-a 1 (1 expired)\n"));
  EXPECT_THAT(text, HasSubstr("coverage: 100 % of the key space\n"));
  EXPECT_THAT(text, HasSubstr("read again from 2025-12-01T00:00:00.000Z\n"));
}

TEST(leases_table, says_100_percent_of_the_whole_only) {
  const auto nearly = views({span_lease({"", "3F"}, "", "")});
  EXPECT_THAT(list_as_text("x", nearly, {}), HasSubstr("coverage: 98.4 % of the key space; nobody "
                                                       "reads 3F-FF\n"));
  EXPECT_THAT(list_as_text("x", views({span_lease({"", "3FFFFFFFFFFFFFFF"}, "", "")}), {}),
              Not(HasSubstr("100 %")));
}

TEST(leases_table, is_only_text_whatever_the_store_holds) {
  const auto text =
      list_as_text("x\x1b[2J", views({pk_lease("1", "a\x1b[31m\n2", "\x9b\x07")}), {});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6);
}

TEST(leases_show, unwraps_what_java_writes_and_nothing_else) {
  const auto wrapped = http::crypto::base64_encode(R"({"V":1,"Rid":"x"})");
  const auto inner = unwrap_position(wrapped);
  ASSERT_TRUE(inner);
  EXPECT_EQ(inner->at("Rid").as_string(), "x");
  for (const std::string other : {"", "\"24\"", "24", "AAAA", "e30"})
    EXPECT_FALSE(unwrap_position(other)) << other;
}

TEST(leases_show, spells_ages) {
  using namespace std::chrono_literals;
  EXPECT_EQ(spell_age(0ms), "0 s");
  EXPECT_EQ(spell_age(119'999ms), "119 s");
  EXPECT_EQ(spell_age(120s), "2 min");
  EXPECT_EQ(spell_age(120min), "2 h");
  EXPECT_EQ(spell_age(49h), "2 d");
}

} // namespace feedcast::app
