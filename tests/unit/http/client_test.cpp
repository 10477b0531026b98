#include "raw_socket.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace feedcast::http::testing {

namespace {

/// Keeps requests unanswered until the test answers them, and lets it wait for their arrival.
class held_requests {
 public:
  handler on_request() {
    return [this](server_request r, responder done) {
      const std::lock_guard lock{mutex_};
      targets_.push_back(r.message.target);
      responders_.push_back(std::move(done));
      arrived_.notify_all();
    };
  }

  void wait_for(std::size_t count) {
    std::unique_lock lock{mutex_};
    arrived_.wait(lock, [&] { return targets_.size() >= count; });
  }

  std::vector<std::string> targets() {
    const std::lock_guard lock{mutex_};
    return targets_;
  }

  void answer(std::size_t index) {
    responder done;
    {
      const std::lock_guard lock{mutex_};
      done = responders_.at(index);
    }
    done(text("late"));
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::string> targets_;
  std::vector<responder> responders_;
};

TEST(client, carries_a_request_and_its_answer) {
  runtime io{2};
  const auto s = serve(io, [](server_request r, responder done) {
    auto answer = text(r.message.method + " " + r.message.target + " " + r.message.body);
    answer.status = 201;
    answer.headers.set("X-Echo", std::string{r.message.headers.get("x-sent")});
    done(std::move(answer));
  });
  client c{io, to(s->url()), {}};
  auto r = post_request("/docs?x=1", "body");
  r.headers.set("X-Sent", "sent");

  const auto answer = send(c, std::move(r)).value();

  EXPECT_EQ(answer.status, 201U);
  EXPECT_EQ(answer.body.view(), "POST /docs?x=1 body");
  EXPECT_EQ(answer.headers.get("x-echo"), "sent");
}

TEST(client, body_is_followed_by_zero_padding) {
  runtime io;
  const auto s =
      serve(io, [](server_request, responder done) { done(text(std::string(100'000, 'x'))); });
  client c{io, to(s->url()), {}};

  const auto answer = send(c).value();

  ASSERT_EQ(answer.body.size(), 100'000U);
  for (std::size_t i = 0; i < padded_buffer::padding; ++i)
    EXPECT_EQ(answer.body.data()[answer.body.size() + i], '\0');
}

TEST(client, secret_answers_come_whole_over_one_connection) {
  runtime io;
  std::set<std::string> peers;
  const auto s = serve(io, [&](server_request r, responder done) {
    peers.insert(r.peer);
    done(text(std::string(std::stoul(r.message.target.substr(1)), 's')));
  });
  client c{io, to(s->url()), {}};

  for (const std::size_t size : {0UL, 1UL, 70'000UL, 10UL, 1'000'000UL, 3UL}) {
    request r;
    r.target = '/' + std::to_string(size);
    r.secret_answer = true;
    EXPECT_EQ(send(c, std::move(r)).value().body.view(), std::string(size, 's'));
  }
  EXPECT_EQ(peers.size(), 1U);
}

TEST(client, ten_thousand_requests_use_one_connection) {
  runtime io{2};
  std::mutex mutex;
  std::set<std::string> peers;
  const auto s = serve(io, [&](server_request r, responder done) {
    {
      const std::lock_guard lock{mutex};
      peers.insert(r.peer);
    }
    done(text("ok"));
  });
  client c{io, to(s->url()), {}};
  std::promise<int> all;
  int answered = 0; // touched by the client's thread only
  std::function<void()> next = [&] {
    c.send({}, milliseconds{10'000}, [&](result<response> r) {
      if (!r)
        all.set_value(answered);
      else if (++answered == 10'000)
        all.set_value(answered);
      else
        next();
    });
  };

  next();

  EXPECT_EQ(all.get_future().get(), 10'000);
  EXPECT_EQ(peers.size(), 1U);
}

TEST(client, requests_at_the_same_time_use_connections_of_their_own) {
  runtime io{2};
  held_requests held;
  const auto s = serve(io, held.on_request());
  client c{io, to(s->url()), {}};
  std::vector<pending> answers(8);

  for (auto& answer : answers)
    c.send({}, milliseconds{10'000}, answer.receiver());
  held.wait_for(8);
  for (std::size_t i = 0; i < 8; ++i)
    held.answer(i);

  for (auto& answer : answers)
    EXPECT_TRUE(answer.get());
}

TEST(client, requests_beyond_the_limit_wait_in_order) {
  runtime io;
  held_requests held;
  const auto s = serve(io, held.on_request());
  client_options options;
  options.max_connections = 1;
  client c{io, to(s->url()), options};
  std::vector<pending> answers(3);

  for (std::size_t i = 0; i < answers.size(); ++i)
    c.send(get_request("/" + std::to_string(i)), milliseconds{10'000}, answers[i].receiver());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    held.wait_for(i + 1);
    EXPECT_EQ(held.targets().size(), i + 1);
    held.answer(i);
    EXPECT_TRUE(answers[i].get());
  }

  EXPECT_EQ(held.targets(), (std::vector<std::string>{"/0", "/1", "/2"}));
}

TEST(client, waiting_for_a_connection_counts_into_the_deadline) {
  runtime io;
  held_requests held;
  const auto s = serve(io, held.on_request());
  client_options options;
  options.max_connections = 1;
  client c{io, to(s->url()), options};
  pending first;
  c.send({}, milliseconds{10'000}, first.receiver());
  held.wait_for(1);

  const auto second = send(c, {}, milliseconds{50});

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::timeout);
  EXPECT_NE(second.error().detail.find("free connection"), std::string::npos);
  held.answer(0);
  EXPECT_TRUE(first.get());
  EXPECT_EQ(held.targets().size(), 1U);
}

TEST(client, a_server_that_never_answers_meets_the_deadline) {
  runtime io;
  held_requests held;
  const auto s = serve(io, held.on_request());
  client c{io, to(s->url()), {}};

  const auto answer = send(c, {}, milliseconds{50});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::timeout);
  EXPECT_NE(answer.error().detail.find(s->url()), std::string::npos);
  EXPECT_NE(answer.error().detail.find("50 ms"), std::string::npos);
}

TEST(client, the_longest_deadline_is_no_deadline) {
  runtime io;
  const auto s = serve(io, [](server_request, responder done) { done(text("ok")); });
  client_options options;
  options.connect_timeout = milliseconds::max();
  options.idle_timeout = milliseconds::max();
  client c{io, to(s->url()), options};

  EXPECT_TRUE(send(c, {}, milliseconds::max()));
  EXPECT_TRUE(send(c, {}, milliseconds::max()));
}

TEST(client, a_body_that_drips_meets_the_deadline) {
  runtime io;
  std::promise<void> gone;
  raw_server s{[&](raw_socket& peer, int) {
    peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx");
    peer.read_all(); // returns when the client has given up
    gone.set_value();
  }};
  client c{io, to(s.url()), {}};

  const auto answer = send(c, {}, milliseconds{50});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::timeout);
  gone.get_future().get();
}

TEST(client, refused_connection_is_unavailable_and_says_where) {
  runtime io;
  std::string url;
  {
    const raw_server gone{[](raw_socket&, int) {}};
    url = gone.url();
  }
  client c{io, to(url), {}};

  const auto answer = send(c);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
  EXPECT_NE(answer.error().detail.find(url), std::string::npos);
  EXPECT_NE(answer.error().detail.find("Connection refused"), std::string::npos);
}

TEST(client, unknown_host_is_unavailable_and_says_so) {
  runtime io;
  client_options options;
  options.proxy = "none";
  options.connect_timeout = milliseconds{2'000};
  client c{io, to("http://no-such-host.invalid"), options};

  const auto answer = send(c, {}, milliseconds{20'000});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
  EXPECT_NE(answer.error().detail.find("resolving \"no-such-host.invalid\""), std::string::npos);
}

TEST(client, resolves_names) {
  runtime io;
  const auto s = serve(io, [](server_request, responder done) { done(text("ok")); });
  client c{io, to("http://localhost:" + std::to_string(s->port())), {}};

  EXPECT_EQ(send(c).value().body.view(), "ok");
}

TEST(client, speaks_ipv6) {
  runtime io;
  server_options options;
  options.listen = "[::1]:0";
  auto s = server::start(io, options, [](server_request r, responder done) {
    done(text(std::string{r.message.headers.get("host")} + " " + r.peer));
  });
  if (!s)
    GTEST_SKIP() << "no IPv6 here: " << s.error().detail;
  client c{io, to((*s)->url()), {}};

  const auto body = std::string{send(c).value().body.view()};

  EXPECT_TRUE(body.starts_with("[::1]:" + std::to_string((*s)->port()) + " [::1]:")) << body;
}

TEST(client, refuses_what_would_smuggle_a_field_in) {
  runtime io;
  std::atomic<int> asked{0};
  const auto s = serve(io, [&](server_request, responder done) {
    ++asked;
    done({});
  });
  client c{io, to(s->url()), {}};
  std::vector<request> bad(7);
  bad[0].method = "GET /x HTTP/1.1\r\nA: b\r\n\r\n";
  bad[1].target = "/a b";
  bad[2].target = "/a\r\nA: b";
  bad[3].target = "nothing";
  bad[4].headers.set("A", "b\r\nC: d");
  bad[5].headers.set("A:", "b");
  bad[6].target = "/\xc3\xa4";

  for (auto& r : bad) {
    const auto answer = send(c, std::move(r));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errc::rejected);
  }

  EXPECT_EQ(asked, 0);
}

TEST(client, large_bodies_go_both_ways) {
  runtime io{2};
  server_options options;
  options.max_body = std::size_t{16} << 20;
  const auto s = serve(
      io, [](server_request r, responder done) { done(text(std::move(r.message.body))); }, options);
  client c{io, to(s->url()), {}};
  std::string body(std::size_t{10} << 20, '\0');
  for (std::size_t i = 0; i < body.size(); ++i)
    body[i] = static_cast<char>(i * 31 % 251);

  const auto answer = send(c, post_request("/", body));

  EXPECT_TRUE(answer.value().body.view() == body);
}

} // namespace

} // namespace feedcast::http::testing
