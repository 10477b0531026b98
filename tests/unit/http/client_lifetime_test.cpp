#include "raw_socket.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace feedcast::http::testing {

namespace {

/// A server that keeps its responders and tells when the first request is there.
struct silent_server {
  explicit silent_server(runtime& io)
      : running(serve(io, [this](server_request, responder done) {
        const std::lock_guard lock{mutex};
        held.push_back(std::move(done));
        if (held.size() == 1)
          arrived.set_value();
      })) {}

  std::mutex mutex;
  std::vector<responder> held;
  std::promise<void> arrived;
  std::unique_ptr<server> running; ///< last: its handler uses the others
};

TEST(client_lifetime, a_destroyed_client_answers_nothing) {
  std::atomic<int> answers{0};
  auto io = std::make_unique<runtime>(2);
  auto s = std::make_unique<silent_server>(*io);
  client_options options;
  options.max_connections = 4;
  auto c = std::make_unique<client>(*io, to(s->running->url()), options);
  for (int i = 0; i < 50; ++i)
    c->send({}, milliseconds{10'000}, [&](result<response>) { ++answers; });
  s->arrived.get_future().get();

  c.reset();
  s.reset();
  io.reset();

  EXPECT_EQ(answers, 0);
}

TEST(client_lifetime, a_destroyed_client_lets_go_of_its_callbacks) {
  runtime io;
  silent_server s{io};
  auto c = std::make_unique<client>(io, to(s.running->url()), client_options{});
  auto kept = std::make_shared<std::promise<void>>();
  auto dropped = kept->get_future();
  c->send({}, milliseconds{10'000}, [kept = std::move(kept)](result<response>) {});
  s.arrived.get_future().get();

  c.reset();

  // A broken promise: the callback was destroyed without a call.
  EXPECT_THROW(dropped.get(), std::future_error);
}

TEST(client_lifetime, a_callback_may_destroy_its_client) {
  runtime io;
  const auto s = serve(io, [](server_request, responder done) { done(text("ok")); });
  auto c = std::make_unique<client>(io, to(s->url()), client_options{});
  std::promise<bool> done;

  c->send({}, milliseconds{10'000}, [&](result<response> r) {
    c.reset();
    done.set_value(r.has_value());
  });

  EXPECT_TRUE(done.get_future().get());
}

TEST(client_lifetime, destruction_waits_for_a_callback_that_runs) {
  runtime io;
  const auto s = serve(io, [](server_request, responder done) { done(text("ok")); });
  auto c = std::make_unique<client>(io, to(s->url()), client_options{});
  std::promise<void> entered;
  std::promise<void> leave;
  std::atomic<bool> left{false};
  c->send({}, milliseconds{10'000}, [&](result<response>) {
    entered.set_value();
    leave.get_future().get();
    left = true;
  });
  entered.get_future().get();

  std::thread destroyer{[&] {
    c.reset();
    EXPECT_TRUE(left);
  }};
  leave.set_value();

  destroyer.join();
}

TEST(client_lifetime, a_destroyed_client_closes_its_connections) {
  runtime io;
  std::promise<void> closed;
  raw_server s{[&](raw_socket& peer, int) {
    peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peer.read_head();
    closed.set_value();
  }};
  auto c = std::make_unique<client>(io, to(s.url()), client_options{});
  EXPECT_TRUE(send(*c));

  c.reset();

  closed.get_future().get();
}

TEST(client_lifetime, a_client_is_used_by_many_threads) {
  runtime io{2};
  const auto s = serve(io, [](server_request r, responder done) { done(text(r.path)); });
  client c{io, to(s->url()), {}};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;

  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const auto path = "/" + std::to_string(t) + "/" + std::to_string(i);
        const auto answer = send(c, get_request(path));
        if (!answer || answer->body.view() != path)
          ++wrong;
      }
    });
  for (auto& thread : threads)
    thread.join();

  EXPECT_EQ(wrong, 0);
}

TEST(client_lifetime, clients_and_servers_may_end_at_any_moment) {
  for (int round = 0; round < 50; ++round) {
    auto io = std::make_unique<runtime>(2);
    auto s = serve(*io, [](server_request, responder done) { done(text("ok")); });
    auto c = std::make_unique<client>(*io, to(s->url()), client_options{});
    for (int i = 0; i < 20; ++i)
      c->send({}, milliseconds{10'000}, [](result<response>) {});

    if (round % 2 == 0)
      s.reset();
    c.reset();
    s.reset();
  }
}

} // namespace

} // namespace feedcast::http::testing
