#include "http/streaming_client.hpp"
#include "raw_socket.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>

namespace feedcast::http::testing {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds long_enough{10'000};

constexpr std::string_view chunked_head =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string chunk(std::string_view bytes) {
  constexpr auto digits = "0123456789abcdef";
  std::string size;
  for (auto n = bytes.size(); n > 0; n /= 16)
    size.insert(size.begin(), digits[n % 16]);
  return size + "\r\n" + std::string{bytes} + "\r\n";
}

template <class T>
result<T> await(const std::function<void(callback<T>)>& start) {
  auto promise = std::make_shared<std::promise<result<T>>>();
  auto answer = promise->get_future();
  start([promise](result<T> r) { promise->set_value(std::move(r)); });
  if (answer.wait_for(std::chrono::seconds{30}) != std::future_status::ready)
    std::abort(); // a callback that never comes is a bug
  return answer.get();
}

result<body_stream_ptr> open(streaming_client& c, request r = {},
                             milliseconds deadline = long_enough) {
  return await<body_stream_ptr>(
      [&](auto done) { c.open(std::move(r), deadline, std::move(done)); });
}

/// As text, because the view lives until the next read only.
result<std::string> read(body_stream& s, milliseconds wait = long_enough) {
  return await<std::string>([&](auto done) {
    s.read(wait, [done](const result<std::string_view>& r) {
      if (!r)
        return done(r.error());
      done(std::string{*r});
    });
  });
}

/// Everything up to the end, and how it ended.
std::pair<std::string, std::string> read_all(body_stream& s) {
  std::string all;
  for (;;) {
    const auto r = read(s);
    if (!r)
      return {all, std::string{to_string(r.error().code)}};
    if (r->empty())
      return {all, "end"};
    all += *r;
  }
}

struct one_server {
  explicit one_server(raw_server::script s) : server(std::move(s)) {}

  streaming_client client() { return {io, to(server.url()), {}}; }

  runtime io;
  raw_server server;
};

} // namespace

TEST(streaming_client, hands_on_what_comes_when_it_comes) {
  std::promise<void> go_on;
  one_server w{[&](raw_socket& s, int) {
    s.read_head();
    s.send(chunked_head);
    s.send(chunk("first\n"));
    go_on.get_future().wait();
    s.send(chunk("second\n") + "0\r\n\r\n");
  }};
  auto c = w.client();

  const auto stream = open(c).value();
  EXPECT_EQ(stream->status(), 200U);
  EXPECT_EQ(stream->headers().get("content-type"), "application/json");
  EXPECT_EQ(read(*stream).value(), "first\n");
  go_on.set_value();
  EXPECT_EQ(read_all(*stream), (std::pair<std::string, std::string>{"second\n", "end"}));
  EXPECT_EQ(read(*stream).value(), "") << "the end stays the end";
}

TEST(streaming_client, a_silence_ends_nothing) {
  std::promise<void> go_on;
  one_server w{[&](raw_socket& s, int) {
    s.read_head();
    s.send(chunked_head);
    go_on.get_future().wait();
    s.send(chunk("late") + "0\r\n\r\n");
  }};
  auto c = w.client();
  const auto stream = open(c).value();

  for (int i = 0; i < 3; ++i) {
    const auto nothing = read(*stream, milliseconds{1});
    ASSERT_FALSE(nothing.has_value());
    EXPECT_EQ(nothing.error().code, errc::timeout);
  }
  go_on.set_value();
  EXPECT_EQ(read_all(*stream).first, "late");
}

TEST(streaming_client, bytes_that_came_after_a_silence_are_kept) {
  std::promise<void> go_on;
  std::promise<void> sent;
  one_server w{[&](raw_socket& s, int) {
    s.read_head();
    s.send(chunked_head);
    go_on.get_future().wait();
    s.send(chunk("one") + chunk("two") + "0\r\n\r\n");
    sent.set_value();
  }};
  auto c = w.client();
  const auto stream = open(c).value();
  EXPECT_FALSE(read(*stream, milliseconds{1}).has_value());

  go_on.set_value();
  sent.get_future().wait();
  EXPECT_EQ(read_all(*stream), (std::pair<std::string, std::string>{"onetwo", "end"}));
}

TEST(streaming_client, every_cut_of_the_bytes_gives_the_same_body) {
  const auto whole = std::string{chunked_head} + chunk("{\"a\":1}\n") + chunk("\n")
                     + chunk("{\"b\":2}\n") + "0\r\n\r\n";
  one_server w{[&](raw_socket& s, int n) {
    s.read_head();
    const auto cut = static_cast<std::size_t>(n) + 1;
    s.send(std::string_view{whole}.substr(0, cut));
    s.send(std::string_view{whole}.substr(cut));
  }};
  auto c = w.client();
  for (std::size_t i = 1; i < whole.size(); ++i) {
    const auto stream = open(c).value();
    EXPECT_EQ(read_all(*stream),
              (std::pair<std::string, std::string>{"{\"a\":1}\n\n{\"b\":2}\n", "end"}));
  }
}

TEST(streaming_client, a_cut_body_is_no_end) {
  const auto whole = std::string{chunked_head} + chunk("row\n") + "0\r\n\r\n";
  one_server w{[&](raw_socket& s, int n) {
    s.read_head();
    s.send(std::string_view{whole}.substr(0, chunked_head.size() + static_cast<std::size_t>(n)));
  }};
  auto c = w.client();
  for (auto i = chunked_head.size(); i < whole.size(); ++i) {
    const auto stream = open(c).value();
    EXPECT_EQ(read_all(*stream).second, "malformed") << i;
  }
}

TEST(streaming_client, another_answer_in_the_middle_of_a_body_is_a_broken_connection) {
  one_server w{[&](raw_socket& s, int) {
    s.read_head();
    s.send(std::string{chunked_head} + chunk("row\n")
           + "HTTP/1.1 412 Precondition Failed\r\nContent-Length: 2\r\n\r\n{}");
  }};
  auto c = w.client();
  const auto stream = open(c).value();

  EXPECT_EQ(read_all(*stream), (std::pair<std::string, std::string>{"row\n", "malformed"}));
  EXPECT_EQ(read(*stream).error().code, errc::malformed) << "it stays broken";
}

TEST(streaming_client, other_framings_have_an_end_too) {
  one_server w{[&](raw_socket& s, int n) {
    s.read_head();
    if (n == 0)
      s.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    else if (n == 1)
      s.send("HTTP/1.0 200 OK\r\n\r\nhello");
    else
      s.send("HTTP/1.1 204 No Content\r\n\r\n");
  }};
  auto c = w.client();
  for (const auto* body : {"hello", "hello", ""}) {
    const auto stream = open(c).value();
    EXPECT_EQ(read_all(*stream), (std::pair<std::string, std::string>{body, "end"}));
  }
}

TEST(streaming_client, a_reader_that_stops_stops_the_sender) {
  std::atomic<std::size_t> taken{0};
  std::promise<void> full;
  one_server w{[&](raw_socket& s, int) {
    s.read_head();
    s.send(chunked_head);
    const auto piece = chunk(std::string(std::size_t{64} << 10U, 'x'));
    for (int i = 0; i < 2'000; ++i) { // 128 MiB: more than any socket takes
      s.send(piece);
      taken += piece.size();
    }
    s.send("0\r\n\r\n");
    full.set_value();
  }};
  auto c = w.client();
  const auto stream = open(c).value();
  ASSERT_TRUE(read(*stream).has_value());

  auto sent = full.get_future();
  // The sender gets no further: the same count twice, a while apart.
  std::size_t before = 1;
  for (auto now = taken.load(); now != before || now == 0; now = taken.load()) {
    before = now;
    EXPECT_EQ(sent.wait_for(200ms), std::future_status::timeout);
  }
  EXPECT_LT(taken, std::size_t{32} << 20U);

  const auto [body, end] = read_all(*stream);
  EXPECT_EQ(end, "end");
  EXPECT_GT(body.size(), std::size_t{124} << 20U);
}

TEST(streaming_client, no_head_within_the_deadline_is_a_timeout) {
  std::promise<void> over;
  auto until = over.get_future().share();
  one_server w{[until](raw_socket& s, int) {
    s.read_head();
    until.wait();
  }};
  auto c = w.client();

  const auto r = open(c, {}, milliseconds{50});
  over.set_value();
  ASSERT_FALSE(r.has_value());
  EXPECT_EQ(r.error().code, errc::timeout);
}

TEST(streaming_client, a_server_that_is_not_there_is_unavailable) {
  std::string url;
  {
    const raw_server gone{[](raw_socket&, int) {}};
    url = gone.url();
  }
  runtime io;
  streaming_client c{io, to(url), {}};
  const auto r = open(c);
  ASSERT_FALSE(r.has_value());
  EXPECT_EQ(r.error().code, errc::unavailable);
}

TEST(streaming_client, a_destroyed_stream_answers_nothing_and_closes_its_connection) {
  std::promise<void> closed;
  one_server w{[&](raw_socket& s, int) {
    s.read_head();
    s.send(chunked_head);
    s.read_all();
    closed.set_value();
  }};
  auto c = w.client();
  auto stream = open(c).value();
  auto kept = std::make_shared<std::promise<void>>();
  auto dropped = kept->get_future();
  stream->read(long_enough, [kept = std::move(kept)](const result<std::string_view>&) {
    ADD_FAILURE() << "it was destroyed";
  });

  stream.reset();
  closed.get_future().wait();
  // A broken promise: the callback was destroyed without a call.
  EXPECT_THROW(dropped.get(), std::future_error);
}

TEST(streaming_client, a_destroyed_client_answers_nothing) {
  std::promise<void> came;
  one_server w{[&](raw_socket& s, int) {
    s.read_head();
    came.set_value();
    s.read_all();
  }};
  auto c = std::make_unique<streaming_client>(w.io, to(w.server.url()), client_options{});
  auto kept = std::make_shared<std::promise<void>>();
  auto dropped = kept->get_future();
  c->open({}, long_enough, [kept = std::move(kept)](const result<body_stream_ptr>&) {
    ADD_FAILURE() << "it was destroyed";
  });
  came.get_future().wait();

  c.reset();
  EXPECT_THROW(dropped.get(), std::future_error);
}

TEST(streaming_client, a_callback_may_destroy_its_stream) {
  one_server w{[&](raw_socket& s, int) {
    s.read_head();
    s.send(std::string{chunked_head} + chunk("row\n"));
    s.read_all();
  }};
  auto c = w.client();
  auto stream = open(c).value();
  std::promise<void> done;
  stream->read(long_enough, [&](const result<std::string_view>& r) {
    EXPECT_EQ(r.value(), "row\n");
    stream.reset();
    done.set_value();
  });
  done.get_future().wait();
  EXPECT_EQ(stream, nullptr);
}

TEST(streaming_client, secret_bodies_come_whole) {
  const std::string body(200'000, 's');
  one_server w{[&](raw_socket& s, int) {
    s.read_head();
    s.send(std::string{chunked_head} + chunk(body) + "0\r\n\r\n");
  }};
  auto c = w.client();
  request r;
  r.secret_answer = true;
  const auto stream = open(c, std::move(r)).value();
  EXPECT_EQ(read_all(*stream), (std::pair<std::string, std::string>{body, "end"}));
}

} // namespace feedcast::http::testing
