// The table of bad answers: what the client makes of each, and that the next answer is good again.
#include "raw_socket.hpp"
#include "support.hpp"
#include "tests/support/bad_inputs.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

namespace feedcast::http::testing {

TEST(bad_answers, have_their_listed_outcome_and_spoil_no_later_one) {
  const auto table = feedcast::testing::read_bad_inputs(SOURCE_FOLDER, "http/data/bad_answers.tsv");
  static const std::string good = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
  std::atomic<const std::string*> bytes{&good};
  raw_server s{[&](raw_socket& peer, int) {
    peer.read_head();
    peer.send(*bytes.load());
  }};
  runtime io;
  client_options options;
  options.max_header = std::size_t{8} << 10U;
  options.max_body = std::size_t{64} << 10U;
  client c{io, to(s.url()), options};

  for (const auto& input : table) {
    SCOPED_TRACE(input.name);
    bytes = &input.text;
    const auto answer = send(c);
    EXPECT_FALSE(answer) << answer->status;
    if (!answer) {
      EXPECT_EQ(to_string(answer.error().code), input.outcome) << answer.error().detail;
    }
  }

  bytes = &good;
  EXPECT_EQ(send(c).value().body.view(), "good");
  RecordProperty("bad_inputs", static_cast<int>(table.size()));
}

} // namespace feedcast::http::testing
