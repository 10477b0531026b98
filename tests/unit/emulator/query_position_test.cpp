#include "emulator/query_position.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace feedcast::emulator {
namespace {

TEST(query_position, goes_through_its_text_unchanged) {
  const std::string binary("a;\0\xff", 4);
  query_position position{7, 8, 9, {}};
  for (const query_value& v : {query_value{}, query_value(null_value{}), query_value(true),
                               query_value(query_number{-0.1, 0, false}),
                               query_value(std::string_view(binary)), query_value(false)})
    position.keys.push_back(query_key::of(v));

  const auto read = read_query_position(position.to_text(), position.keys.size());

  ASSERT_TRUE(read.has_value()) << position.to_text();
  EXPECT_EQ(read->given, 7U);
  EXPECT_EQ(read->item, 8U);
  EXPECT_EQ(read->row, 9U);
  ASSERT_EQ(read->keys.size(), position.keys.size());
  for (std::size_t i = 0; i < position.keys.size(); ++i)
    EXPECT_EQ(compare_keys(read->keys[i], position.keys[i]), 0) << i;
}

TEST(query_position, fits_into_a_header) {
  const std::string text(100'000, 'x');
  query_position position;
  position.keys.assign(8, query_key::of(std::string_view(text)));

  EXPECT_LT(position.to_text().size(), 8192U);
  EXPECT_TRUE(read_query_position(position.to_text(), 8).has_value());
}

TEST(query_position, no_text_is_the_start) {
  const auto read = read_query_position("", 3);

  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->item, 0U);
  EXPECT_TRUE(read->keys.empty());
}

TEST(query_position, anything_else_is_refused) {
  query_position ordered{1, 2, 3, {query_key::of(std::string_view("x"))}};

  for (const std::string& bad :
       {std::string("x"), std::string("1:s:1:2"), std::string("1:s:1:2:3:4"),
        std::string("2:s:1:2:3"), std::string("1:s:-1:2:3"), std::string("1:s:1:2:x"),
        std::string("1:s:1:2:99999999999999999999"), ordered.to_text()})
    EXPECT_EQ(read_query_position(bad, 0).error().status, 400U) << bad;
  for (const std::string& bad :
       {std::string("1:s:1:2:3"), std::string("1:o:1:2:3"), std::string("1:o:1:2:3:"),
        std::string("1:o:1:2:3:!"), std::string("1:o:1:2:3:OQ=="),      // a type that there is not
        std::string("1:o:1:2:3:M25hbjs="),                              // not a number
        std::string("1:o:1:2:3:NDk5OTt4"), ordered.to_text() + "AAAA"}) // longer than it is
    EXPECT_EQ(read_query_position(bad, 1).error().status, 400U) << bad;
  EXPECT_EQ(read_query_position(ordered.to_text(), 2).error().status, 400U);
}

TEST(query_position, types_have_an_order) {
  const std::string text = "a";
  const std::vector<query_value> ascending{query_value{},
                                           query_value(null_value{}),
                                           query_value(false),
                                           query_value(true),
                                           query_value(query_number{-1, -1, true}),
                                           query_value(query_number{2.5, 0, false}),
                                           query_value(std::string_view("")),
                                           query_value(std::string_view(text))};
  for (std::size_t i = 0; i < ascending.size(); ++i)
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      const int order = compare_keys(query_key::of(ascending[i]), query_key::of(ascending[j]));
      EXPECT_EQ(order < 0, i < j) << i << ' ' << j;
      EXPECT_EQ(order == 0, i == j) << i << ' ' << j;
    }
}

} // namespace
} // namespace feedcast::emulator
