#include "feeds/cosmos/session_token.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

TEST(session_token, reads_both_forms) {
  EXPECT_EQ(session_lsn("0:-1#25", "0"), 25U);
  EXPECT_EQ(session_lsn("0:1#25#3=24", "0"), 25U);
  EXPECT_EQ(session_lsn("0:25", "0"), 25U);
  EXPECT_EQ(session_lsn("12:1#18446744073709551615", "12"), UINT64_MAX);
}

TEST(session_token, picks_the_token_of_the_range) {
  EXPECT_EQ(session_lsn("0:1#25,1:1#30#2=9,2:7", "1"), 30U);
  EXPECT_EQ(session_lsn("0:1#25,1:1#30,2:7", "2"), 7U);
  EXPECT_EQ(session_lsn("10:1#25", "1"), std::nullopt);
}

TEST(session_token, anything_else_is_unknown) {
  for (const auto* token : {"", "0", "0:", "0:#", "0:1#", "0:1#x", "0:1#-3", "0:x", ",,", "25",
                            "0:1#99999999999999999999"})
    EXPECT_EQ(session_lsn(token, "0"), std::nullopt) << token;
}

TEST(continuation_number, quoted_and_bare) {
  EXPECT_EQ(continuation_lsn("\"123\""), 123U);
  EXPECT_EQ(continuation_lsn("123"), 123U);
}

TEST(continuation_number, anything_else_is_none) {
  for (const auto* etag :
       {"", "\"", "\"\"", "\"12", "12\"", "\"-1\"", "\"1 \"", "*", "W/\"12\"", "abc"})
    EXPECT_EQ(continuation_lsn(etag), std::nullopt) << etag;
}

} // namespace feedcast::cosmos
