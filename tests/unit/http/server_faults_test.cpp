#include "raw_socket.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace feedcast::http::testing {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// Answers with ten bytes, spoilt by `how`.
std::unique_ptr<server> spoilt(runtime& io, std::function<void(server_response&)> how) {
  return serve(io, [how = std::move(how)](server_request, responder done) {
    auto answer = text("0123456789");
    how(answer);
    done(std::move(answer));
  });
}

TEST(server_faults, drips_an_answer_and_keeps_the_connection) {
  runtime io;
  const auto s = spoilt(io, [](server_response& r) {
    r.drip = 50;
    r.pause = 5ms;
  });
  auto peer = raw_socket::connect(s->port());
  const auto start = std::chrono::steady_clock::now();

  peer.send(get);
  const auto first = peer.read_until("0123456789");
  const auto took = std::chrono::steady_clock::now() - start;
  peer.send(get);
  const auto second = peer.read_until("0123456789");

  ASSERT_TRUE(first.ends_with("\r\n\r\n0123456789"));
  EXPECT_TRUE(second.ends_with("\r\n\r\n0123456789"));
  EXPECT_GE(took, (first.size() / 50) * 5ms - 5ms);
}

TEST(server_faults, a_drip_ends_where_it_is_cut) {
  runtime io;
  const auto s = spoilt(io, [](server_response& r) {
    r.drip = 7;
    r.pause = 1ms;
    r.cut_after = 40;
  });
  auto peer = raw_socket::connect(s->port());

  peer.send(get);

  EXPECT_EQ(peer.read_all().size(), 40U);
}

TEST(server_faults, a_length_too_large_ends_with_the_connection) {
  runtime io;
  const auto s = spoilt(io, [](server_response& r) { r.told_length = 15; });
  auto peer = raw_socket::connect(s->port());
  client c{io, to(s->url()), {}};

  peer.send(get);
  const auto answer = peer.read_all();

  EXPECT_NE(answer.find("Content-Length: 15\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n0123456789"));
  EXPECT_FALSE(send(c));
}

TEST(server_faults, a_length_too_small_leaves_bytes_that_belong_to_no_answer) {
  runtime io;
  const auto s = spoilt(io, [](server_response& r) { r.told_length = 4; });
  client c{io, to(s->url()), {}};

  const auto answer = send(c);

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.view(), "0123");
  EXPECT_TRUE(send(c)); // on a new connection
}

} // namespace

} // namespace feedcast::http::testing
