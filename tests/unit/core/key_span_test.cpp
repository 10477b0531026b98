#include "core/key_span.hpp"

#include <gtest/gtest.h>

namespace feedcast {

namespace {

const std::string half = "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";

} // namespace

TEST(key_span, covers_itself_and_what_is_inside) {
  const auto whole = whole_key_space();
  EXPECT_TRUE(covers(whole, whole));
  EXPECT_TRUE(covers(whole, {"10", "20"}));
  EXPECT_TRUE(covers({"10", "20"}, {"10", "1F"}));
  EXPECT_FALSE(covers({"10", "20"}, whole));
  EXPECT_FALSE(covers({"10", "20"}, {"0F", "20"}));
  EXPECT_FALSE(covers({"10", "20"}, {"10", "21"}));
}

TEST(key_span, neighbours_have_nothing_in_common) {
  EXPECT_EQ(intersection({"", half}, {half, "FF"}), std::nullopt);
  EXPECT_EQ(intersection({"", "10"}, {"20", "FF"}), std::nullopt);
  EXPECT_EQ(intersection({"", "20"}, {"10", "FF"}), (key_span{"10", "20"}));
  EXPECT_EQ(intersection(whole_key_space(), {"10", "20"}), (key_span{"10", "20"}));
}

TEST(key_span, its_share_is_of_the_keys_that_there_are) {
  EXPECT_DOUBLE_EQ(share_of_key_space(whole_key_space()), 1);
  EXPECT_NEAR(share_of_key_space({"", half}), 0.5, 1e-9);
  EXPECT_NEAR(share_of_key_space({half, "FF"}), 0.5, 1e-9);
  EXPECT_NEAR(share_of_key_space({"10", "20"}), 0.25, 1e-9);
  EXPECT_NEAR(share_of_key_space({"1F", "3F"}), 0.5, 1e-9) << "above 3F there is little";
  EXPECT_DOUBLE_EQ(share_of_key_space({"20", "10"}), 0) << "nothing is less than nothing";
  EXPECT_DOUBLE_EQ(share_of_key_space({"40", "FF"}), 0) << "no key lies there";
}

TEST(key_span, a_cut_anywhere_leaves_the_sum) {
  for (const auto* at : {"08", "1", half.c_str(), "3FFFFFFFFFFFFFFF", "2ABCDEF0123456789"})
    EXPECT_NEAR(share_of_key_space({"", at}) + share_of_key_space({at, "FF"}), 1, 1e-12) << at;
}

TEST(key_span, is_written_as_in_lease_tokens) {
  EXPECT_EQ(to_string(whole_key_space()), "-FF");
  EXPECT_EQ(to_string(key_span{"1F", "3F"}), "1F-3F");
}

} // namespace feedcast
