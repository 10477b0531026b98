#include "raw_socket.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
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

TEST(server, splits_path_and_query) {
  runtime io;
  const auto s = serve(io, echo());

  EXPECT_TRUE(talk(*s, "GET /a%2Fb/../c?q=%20&r HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                  .ends_with("\r\n\r\nGET /a%2Fb/../c q=%20&r "));
  EXPECT_TRUE(talk(*s, "GET http://x/p?q HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                  .ends_with("\r\n\r\nGET /p q "));
}

TEST(server, answers_requests_that_arrive_byte_by_byte_and_together) {
  runtime io;
  const auto s = serve(io, echo());
  const std::string one = "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab";
  auto peer = raw_socket::connect(s->port());

  for (const auto c : one)
    peer.send({&c, 1});
  EXPECT_NE(peer.read_until("POST /1  ab").find("200 OK"), std::string::npos);
  peer.send(one + one);

  EXPECT_NE(peer.read_until("POST /1  ab").find("200 OK"), std::string::npos);
  EXPECT_NE(peer.read_until("POST /1  ab").find("200 OK"), std::string::npos);
}

TEST(server, sets_length_date_and_name) {
  runtime io;
  server_options options;
  options.server_name = "tested";
  const auto s = serve(
      io,
      [](server_request, responder done) {
        auto answer = text("12345");
        answer.headers.set("Content-Length", "99");
        answer.headers.set("X-Bad", "a\r\nInjected: b");
        done(std::move(answer));
      },
      options);
  client c{io, to(s->url()), {}};

  const auto answer = send(c).value();

  EXPECT_EQ(answer.headers.get("Content-Length"), "5");
  EXPECT_EQ(answer.headers.get("Server"), "tested");
  EXPECT_TRUE(parse_http_date(answer.headers.get("Date")));
  EXPECT_FALSE(answer.headers.has("Injected"));
}

TEST(server, head_answers_the_length_of_get) {
  runtime io;
  const auto s = serve(io, [](server_request, responder done) { done(text("12345")); });

  const auto answer = talk(*s, "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

  EXPECT_NE(answer.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(server, a_204_has_neither_body_nor_length) {
  runtime io;
  const auto s = serve(io, [](server_request, responder done) {
    auto answer = text("nobody sees this");
    answer.status = 204;
    done(std::move(answer));
  });

  const auto answer = talk(*s, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

  EXPECT_TRUE(answer.starts_with("HTTP/1.1 204 No Content\r\n"));
  EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(server, invites_a_body_that_waits) {
  runtime io;
  const auto s = serve(io, echo());
  auto peer = raw_socket::connect(s->port());

  peer.send("PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(peer.read_head(), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("ab");

  EXPECT_NE(peer.read_until("PUT /  ab").find("200 OK"), std::string::npos);
}

TEST(server, reads_a_last_chunk_byte_by_byte) {
  runtime io;
  const auto s = serve(io, echo());
  auto peer = raw_socket::connect(s->port());

  peer.send("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  peer.send_bytes_apart("0\r\n\r\n");

  EXPECT_TRUE(peer.read_head().starts_with("HTTP/1.1 200 "));
}

TEST(server, refuses_a_waiting_body_that_is_too_large_at_once) {
  runtime io;
  server_options options;
  options.max_body = 10;
  const auto s = serve(io, echo(), options);

  EXPECT_TRUE(talk(*s, "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                       "Content-Length: 11\r\n\r\n")
                  .starts_with("HTTP/1.1 413 "));
}

TEST(server, limits_answer_as_json_and_close) {
  runtime io;
  server_options options;
  options.max_body = 10;
  options.max_header = 1'000;
  const auto s = serve(io, echo(), options);
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
  const std::pair<std::string, std::string> cases[] = {
      {post + "Content-Length: 11\r\n\r\n01234567890", "413"},
      {post + "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n", "413"},
      {post + "X: " + std::string(2'000, 'x') + "\r\n\r\n", "431"},
      {post + "Content-Length: x\r\n\r\n", "400"},
      {post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {"GET x HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"nonsense\r\n\r\n", "400"},
  };
  for (const auto& [bytes, status] : cases) {
    const auto answer = talk(*s, bytes);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + status + " ")) << bytes << answer;
    EXPECT_NE(answer.find("Content-Type: application/json\r\n"), std::string::npos);
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    EXPECT_NE(answer.find(R"({"code":")"), std::string::npos);
  }
}

TEST(server, a_client_still_hears_413_while_it_sends) {
  runtime io{2};
  server_options options;
  options.max_body = 1'000;
  const auto s = serve(io, echo(), options);
  client c{io, to(s->url()), {}};

  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(send(c, post_request("/", std::string(1'000'000, 'x'))).value().status, 413U);
}

TEST(server, a_handler_answers_from_any_thread) {
  runtime io;
  std::vector<std::thread> threads;
  const auto s = serve(io, [&](server_request r, responder done) {
    threads.emplace_back([r, done] { done(text(r.path)); });
  });
  client c{io, to(s->url()), {}};

  for (int i = 0; i < 20; ++i) {
    const auto path = "/" + std::to_string(i);
    EXPECT_EQ(send(c, get_request(path)).value().body.view(), path);
  }
  for (auto& thread : threads)
    thread.join();
}

TEST(server, only_the_first_answer_counts) {
  runtime io;
  const auto s = serve(io, [](server_request, responder done) {
    done(text("first"));
    done(text("second"));
  });
  client c{io, to(s->url()), {}};

  EXPECT_EQ(send(c).value().body.view(), "first");
  EXPECT_EQ(send(c).value().body.view(), "first");
}

TEST(server, a_handler_that_gives_no_answer_is_a_500) {
  runtime io;
  const auto s = serve(io, [](server_request, responder) {});
  client c{io, to(s->url()), {}};

  EXPECT_EQ(send(c).value().status, 500U);
}

TEST(server, a_handler_that_throws_is_a_500) {
  runtime io;
  const auto s = serve(io, [](server_request, responder) { throw std::runtime_error("planted"); });
  client c{io, to(s->url()), {}};

  const auto answer = send(c).value();

  EXPECT_EQ(answer.status, 500U);
  EXPECT_EQ(answer.body.view().find("planted"), std::string_view::npos);
}

TEST(server, sends_a_shared_body) {
  runtime io;
  const auto body = std::make_shared<const std::string>(3'000'000, 's');
  const auto s = serve(io, [body](server_request, responder done) {
    server_response answer;
    answer.shared_body = body;
    done(std::move(answer));
  });
  client c{io, to(s->url()), {}};

  EXPECT_TRUE(send(c).value().body.view() == *body);
}

TEST(server, cuts_an_answer_where_it_is_told) {
  runtime io;
  const std::string body(100, 'b');
  const auto s = serve(io, [&](server_request r, responder done) {
    auto answer = text(body);
    answer.cut_after = std::stoul(r.query);
    done(std::move(answer));
  });
  const auto get = [&](std::size_t cut) {
    return talk(*s, "GET /?" + std::to_string(cut)
                        + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  };
  const auto whole = get(1'000'000);
  ASSERT_TRUE(whole.ends_with(body));

  for (std::size_t cut = 0; cut <= whole.size(); cut += 7)
    EXPECT_EQ(get(cut).size(), cut);
}

TEST(server, resets_where_it_is_told) {
  runtime io;
  const auto s = serve(io, [&](server_request, responder done) {
    auto answer = text("x");
    answer.cut_after = 0;
    answer.reset = true;
    done(std::move(answer));
  });
  client c{io, to(s->url()), {}};

  const auto answer = send(c);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
  EXPECT_NE(answer.error().detail.find("reset"), std::string::npos) << answer.error().detail;
}

TEST(server, delays_where_it_is_told) {
  runtime io;
  const auto s = serve(io, [&](server_request, responder done) {
    auto answer = text("x");
    answer.delay = milliseconds{60};
    done(std::move(answer));
  });
  client c{io, to(s->url()), {}};

  EXPECT_GE(send(c).value().elapsed, milliseconds{60});
}

TEST(server, says_which_address_is_taken) {
  runtime io;
  const auto first = serve(io, echo());
  server_options options;
  options.listen = "127.0.0.1:" + std::to_string(first->port());

  const auto second = server::start(io, options, echo());

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::unavailable);
  EXPECT_NE(second.error().detail.find(options.listen), std::string::npos);
}

TEST(server, refuses_addresses_that_it_can_not_read) {
  runtime io;
  for (const auto* bad : {"", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536", "::1:80", "host:80"}) {
    server_options options;
    options.listen = bad;
    const auto s = server::start(io, options, echo());
    ASSERT_FALSE(s) << bad;
    EXPECT_EQ(s.error().code, errc::rejected) << bad;
  }
}

TEST(server, a_destroyed_server_closes_its_connections_and_ignores_answers) {
  runtime io{2};
  std::promise<responder> asked;
  auto s = serve(io, [&](server_request, responder done) { asked.set_value(std::move(done)); });
  auto peer = raw_socket::connect(s->port());
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto done = asked.get_future().get();

  s.reset();
  EXPECT_EQ(peer.read_all(), "");
  done(text("too late"));
}

TEST(server, destruction_waits_for_a_handler_that_runs) {
  runtime io;
  std::promise<void> entered;
  std::promise<void> leave;
  std::atomic<bool> left{false};
  auto s = serve(io, [&](server_request, responder) {
    entered.set_value();
    leave.get_future().get();
    left = true;
  });
  auto peer = raw_socket::connect(s->port());
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  entered.get_future().get();

  std::thread destroyer{[&] {
    s.reset();
    EXPECT_TRUE(left);
  }};
  leave.set_value();

  destroyer.join();
}

} // namespace

} // namespace feedcast::http::testing
