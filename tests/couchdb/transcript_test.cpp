#include "tests/couchdb/transcript.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace feedcast::test {

TEST(transcript, each_file_gives_as_many_exchanges_as_it_has_headings) {
  EXPECT_EQ(transcript_names(), (std::vector<std::string>{"01", "02", "03", "04",  "05", "06", "07",
                                                          "08", "09", "10", "11",  "12", "13", "14",
                                                          "15", "16", "17", "17b", "18", "19"}));
  EXPECT_EQ(all_exchanges().size(), 334U);
  EXPECT_EQ(recorded("08#40").title, "lockout: another user from the same address is not affected");
  EXPECT_EQ(recorded("12#8").command, "curl http://127.0.0.1:5984/_up");
}

TEST(transcript, every_answer_begins_with_a_head_and_every_request_with_a_line) {
  std::size_t answers = 0;
  for (const exchange* e : all_exchanges())
    for (std::size_t i = 0; i < e->pieces.size(); ++i) {
      const auto& p = e->pieces[i];
      if (p.what != recorded_piece::sort::answer)
        continue;
      const bool first = std::ranges::none_of(
          e->pieces.begin(), e->pieces.begin() + static_cast<std::ptrdiff_t>(i),
          [&](const auto& b) {
            return b.connection == p.connection && b.what == recorded_piece::sort::answer;
          });
      if (first) {
        EXPECT_TRUE(p.bytes.starts_with("HTTP/1.")) << e->name;
        ++answers;
      }
    }
  EXPECT_GT(answers, 320U);
}

TEST(transcript, bytes_are_verbatim_and_times_are_kept) {
  const auto& e = recorded("12#5");
  const auto pieces = e.answer();
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[0].size(), 249U);
  EXPECT_EQ(pieces[1], "1\r\n\n\r\n");
  EXPECT_EQ(pieces[2].size(), 233U);
  EXPECT_TRUE(pieces[2].ends_with("\"}]}\n\r\n"));
  EXPECT_TRUE(e.closed_by_server());
  EXPECT_EQ(e.pieces[2].at, std::chrono::milliseconds{8912});
  EXPECT_FALSE(recorded("12#6").closed_by_server());
  EXPECT_TRUE(recorded("15#22").reset_by_server());
}

TEST(transcript, requests_of_one_connection_have_their_own_answers) {
  const auto& e = recorded("15#8");
  EXPECT_EQ(e.requests().size(), 3U);
  EXPECT_TRUE(body_of(e.answer(0)).starts_with("{\"results\":["));
  EXPECT_TRUE(body_of(e.answer(1)).starts_with("{\"_id\":\"guest/hello\""));
  EXPECT_EQ(body_of(e.answer(2)), "{\"error\":\"not_found\",\"reason\":\"missing\"}\n");
  EXPECT_THROW(e.answer(3), std::runtime_error);
}

TEST(transcript, a_chunked_body_is_put_together) {
  const auto body = body_of(recorded("10#1").answer());
  EXPECT_TRUE(body.starts_with("\n\n\n{\"last_seq\":\"11-"));
  EXPECT_TRUE(body.ends_with("\"pending\":0}\n\n"));
}

TEST(transcript, what_was_left_out_of_a_file_is_known) {
  const auto& cut = recorded("18#1");
  EXPECT_FALSE(cut.whole());
  EXPECT_THROW(cut.answer(), std::runtime_error);
  EXPECT_EQ(cut.pieces[1].bytes.size() + cut.pieces[1].left_out, 78919U);
  EXPECT_EQ(cut.pieces[1].left_out, 77419U);
  // The pieces behind the gap are in step again.
  EXPECT_EQ(cut.pieces[2].bytes, "1\r\n\n\r\n");
  EXPECT_TRUE(std::ranges::any_of(
      cut.pieces, [](const auto& p) { return p.bytes.starts_with("HTTP/1.1 412 "); }));
}

TEST(transcript, what_is_no_transcript_is_refused) {
  EXPECT_THROW(parse_transcript("hello\n", "x"), std::runtime_error);
  EXPECT_THROW(parse_transcript("######## [1] a\n<<< +0.1 what\n", "x"), std::runtime_error);
  EXPECT_THROW(
      parse_transcript("######## [1] a\n<<< +0.100 conn1 server->client 9 bytes\nshort", "x"),
      std::runtime_error);
  EXPECT_THROW(recorded("99#1"), std::runtime_error);
  EXPECT_THROW(recorded("01"), std::runtime_error);
}

} // namespace feedcast::test
