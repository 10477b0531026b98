// The table of bad requests: each is refused with its status before any handler sees it.
#include "raw_socket.hpp"
#include "support.hpp"
#include "tests/support/bad_inputs.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

namespace feedcast::http::testing {

TEST(bad_requests, have_their_listed_answer_and_reach_no_handler) {
  const auto table =
      feedcast::testing::read_bad_inputs(SOURCE_FOLDER, "http/data/bad_requests.tsv");
  runtime io;
  server_options options;
  options.max_header = std::size_t{1} << 10U;
  options.max_body = std::size_t{2} << 10U;
  std::atomic<int> handled{0};
  const auto s = serve(
      io,
      [&](const server_request&, const responder& done) {
        ++handled;
        done(text("handled"));
      },
      options);

  for (const auto& input : table) {
    SCOPED_TRACE(input.name);
    auto peer = raw_socket::connect(s->port());
    peer.send(input.text);
    const auto answer = peer.read_all();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + input.outcome + " ")) << answer;
    EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << "one answer: " << answer;
  }

  EXPECT_EQ(handled, 0);
  RecordProperty("bad_inputs", static_cast<int>(table.size()));
}

} // namespace feedcast::http::testing
