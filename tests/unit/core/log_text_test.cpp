// Whatever text there is: one event is one line, which parses back to it.
#include "core/log.hpp"
#include "core/log_text.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::log {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

/// Characters that have broken a log somewhere, between some that have not.
const std::vector<std::string> pieces{"a",
                                      "Z",
                                      "0",
                                      " ",
                                      "=",
                                      "\"",
                                      "\\",
                                      "\\u0041",
                                      "/",
                                      "{",
                                      "}",
                                      "'",
                                      "%s",
                                      "\n",
                                      "\r",
                                      "\r\n",
                                      "\t",
                                      std::string(1, '\0'),
                                      "\x1b[31m",
                                      "\x07",
                                      "\x7f",
                                      "\xc2\x80",
                                      "\xc2\x9b"
                                      "31m",
                                      "\xc3\xa9",
                                      "\xe4\xbd\xa0",
                                      "\xf0\x9f\x98\x80",
                                      "\xd8\x9c",
                                      "\xe2\x80\x8e",
                                      "\xe2\x80\x8f",
                                      "\xe2\x80\xa8",
                                      "\xe2\x80\xa9",
                                      "\xe2\x80\xaa",
                                      "\xe2\x80\xae",
                                      "\xe2\x81\xa6",
                                      "\xe2\x81\xa9",
                                      "\xef\xbb\xbf",
                                      "\xef\xbf\xbd",
                                      "\xff",
                                      "\xc0\xaf",
                                      "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xe2\x80",
                                      "\xf0\x9f",
                                      "\x80"};

std::string random_text(std::mt19937_64& random) {
  std::string out;
  for (auto n = random() % 12; n > 0; --n)
    out += random() % 4 == 0 ? std::string(1, static_cast<char>(random() % 256))
                             : pieces[random() % pieces.size()];
  return out;
}

/// The text that a reader of the log gets: with U+FFFD for each byte that is no UTF-8. Decides by
/// the table of the Unicode standard (well-formed byte sequences), not as the code does.
std::string readable(std::string_view text) {
  std::string out;
  const auto in = [&](std::size_t i, int low, int high) {
    return i < text.size() && static_cast<unsigned char>(text[i]) >= low
           && static_cast<unsigned char>(text[i]) <= high;
  };
  for (std::size_t i = 0; i < text.size();) {
    std::size_t bytes = 0;
    if (in(i, 0x00, 0x7f))
      bytes = 1;
    else if (in(i, 0xc2, 0xdf) && in(i + 1, 0x80, 0xbf))
      bytes = 2;
    else if (((in(i, 0xe0, 0xe0) && in(i + 1, 0xa0, 0xbf))
              || ((in(i, 0xe1, 0xec) || in(i, 0xee, 0xef)) && in(i + 1, 0x80, 0xbf))
              || (in(i, 0xed, 0xed) && in(i + 1, 0x80, 0x9f)))
             && in(i + 2, 0x80, 0xbf))
      bytes = 3;
    else if (((in(i, 0xf0, 0xf0) && in(i + 1, 0x90, 0xbf))
              || (in(i, 0xf1, 0xf3) && in(i + 1, 0x80, 0xbf))
              || (in(i, 0xf4, 0xf4) && in(i + 1, 0x80, 0x8f)))
             && in(i + 2, 0x80, 0xbf) && in(i + 3, 0x80, 0xbf))
      bytes = 4;
    out += bytes == 0 ? std::string{"\xef\xbf\xbd"} : std::string{text.substr(i, bytes)};
    i += std::max<std::size_t>(bytes, 1);
  }
  return out;
}

/// Splits a line of logfmt, strictly; quoted values are read as JSON strings.
std::map<std::string, std::string> parse_logfmt(std::string_view line) {
  std::map<std::string, std::string> out;
  while (!line.empty()) {
    const auto equals = line.find('=');
    const std::string key{line.substr(0, equals)};
    line.remove_prefix(equals + 1);
    std::size_t end = 0;
    if (line.starts_with('"')) {
      for (end = 1; line.at(end) != '"'; ++end)
        end += line[end] == '\\' ? 1 : 0;
      ++end;
      out[key] = std::string{boost::json::parse({line.data(), end}).as_string()};
    } else {
      end = std::min(line.find(' '), line.size());
      out[key] = line.substr(0, end);
    }
    EXPECT_TRUE(end == line.size() || line[end] == ' ');
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return out;
}

/// Nothing in it that a terminal, a reader of lines or a browser would act upon.
bool is_inert(std::string_view line) {
  for (const std::string_view bad :
       {"\xd8\x9c", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaa",
        "\xe2\x80\xab", "\xe2\x80\xac", "\xe2\x80\xad", "\xe2\x80\xae", "\xe2\x81\xa6",
        "\xe2\x81\xa7", "\xe2\x81\xa8", "\xe2\x81\xa9", "\xef\xbb\xbf"})
    if (line.find(bad) != line.npos)
      return false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto c = static_cast<unsigned char>(line[i]);
    if (c < 0x20 || c == 0x7f)
      return false;
    if (c == 0xc2 && i + 1 < line.size() && static_cast<unsigned char>(line[i + 1]) < 0xa0)
      return false;
  }
  return true;
}

} // namespace

TEST(log_text, escapes_what_would_be_acted_upon) {
  EXPECT_EQ(escaped("plain text, caf\xc3\xa9"), "plain text, caf\xc3\xa9");
  EXPECT_EQ(escaped("\x1b[2J\x07\x7f"), "\\u001b[2J\\u0007\\u007f");
  EXPECT_EQ(escaped("\xc2\x9b"
                    "2J"),
            "\\u009b2J");
  EXPECT_EQ(escaped("a\xe2\x80\xa8"
                    "b\xe2\x80\xae"
                    "c"),
            "a\\u2028b\\u202ec");
  EXPECT_EQ(escaped("\xff\xc0\xaf"), "\\ufffd\\ufffd\\ufffd");
}

TEST(log_text, inert_text_for_people_keeps_quotes) {
  std::string out;
  append_inert(out, "a \"b\" \\ \x1b[2J\r\n\xff \u202e\u00e9");
  EXPECT_EQ(out, "a \"b\" \\ \\u001b[2J\\u000d\\u000a\\ufffd \\u202e\u00e9");
}

TEST(log_text, cuts_what_is_too_long_between_two_characters) {
  std::string text(max_value_bytes - 1, 'x');
  text += "\xe4\xbd\xa0";
  EXPECT_EQ(escaped(text), std::string(max_value_bytes - 1, 'x') + "... ("
                               + std::to_string(text.size()) + " bytes)");
  EXPECT_EQ(escaped(std::string(max_value_bytes, 'x')), std::string(max_value_bytes, 'x'));
}

TEST(log_text, any_text_is_one_line_that_parses_back_to_it) {
  constexpr int events = 100'000;
  std::mt19937_64 random{20'260'101};
  std::vector<std::array<std::string, 2>> texts(events);
  for (auto& t : texts)
    t = {random_text(random), random_text(random)};
  for (const auto how : {format::json, format::logfmt}) {
    configure(level::info, how);
    testing::internal::CaptureStderr();
    for (const auto& [message, value] : texts)
      write(level::info, message, {{"a", value}, {"n", 1}, {"b", value}});
    std::istringstream lines{testing::internal::GetCapturedStderr()};
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
      ASSERT_LT(count, texts.size()) << "more lines than events";
      const auto& [message, value] = texts[count];
      ASSERT_TRUE(is_inert(line)) << line;
      if (how == format::json) {
        const auto parsed = boost::json::parse(line).as_object();
        ASSERT_EQ(parsed.size(), 6U) << line;
        ASSERT_EQ(std::string{parsed.at("msg").as_string()}, readable(message));
        ASSERT_EQ(std::string{parsed.at("b").as_string()}, readable(value));
      } else {
        const auto parsed = parse_logfmt(line);
        ASSERT_EQ(parsed.size(), 6U) << line;
        ASSERT_EQ(parsed.at("msg"), readable(message));
        ASSERT_EQ(parsed.at("b"), readable(value));
      }
    }
    EXPECT_EQ(count, texts.size());
  }
}

} // namespace feedcast::log
