#include "tests/couchdb/replay_server.hpp"
#include "tests/couchdb/transcript.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <numeric>
#include <string>

namespace feedcast::test {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

const request_shape changes{"GET", "/feed/_changes"};

/// A connection of a client that reads only what it is told to.
class plain_client {
 public:
  explicit plain_client(const replay_server& server) {
    const auto url = server.url();
    const auto port = std::stoi(url.substr(url.rfind(':') + 1));
    socket_.connect({asio::ip::address_v4::loopback(), static_cast<unsigned short>(port)}, failed);
  }

  void ask(const std::string& target) {
    asio::write(socket_, asio::buffer("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"), failed);
  }

  std::string read(std::size_t size) {
    std::string bytes(size, '\0');
    bytes.resize(asio::read(socket_, asio::buffer(bytes), failed));
    return bytes;
  }

  std::string read_all() {
    std::string bytes;
    asio::read(socket_, asio::dynamic_buffer(bytes), failed);
    return bytes;
  }

  void close() { socket_.close(); }

  error_code failed;

 private:
  asio::io_context io_;
  asio::ip::tcp::socket socket_{io_};
};

std::string text_of(const std::string& name) {
  return replay::of(name).text();
}

} // namespace

TEST(replay_server, says_what_was_recorded_to_requests_of_that_shape) {
  replay_server server;
  server.always({"GET", "/feed/_changes", {{"since", "0"}, {"feed", ""}}}, replay::of("02#1"));
  server.always({"GET", "/feed/_changes", {{"feed", "continuous"}, {"since", "*"}}},
                replay::of("05#3"));
  plain_client client{server};
  client.ask("/feed/_changes?since=0&limit=5");
  EXPECT_EQ(client.read(text_of("02#1").size()), text_of("02#1"));
  client.ask("/feed/_changes?feed=continuous&since=11-abc");
  EXPECT_EQ(client.read(text_of("05#3").size()), text_of("05#3"));
  const auto heard = server.requests();
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(heard[0].connection, heard[1].connection);
  EXPECT_EQ(heard[0].parameter("limit"), "5");
  EXPECT_EQ(heard[1].parameter("since"), "11-abc");
  EXPECT_EQ(heard[1].header("host"), "a");
}

TEST(replay_server, answers_of_one_shape_come_one_after_the_other) {
  replay_server server;
  server.once(changes, replay::json(200, "1"));
  server.always(changes, replay::json(200, "3"));
  server.once(changes, replay::json(200, "2"));
  plain_client client{server};
  std::string bodies;
  for (int i = 0; i < 4; ++i) {
    client.ask("/feed/_changes");
    bodies += client.read(replay::json(200, "1").size()).back();
  }
  EXPECT_EQ(bodies, "1233");
}

TEST(replay_server, the_bytes_are_the_same_however_they_are_cut) {
  const auto whole = text_of("12#4");
  replay_server server;
  std::vector<std::size_t> all_offsets(whole.size());
  std::iota(all_offsets.begin(), all_offsets.end(), 0U);
  server.once(changes, replay::of("12#4").in_pieces_of(1));
  server.once(changes, replay::of("12#4").cut_at(all_offsets));
  server.once(changes, replay::of("12#4").cut_at({1, 300}));
  server.once(changes, replay::of("12#4").in_one_piece());
  plain_client client{server};
  for (int i = 0; i < 4; ++i) {
    client.ask("/feed/_changes");
    EXPECT_EQ(client.read(whole.size()), whole);
  }
}

TEST(replay_server, closes_where_the_recorded_one_did_and_where_it_is_told_to) {
  replay_server server;
  server.once(changes, replay::of("12#5"));
  server.once(changes, replay::of("12#4").only(100).closing());
  server.once(changes, replay::nothing());
  for (const auto& wanted : {text_of("12#5"), text_of("12#4").substr(0, 100), std::string{}}) {
    plain_client client{server};
    client.ask("/feed/_changes");
    EXPECT_EQ(client.read_all(), wanted);
    EXPECT_EQ(client.failed, asio::error::eof);
  }
  server.once(changes, replay::of("12#4").only(0).resetting());
  plain_client client{server};
  client.ask("/feed/_changes");
  EXPECT_EQ(client.read_all(), "");
  EXPECT_EQ(client.failed, asio::error::connection_reset);
}

TEST(replay_server, stalls_until_it_is_told_to_go_on) {
  replay_server server;
  server.once(changes, replay::of("05#3").stalling_after(10).stalling_after(20).stalling());
  plain_client client{server};
  client.ask("/feed/_changes");
  const auto whole = text_of("05#3");
  EXPECT_EQ(client.read(10), whole.substr(0, 10));
  ASSERT_TRUE(server.await_stalled());
  EXPECT_TRUE(server.await_written(10));
  EXPECT_EQ(server.written(), 10U);
  server.go_on();
  EXPECT_EQ(client.read(10), whole.substr(10, 10));
  server.go_on();
  EXPECT_EQ(client.read(whole.size() - 20), whole.substr(20));
  ASSERT_TRUE(server.await_stalled());
  client.close();
  EXPECT_TRUE(server.await_connections(0));
}

TEST(replay_server, refuses_connections_while_it_is_down) {
  replay_server server;
  server.always(changes, replay::of("12#4"));
  plain_client before{server};
  before.ask("/feed/_changes");
  before.read(10);
  server.go_down();
  before.read_all();
  EXPECT_EQ(before.failed, asio::error::connection_reset);
  EXPECT_EQ(plain_client{server}.failed, asio::error::connection_refused);
  server.come_up();
  plain_client after{server};
  after.ask("/feed/_changes");
  EXPECT_EQ(after.read(10), "HTTP/1.1 2");
}

TEST(replay_server, tells_how_much_of_an_answer_nobody_takes) {
  constexpr std::size_t size = std::size_t{32} << 20U;
  replay_server server;
  server.once(changes, replay::bytes(std::string(size, 'x')));
  plain_client client{server};
  client.ask("/feed/_changes");
  ASSERT_TRUE(server.await_full());
  EXPECT_LT(server.written(), size / 2);
  EXPECT_LE(server.delivered(), server.written());
  EXPECT_EQ(client.read(size).size(), size);
  EXPECT_TRUE(server.await_written(size));
}

TEST(replay_server, a_request_that_no_rule_is_for_is_remembered) {
  replay_server server;
  plain_client client{server};
  client.ask("/nobody");
  EXPECT_EQ(client.read(12), "HTTP/1.1 500");
  ASSERT_EQ(server.unexpected().size(), 1U);
  EXPECT_EQ(server.unexpected().front().path, "/nobody");
  server.forgive_unexpected();
}

TEST(replay_server, pieces_may_be_changed_and_put_together) {
  const auto both =
      replay::of("12#5").only(300).then(replay::of("10#1").with("\"pending\":0", "\"pending\":9"));
  EXPECT_EQ(both.ending(), replay::end::stay);
  EXPECT_EQ(both.text().substr(0, 300), text_of("12#5").substr(0, 300));
  EXPECT_NE(both.text().find("\"pending\":9"), std::string::npos);
  EXPECT_EQ(body_of(replay::chunked({"ab", "c"}).pieces()), "abc");
}

} // namespace feedcast::test
