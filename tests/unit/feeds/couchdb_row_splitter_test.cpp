#include "feeds/couchdb/row_splitter.hpp"
#include "tests/couchdb/transcript.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace feedcast::couchdb {

namespace {

using found = row_splitter::found;

constexpr std::size_t max_row = std::size_t{1} << 20U;

struct pieces_of_text {
  std::vector<std::string> rows;
  std::string end;
  errc failure{};
  bool complete = false;
};

void take_all(row_splitter& from, pieces_of_text& into) {
  for (;;) {
    const auto item = from.next();
    if (!item) {
      into.failure = item.error().code;
      return;
    }
    if (item->what == found::nothing)
      return;
    if (item->what == found::row)
      into.rows.emplace_back(item->text);
    else
      into.end = item->text;
  }
}

/// Cut at these offsets.
pieces_of_text split(std::string_view text, row_form form, std::vector<std::size_t> cuts = {},
                     std::size_t most = max_row) {
  row_splitter splitter{form, most, false};
  pieces_of_text out;
  std::size_t from = 0;
  cuts.push_back(text.size());
  for (const auto to : cuts) {
    splitter.append(text.substr(from, to - from));
    take_all(splitter, out);
    from = to;
    if (out.failure != errc{})
      break;
  }
  out.complete = splitter.complete();
  return out;
}

std::string recorded_body(const char* name) {
  return test::body_of(test::recorded(name).answer());
}

} // namespace

TEST(couchdb_row_splitter, finds_the_rows_of_both_forms) {
  const auto normal = split(recorded_body("02#1"), row_form::array);
  EXPECT_EQ(normal.rows.size(), 8U);
  EXPECT_TRUE(normal.rows.front().starts_with("{\"seq\":\"2-"));
  EXPECT_TRUE(normal.end.starts_with("{\"results\":[],\n\"last_seq\":\"11-")) << normal.end;
  EXPECT_TRUE(normal.complete);

  const auto lines = split(recorded_body("05#1"), row_form::lines);
  ASSERT_EQ(lines.rows.size(), 9U);
  EXPECT_TRUE(lines.rows.back().starts_with("{\"last_seq\":\"11-"));
  EXPECT_TRUE(lines.complete);
}

TEST(couchdb_row_splitter, finds_the_same_rows_wherever_the_bytes_are_cut) {
  const std::vector<std::pair<const char*, row_form>> answers{
      {"02#1", row_form::array},  {"02#13", row_form::array}, {"02#6", row_form::array},
      {"02#14", row_form::array}, {"05#1", row_form::lines},  {"05#3", row_form::lines}};
  for (const auto& [name, form] : answers) {
    const auto body = recorded_body(name);
    const auto whole = split(body, form);
    for (std::size_t cut = 1; cut < body.size(); ++cut) {
      const auto parts = split(body, form, {cut});
      ASSERT_EQ(parts.rows, whole.rows) << name << " cut at " << cut;
      ASSERT_EQ(parts.end, whole.end);
    }
    std::vector<std::size_t> everywhere;
    for (std::size_t cut = 1; cut < body.size(); ++cut)
      everywhere.push_back(cut);
    EXPECT_EQ(split(body, form, everywhere).rows, whole.rows) << name;
  }
}

TEST(couchdb_row_splitter, an_unfinished_row_is_no_row) {
  const auto body = recorded_body("12#5");
  const auto row_end = body.rfind('}') + 1;
  for (std::size_t n = 0; n < row_end; ++n) {
    const auto parts = split(body.substr(0, n), row_form::lines);
    EXPECT_TRUE(parts.rows.empty()) << n;
    EXPECT_EQ(parts.failure, errc{});
    EXPECT_EQ(parts.complete, n <= body.find('{')) << n;
  }
  EXPECT_EQ(split(body.substr(0, row_end), row_form::lines).rows.size(), 1U);
}

TEST(couchdb_row_splitter, marks_within_strings_end_nothing) {
  const std::string row = R"({"id":"a{[\"]}\\","seq":"}{","changes":[{"rev":"[\\\"{"}]})";
  EXPECT_EQ(split(row + '\n' + row, row_form::lines).rows, (std::vector<std::string>{row, row}));
  const auto array =
      split("{\"a\":\"[{\",\"results\":[" + row + ',' + row + "],\"b\":\"]}\"}", row_form::array);
  EXPECT_EQ(array.rows, (std::vector<std::string>{row, row}));
  EXPECT_EQ(array.end, R"({"a":"[{","results":[],"b":"]}"})");
}

TEST(couchdb_row_splitter, needs_no_line_ends_between_rows) {
  // As PouchDB writes it: all of the answer on one line.
  const auto out =
      split(R"({"results":[{"id":"a","seq":1},{"id":"b","seq":2}],"last_seq":2})", row_form::array);
  EXPECT_EQ(out.rows.size(), 2U);
  EXPECT_EQ(out.end, R"({"results":[],"last_seq":2})");
}

TEST(couchdb_row_splitter, what_is_no_feed_is_malformed) {
  for (const auto* text : {"<html>", "[1]", "x", "HTTP/1.1 412 Precondition Failed"}) {
    EXPECT_EQ(split(text, row_form::lines).failure, errc::malformed) << text;
    EXPECT_EQ(split(text, row_form::array).failure, errc::malformed) << text;
  }
  EXPECT_EQ(split(R"({"results":[{"id":"a"},)"
                  "HTTP/1.1 412",
                  row_form::array)
                .failure,
            errc::malformed);
  const auto behind =
      split(recorded_body("05#1") + "HTTP/1.1 412 Precondition Failed\r\n", row_form::lines);
  EXPECT_EQ(behind.failure, errc::malformed);
  EXPECT_EQ(behind.rows.size(), 9U) << "what was whole before it is there";
}

TEST(couchdb_row_splitter, a_row_beyond_the_limit_is_too_large) {
  const std::string row = R"({"id":")" + std::string(5000, 'x');
  EXPECT_EQ(split(row, row_form::lines, {1000, 2000}, 4000).failure, errc::too_large);
  EXPECT_EQ(split(row, row_form::lines, {}, 6000).failure, errc{});
  EXPECT_EQ(split("{\"a\":\"" + std::string(5000, 'x'), row_form::array, {}, 4000).failure,
            errc::too_large)
      << "beside the rows, too";
  EXPECT_EQ(split(R"({"id":"a"})" + std::string(9000, '\n'), row_form::lines, {}, 4000).failure,
            errc{})
      << "heartbeats are not kept";
}

} // namespace feedcast::couchdb
