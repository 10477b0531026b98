#include "raw_socket.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace feedcast::http::testing {

namespace {

/// Answers the first request of every connection with these bytes, then closes.
raw_server::script say(std::string bytes) {
  return [bytes = std::move(bytes)](raw_socket& peer, int) {
    peer.read_head();
    peer.send(bytes);
  };
}

result<response> ask(const raw_server& s, client_options options = {}, request r = {}) {
  runtime io;
  client c{io, to(s.url()), std::move(options)};
  return send(c, std::move(r));
}

errc failure_of(const std::string& bytes, client_options options = {}) {
  raw_server s{say(bytes)};
  const auto answer = ask(s, std::move(options));
  return answer ? errc{} : answer.error().code;
}

TEST(client_wire, sends_what_http_wants_and_nothing_more) {
  std::string head;
  raw_server s{[&](raw_socket& peer, int) {
    head = peer.read_head();
    peer.send("HTTP/1.1 204 No Content\r\n\r\n");
  }};
  request r;
  r.target = "/x";
  r.headers.set("Accept", "application/json");
  r.headers.set("Content-Length", "7");
  r.headers.set("connection", "upgrade");

  EXPECT_EQ(ask(s, {}, r).value().status, 204U);

  EXPECT_EQ(head, "GET /x HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(s.port())
                      + "\r\nAccept: application/json\r\n\r\n");
}

TEST(client_wire, an_empty_post_says_its_length) {
  std::string head;
  raw_server s{[&](raw_socket& peer, int) {
    head = peer.read_head();
    peer.send("HTTP/1.1 204 No Content\r\n\r\n");
  }};

  EXPECT_TRUE(ask(s, {}, post_request("/", "")));

  EXPECT_NE(head.find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(client_wire, reads_chunked_answers) {
  raw_server s{say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "5;note=x\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n")};

  EXPECT_EQ(ask(s).value().body.view(), "hello world");
}

TEST(client_wire, reads_chunks_cut_anywhere) {
  const std::string chunk(70'000, 'c');
  const auto bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11170\r\n" + chunk
                     + "\r\n1\r\nd\r\n0\r\n\r\n";
  raw_server s{[&](raw_socket& peer, int) {
    peer.read_head();
    for (std::size_t i = 0; i < 60; ++i)
      peer.send(std::string_view{bytes}.substr(i, 1));
    peer.send(std::string_view{bytes}.substr(60, 69'000));
    for (std::size_t i = 69'060; i < bytes.size(); ++i)
      peer.send(std::string_view{bytes}.substr(i, 1));
  }};

  EXPECT_TRUE(ask(s).value().body.view() == chunk + "d");
}

TEST(client_wire, reads_a_last_chunk_byte_by_byte) {
  raw_server s{[](raw_socket& peer, int) {
    peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    peer.send_bytes_apart("0\r\n\r\n");
  }};

  EXPECT_TRUE(ask(s).value().body.view().empty());
}

TEST(client_wire, reads_a_body_that_ends_with_the_connection) {
  raw_server s{say("HTTP/1.0 200 OK\r\n\r\nto the end")};

  EXPECT_EQ(ask(s).value().body.view(), "to the end");
}

TEST(client_wire, skips_interim_answers) {
  raw_server s{say("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")};

  EXPECT_EQ(ask(s).value().body.view(), "ok");
}

TEST(client_wire, interim_answers_without_end_are_malformed) {
  std::string bytes;
  for (int i = 0; i < 100; ++i)
    bytes += "HTTP/1.1 100 Continue\r\n\r\n";

  EXPECT_EQ(failure_of(bytes), errc::malformed);
}

TEST(client_wire, an_answer_cut_at_any_byte_is_never_accepted) {
  const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789";
  std::atomic<std::size_t> cut{0};
  raw_server s{[&](raw_socket& peer, int) {
    peer.read_head();
    peer.send(std::string_view{whole}.substr(0, cut));
  }};
  runtime io;
  client c{io, to(s.url()), {}};

  for (cut = 0; cut < whole.size(); ++cut) {
    const auto answer = send(c);
    ASSERT_FALSE(answer) << cut;
    EXPECT_EQ(answer.error().code, cut == 0 ? errc::unavailable : errc::malformed) << cut;
  }
  EXPECT_TRUE(send(c));
}

TEST(client_wire, a_chunked_answer_cut_at_any_byte_is_never_accepted) {
  const std::string whole =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  std::atomic<std::size_t> cut{1};
  raw_server s{[&](raw_socket& peer, int) {
    peer.read_head();
    peer.send(std::string_view{whole}.substr(0, cut));
  }};
  runtime io;
  client c{io, to(s.url()), {}};

  for (; cut < whole.size(); ++cut) {
    const auto answer = send(c);
    ASSERT_FALSE(answer) << cut;
    EXPECT_EQ(answer.error().code, errc::malformed) << cut;
  }
  EXPECT_TRUE(send(c));
}

TEST(client_wire, a_cut_says_how_much_came) {
  raw_server s{say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123")};

  const auto answer = ask(s);

  EXPECT_NE(answer.error().detail.find("4 of 10 bytes"), std::string::npos)
      << answer.error().detail;
}

TEST(client_wire, a_reset_within_the_body_is_unavailable) {
  raw_server s{[](raw_socket& peer, int) {
    peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123");
    peer.reset();
  }};

  const auto answer = ask(s);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
}

TEST(client_wire, what_is_not_http_is_malformed) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  for (const auto& bytes : std::vector<std::string>{
           "<html>not http</html>\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
           "HTTP/1.1 020 OK\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n", ok + "Content-Length: x\r\n\r\n",
           ok + "Content-Length: -1\r\n\r\n",
           ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
           ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
           ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
           ok + "Bad Name: x\r\n\r\n", ok + "no colon\r\n\r\n"})
    EXPECT_EQ(failure_of(bytes), errc::malformed) << bytes;
}

TEST(client_wire, bodies_over_the_limit_are_too_large) {
  client_options options;
  options.max_body = 10;
  const std::string ok = "HTTP/1.1 200 OK\r\n";

  EXPECT_EQ(failure_of(ok + "Content-Length: 11\r\n\r\n01234567890", options), errc::too_large);
  EXPECT_EQ(
      failure_of(ok + "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n", options),
      errc::too_large);
  EXPECT_EQ(failure_of(ok + "\r\n01234567890", options), errc::too_large);
  EXPECT_EQ(failure_of(ok + "Content-Length: 10\r\n\r\n0123456789", options), errc{});
  EXPECT_EQ(failure_of(ok + "Content-Length: 99999999999999999999999\r\n\r\n", options),
            errc::malformed);
}

TEST(client_wire, heads_over_the_limit_are_too_large) {
  client_options options;
  options.max_header = 1'000;
  const auto field = "X: " + std::string(2'000, 'x') + "\r\n\r\n";

  EXPECT_EQ(failure_of("HTTP/1.1 200 OK\r\n" + field, options), errc::too_large);
}

TEST(client_wire, a_chunk_head_without_end_is_refused) {
  client_options options;
  options.max_header = 1'000;
  const auto endless = "5;" + std::string(500'000, 'x');

  EXPECT_EQ(failure_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + endless, options),
            errc::malformed);
}

TEST(client_wire, redirects_are_answers) {
  raw_server decoy{say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")};
  raw_server s{
      say("HTTP/1.1 302 Found\r\nLocation: " + decoy.url() + "/\r\nContent-Length: 0\r\n\r\n")};

  EXPECT_EQ(ask(s).value().status, 302U);

  EXPECT_EQ(decoy.accepted(), 0);
}

TEST(client_wire, head_has_no_body_whatever_its_length) {
  raw_server s{say("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")};
  request r;
  r.method = "HEAD";

  const auto answer = ask(s, {}, r).value();

  EXPECT_TRUE(answer.body.empty());
  EXPECT_EQ(answer.headers.get("Content-Length"), "99999999999");
}

/// Answers `answers` requests on the first connection; then reads one more request and closes
/// without a word. Later connections answer one request.
raw_server::script close_after(int answers, std::atomic<int>& requests) {
  return [answers, &requests](raw_socket& peer, int number) {
    for (int i = 0; i < (number == 0 ? answers : 1); ++i) {
      peer.read_head();
      ++requests;
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
    if (number == 0) {
      peer.read_head();
      ++requests;
    }
  };
}

TEST(client_wire, a_stale_connection_is_replaced_once) {
  std::atomic<int> requests{0};
  raw_server s{close_after(1, requests)};
  runtime io;
  client c{io, to(s.url()), {}};

  EXPECT_TRUE(send(c));
  EXPECT_EQ(send(c).value().body.view(), "ok");

  EXPECT_EQ(s.accepted(), 2);
  EXPECT_EQ(requests, 3);
}

TEST(client_wire, a_post_is_never_sent_twice) {
  std::atomic<int> requests{0};
  raw_server s{close_after(1, requests)};
  runtime io;
  client c{io, to(s.url()), {}};
  EXPECT_TRUE(send(c));

  const auto answer = send(c, post_request("/", ""));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
  EXPECT_EQ(requests, 2);
}

TEST(client_wire, a_fresh_connection_that_closes_is_not_tried_again) {
  raw_server s{[](raw_socket& peer, int) { peer.read_head(); }};

  const auto answer = ask(s);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
  EXPECT_EQ(s.accepted(), 1);
}

TEST(client_wire, a_connection_known_to_be_closed_is_not_used) {
  std::promise<void> closed;
  raw_server s{[&](raw_socket& peer, int number) {
    peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peer.close();
    if (number == 0)
      closed.set_value();
  }};
  runtime io;
  client c{io, to(s.url()), {}};
  EXPECT_TRUE(send(c));
  closed.get_future().get();

  // A POST is not repeated, so this works only if the dead connection is noticed before.
  EXPECT_TRUE(send(c, post_request("/", "")));
}

TEST(client_wire, a_connection_is_not_used_beyond_its_idle_timeout) {
  raw_server s{[](raw_socket& peer, int) {
    while (!peer.read_head().empty())
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  }};
  runtime io;
  client_options options;
  options.idle_timeout = milliseconds{0};
  client c{io, to(s.url()), options};

  EXPECT_TRUE(send(c));
  EXPECT_TRUE(send(c));

  EXPECT_EQ(s.accepted(), 2);
}

TEST(client_wire, an_idle_connection_is_closed_in_time) {
  std::promise<void> closed;
  raw_server s{[&](raw_socket& peer, int) {
    peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peer.read_head(); // returns when the client closes
    closed.set_value();
  }};
  runtime io;
  client_options options;
  options.idle_timeout = milliseconds{20};
  client c{io, to(s.url()), options};

  EXPECT_TRUE(send(c));

  closed.get_future().get();
}

TEST(client_wire, connections_that_say_close_or_too_much_are_not_used_again) {
  for (const auto* bytes : {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
                            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n"}) {
    raw_server s{[bytes](raw_socket& peer, int) {
      while (!peer.read_head().empty())
        peer.send(bytes);
    }};
    runtime io;
    client c{io, to(s.url()), {}};

    EXPECT_EQ(send(c).value().body.view(), "ok");
    EXPECT_EQ(send(c).value().body.view(), "ok");

    EXPECT_EQ(s.accepted(), 2);
  }
}

TEST(client_wire, an_answer_that_comes_before_all_is_sent_is_heard) {
  raw_server s{[](raw_socket& peer, int) {
    peer.read_head();
    peer.send("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    peer.read_all();
  }};

  EXPECT_EQ(ask(s, {}, post_request("/", std::string(100'000, 'x'))).value().status, 413U);
}

} // namespace

} // namespace feedcast::http::testing
