// What a server does about clients that are slow, idle or too many.
#include "raw_socket.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <utility>
#include <vector>

namespace feedcast::http::testing {

namespace {

handler echo() {
  return [](server_request r, responder done) {
    done(text(r.message.method + " " + r.path + " " + r.query + " " + r.message.body));
  };
}

std::string talk(const server& s, const std::string& bytes) {
  auto peer = raw_socket::connect(s.port());
  peer.send(bytes);
  return peer.read_all();
}

TEST(server_limits, cuts_off_a_request_that_does_not_end) {
  runtime io;
  server_options options;
  options.header_timeout = milliseconds{50};
  const auto s = serve(io, echo(), options);

  EXPECT_EQ(talk(*s, "GET / HT"), "");
  EXPECT_EQ(talk(*s, ""), "");
  EXPECT_EQ(talk(*s, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"), "");
}

TEST(server_limits, cuts_off_an_idle_connection) {
  runtime io;
  server_options options;
  options.idle_timeout = milliseconds{50};
  const auto s = serve(io, echo(), options);

  EXPECT_TRUE(talk(*s, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("GET /  "));
}

TEST(server_limits, closes_connections_beyond_its_limit_while_all_others_are_being_answered) {
  runtime io;
  server_options options;
  options.max_connections = 1;
  std::promise<responder> asked;
  const auto s = serve(
      io, [&](server_request, responder done) { asked.set_value(std::move(done)); }, options);
  auto first = raw_socket::connect(s->port());
  first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answer = asked.get_future().get();

  EXPECT_EQ(talk(*s, ""), "");

  answer(text("late but there"));
  EXPECT_NE(first.read_until("late but there").find("200 OK"), std::string::npos);
}

TEST(server_limits, those_who_only_hold_connections_open_keep_nobody_out) {
  runtime io;
  server_options options;
  options.max_connections = 4;
  const auto s = serve(io, echo(), options);
  std::vector<raw_socket> idle;
  for (int i = 0; i < 20; ++i) {
    idle.push_back(raw_socket::connect(s->port()));
    idle.back().send(i % 2 == 0 ? "GET / HT"
                                : "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1");
  }

  EXPECT_TRUE(
      talk(*s, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ends_with("GET /  "));
  for (int i = 0; i < 16; ++i)
    EXPECT_EQ(idle[static_cast<std::size_t>(i)].read_all(), "") << "the oldest ones were closed";
}

TEST(server_limits, makes_room_by_closing_who_waited_longest) {
  runtime io;
  server_options options;
  options.max_connections = 2;
  const auto s = serve(io, echo(), options);
  const auto ask = [](raw_socket& peer) {
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    return peer.read_until("GET /  ");
  };
  auto first = raw_socket::connect(s->port());
  ask(first);
  auto second = raw_socket::connect(s->port());
  ask(second);
  ask(first);

  auto third = raw_socket::connect(s->port());
  ask(third);

  EXPECT_EQ(second.read_all(), "");
  EXPECT_NE(ask(first).find("200 OK"), std::string::npos);
}

TEST(server_limits, a_closed_connection_makes_room) {
  runtime io;
  server_options options;
  options.max_connections = 1;
  const auto s = serve(io, echo(), options);

  for (int i = 0; i < 20; ++i) {
    // read_all() returns when the server has closed; its place is free a moment later.
    std::string answer;
    while (answer.empty())
      answer = talk(*s, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(answer.ends_with("GET /  "));
  }
}

} // namespace

} // namespace feedcast::http::testing
