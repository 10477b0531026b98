#include "leases/json.hpp"

#include <gtest/gtest.h>

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
