#include "emulator/query_lexer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace feedcast::emulator {
namespace {

using kind = query_token::kind;

std::vector<query_token> tokens_of(std::string_view sql) {
  query_lexer lexer(sql);
  std::vector<query_token> all;
  for (;;) {
    all.push_back(lexer.next());
    if (all.back().what == kind::end || all.back().what == kind::broken)
      return all;
  }
}

TEST(query_lexer, cuts_a_query_into_tokens_with_their_places) {
  const auto all = tokens_of("SELECT c._x<>@p1 -- a comment\n, 1.5e-3");

  const std::vector<std::pair<kind, std::string>> wanted{
      {kind::word, "SELECT"}, {kind::word, "c"},        {kind::symbol, "."},
      {kind::word, "_x"},     {kind::symbol, "<>"},     {kind::parameter, "@p1"},
      {kind::symbol, ","},    {kind::number, "1.5e-3"}, {kind::end, ""}};
  ASSERT_EQ(all.size(), wanted.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].what, wanted[i].first) << i;
    EXPECT_EQ(all[i].text, wanted[i].second) << i;
  }
  EXPECT_EQ(all[4].begin, 11U);
  EXPECT_EQ(all[4].end, 13U);
}

TEST(query_lexer, strings_are_unescaped) {
  struct sample {
    std::string_view sql;
    std::string_view text;
  };

  for (const auto& [sql, text] : {
           sample{"'a\"b'", "a\"b"},
           sample{"\"it's\"", "it's"},
           sample{R"('it\'s')", "it's"},
           sample{R"('\\\/\b\f\n\r\t')", "\\/\b\f\n\r\t"},
           sample{R"('\u00e9\u20AC')", "é€"},
           sample{R"('\ud83d\ude00')", "😀"},
           sample{R"('\ud83d')", "\xef\xbf\xbd"},
           sample{R"('\ude00x')", "\xef\xbf\xbdx"},
           sample{R"('\u12')", "u12"},
           sample{"''", ""},
       }) {
    const auto all = tokens_of(sql);
    ASSERT_EQ(all.size(), 2U) << sql;
    EXPECT_EQ(all[0].what, kind::text) << sql;
    EXPECT_EQ(all[0].text, text) << sql;
  }
}

TEST(query_lexer, what_is_no_token_is_broken) {
  for (const std::string_view sql : {"'abc", "\"abc", "'abc\\", "'abc\\'", "1a", "1.", "1.2.3",
                                     "1e", "1e+", "12_", "@", "@-", "#", "`a`", "\x01"})
    EXPECT_EQ(tokens_of(sql).back().what, kind::broken) << sql;
}

TEST(query_lexer, places_are_lines_and_characters) {
  constexpr std::string_view sql = "SELECT é\n  x";

  EXPECT_EQ(query_place(sql, 0), "line 1, column 1");
  EXPECT_EQ(query_place(sql, 9), "line 1, column 9"); // é has two bytes
  EXPECT_EQ(query_place(sql, sql.find('x')), "line 2, column 3");
  EXPECT_EQ(query_place(sql, 1000), "line 2, column 4");
}

} // namespace
} // namespace feedcast::emulator
