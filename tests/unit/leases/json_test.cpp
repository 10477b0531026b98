#include "leases/json.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <cstdlib>

namespace feedcast {

TEST(json, reads_an_object) {
  const auto o = json::parse_object(R"({"a":"x","n":7,"z":null})", "the thing");
  ASSERT_TRUE(o.has_value());
  EXPECT_EQ(json::text_at(*o, "a"), "x");
  EXPECT_EQ(json::number_at(*o, "n"), 7U);
  EXPECT_EQ(json::text_at(*o, "z"), std::nullopt);
  EXPECT_EQ(json::text_at(*o, "missing"), std::nullopt);
  EXPECT_EQ(json::number_at(*o, "a"), std::nullopt);
}

TEST(json, negative_numbers_are_not_counts) {
  const auto o = json::parse_object(R"({"n":-1})", "the thing");
  ASSERT_TRUE(o.has_value());
  EXPECT_EQ(json::number_at(*o, "n"), std::nullopt);
}

TEST(json, numbers_are_the_nearest_doubles_and_come_back_as_they_were) {
  for (const auto* number :
       {"184467440737909551615", "-1.772497822403298E307", "1.47013049651609E290", "0.1",
        "-123456789012345678901234567890.5", "2.2250738585072014E-308", "5E-324", "-0.0"}) {
    const auto o = json::parse_object(R"({"n":[)" + std::string{number} + "]}", "the thing");
    ASSERT_TRUE(o.has_value()) << number;
    EXPECT_EQ(o->at("n").at(0).get_double(), std::strtod(number, nullptr)) << number;
    const auto written = boost::json::serialize(*o);
    EXPECT_EQ(boost::json::serialize(*json::parse_object(written, "again")), written);
  }
}

TEST(json, refuses_numbers_that_could_not_be_written_again) {
  for (const auto* number : {"1e400", "-1e400", "1e99999", "1e2147483648"}) {
    const auto o = json::parse_object(R"({"n":)" + std::string{number} + "}", "the thing");
    ASSERT_FALSE(o.has_value()) << number;
    EXPECT_EQ(o.error().code, errc::malformed);
  }
  EXPECT_EQ(json::parse_object(R"({"n":1e-400})", "the thing")->at("n"), 0.0);
}

TEST(json, reads_every_kind_of_value) {
  const std::string text =
      R"({"a":[true,false,null,-1,18446744073709551615,"\u00e9",{}],"b":{"c":[]}})";
  EXPECT_EQ(boost::json::serialize(*json::parse_object(text, "the thing")),
            R"({"a":[true,false,null,-1,18446744073709551615,")"
            "\xc3\xa9"
            R"(",{}],"b":{"c":[]}})");
  EXPECT_EQ(json::text_at(*json::parse_object(R"({"a":"1","a":"2"})", "x"), "a"), "2");
}

TEST(json, refuses_all_but_one_whole_object) {
  for (const auto* text :
       {"", "[]", "1", "{", "{} {}", "{}x", R"({"a":)", "{\"a\":\"\xff\"}", "<html>"}) {
    const auto o = json::parse_object(text, "the thing");
    ASSERT_FALSE(o.has_value()) << text;
    EXPECT_EQ(o.error().code, errc::malformed);
    EXPECT_NE(o.error().detail.find("the thing"), std::string::npos);
  }
}

TEST(json, refuses_deep_nesting_instead_of_overflowing_the_stack) {
  const auto text = R"({"a":)" + std::string(100'000, '[');
  EXPECT_FALSE(json::parse_object(text, "the thing").has_value());
}

TEST(json, errors_never_hold_content) {
  const auto o = json::parse_object(R"({"password":"hunter2" oops)", "the thing");
  ASSERT_FALSE(o.has_value());
  EXPECT_EQ(o.error().detail.find("hunter2"), std::string::npos);
}

} // namespace feedcast
