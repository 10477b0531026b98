#include "http/message.hpp"

#include <gtest/gtest.h>

#include <string>

namespace feedcast::http {

namespace {

TEST(header_list, names_compare_without_case) {
  header_list headers;
  headers.add("Content-Type", "text/plain");

  EXPECT_EQ(headers.get("content-TYPE"), "text/plain");
  EXPECT_TRUE(headers.has("CONTENT-TYPE"));
  EXPECT_FALSE(headers.has("Content"));
  EXPECT_EQ(headers.get("etag"), "");
}

TEST(header_list, set_replaces_all_of_a_name) {
  header_list headers;
  headers.add("A", "1");
  headers.add("B", "2");
  headers.add("a", "3");

  headers.set("A", "4");

  EXPECT_EQ(headers.get("a"), "4");
  EXPECT_EQ(std::distance(headers.begin(), headers.end()), 2);
}

TEST(header_list, get_answers_the_first_of_a_name) {
  header_list headers;
  EXPECT_TRUE(headers.empty());
  headers.add("A", "1");
  headers.add("A", "2");

  EXPECT_EQ(headers.get("A"), "1");
}

TEST(segment, everything_but_unreserved_is_encoded) {
  EXPECT_EQ(encode_segment("a-Z_0.9~"), "a-Z_0.9~");
  EXPECT_EQ(encode_segment("guest/hello world%"), "guest%2Fhello%20world%25");
  EXPECT_EQ(encode_segment("\xc3\xa4"), "%C3%A4");
  EXPECT_EQ(encode_segment(std::string("\0\r\n", 3)), "%00%0D%0A");
}

TEST(segment, decoding_undoes_encoding) {
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);

  EXPECT_EQ(decode_segment(encode_segment(all)), all);
}

TEST(segment, is_decoded_once) {
  EXPECT_EQ(decode_segment("%2541"), "%41");
}

TEST(segment, malformed_escapes_stay) {
  EXPECT_EQ(decode_segment("%"), "%");
  EXPECT_EQ(decode_segment("%4"), "%4");
  EXPECT_EQ(decode_segment("%zz%4g"), "%zz%4g");
  EXPECT_EQ(decode_segment("a%41"), "aA");
}

} // namespace

} // namespace feedcast::http
