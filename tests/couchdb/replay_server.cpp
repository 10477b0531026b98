#include "tests/couchdb/replay_server.hpp"

#include "tests/couchdb/replay_connection.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <thread>
#include <utility>

namespace feedcast::test {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

bool same_shape(const request_shape& a, const request_shape& b) {
  return a.method == b.method && a.path == b.path && a.query == b.query;
}

} // namespace

std::string heard_request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string heard_request::parameter(const std::string& name) const {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

bool request_shape::fits(const heard_request& r) const {
  const bool there = (method.empty() || r.method == method) && (path.empty() || r.path == path);
  return there && std::ranges::all_of(query, [&](const auto& q) {
           const bool given = r.query.contains(q.first);
           if (q.second.empty())
             return !given;
           return given && (q.second == "*" || r.query.at(q.first) == q.second);
         });
}

struct replay_server::impl {
  replay_state state;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  tcp::socket place{io}; ///< bound, never listening: the port stays ours while the server is down
  tcp::acceptor acceptor{io};
  unsigned short port = 0;
  std::thread thread;

  impl() {
    place.open(tcp::v4());
    place.set_option(tcp::socket::reuse_address{true});
    place.bind({asio::ip::address_v4::loopback(), 0});
    port = place.local_endpoint().port();
    listen();
    thread = std::thread{[this] { io.run(); }};
  }

  ~impl() {
    run([this] { stop(); });
    work.reset();
    thread.join();
  }

  void listen() {
    acceptor.open(tcp::v4());
    acceptor.set_option(tcp::acceptor::reuse_address{true});
    acceptor.bind({asio::ip::address_v4::loopback(), port});
    acceptor.listen();
    accept();
  }

  void accept() {
    acceptor.async_accept([this](error_code failed, tcp::socket socket) {
      if (failed)
        return;
      std::shared_ptr<replay_connection> made;
      {
        const std::lock_guard lock{state.mutex};
        made = std::make_shared<replay_connection>(std::move(socket), state, ++state.connections);
        state.open.insert(made);
        state.changed.notify_all();
      }
      made->read();
      accept();
    });
  }

  std::vector<std::shared_ptr<replay_connection>> connections() {
    const std::lock_guard lock{state.mutex};
    return {state.open.begin(), state.open.end()};
  }

  void stop() {
    error_code ignored;
    acceptor.close(ignored);
    for (const auto& c : connections())
      c->end(replay::end::reset);
  }

  /// On the server's thread; back when it is done.
  template <class F>
  void run(F f) {
    std::promise<void> done;
    asio::post(io, [&] {
      f();
      done.set_value();
    });
    done.get_future().wait();
  }

  template <class Condition>
  bool wait(Condition condition) const {
    std::unique_lock lock{state.mutex};
    return state.changed.wait_for(lock, patience, condition);
  }

  replay_state::rule& rule_for(request_shape shape) {
    const auto found = std::ranges::find_if(
        state.rules, [&](const auto& r) { return same_shape(r.shape, shape); });
    if (found != state.rules.end())
      return *found;
    return state.rules.emplace_back(replay_state::rule{std::move(shape), {}, {}});
  }
};

replay_server::replay_server() : impl_(std::make_unique<impl>()) {}

replay_server::~replay_server() {
  for (const auto& r : unexpected()) {
    std::string query;
    for (const auto& [name, value] : r.query)
      query += " " + name + "=" + value;
    ADD_FAILURE() << "no rule was for " << r.method << " " << r.path << query;
  }
}

std::string replay_server::url() const {
  return "http://127.0.0.1:" + std::to_string(impl_->port);
}

void replay_server::once(request_shape shape, replay answer) {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->rule_for(std::move(shape)).once.push_back(std::move(answer));
}

void replay_server::always(request_shape shape, replay answer) {
  always(std::move(shape), [answer = std::move(answer)](const heard_request&) { return answer; });
}

void replay_server::always(request_shape shape,
                           std::function<replay(const heard_request&)> answer) {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->rule_for(std::move(shape)).always = std::move(answer);
}

void replay_server::forget(const request_shape& shape) {
  const std::lock_guard lock{impl_->state.mutex};
  std::erase_if(impl_->state.rules, [&](const auto& r) { return same_shape(r.shape, shape); });
}

void replay_server::go_down() {
  impl_->run([this] { impl_->stop(); });
}

void replay_server::come_up() {
  impl_->run([this] { impl_->listen(); });
}

void replay_server::poke() {
  asio::post(impl_->io, [this] {
    for (const auto& c : impl_->connections())
      c->poke();
  });
}

void replay_server::go_on() {
  {
    const std::lock_guard lock{impl_->state.mutex};
    ++impl_->state.credits;
  }
  asio::post(impl_->io, [this] {
    for (const auto& c : impl_->connections())
      c->resume();
  });
}

bool replay_server::await_stalled(std::size_t answers) const {
  return impl_->wait([&] { return impl_->state.stalled >= answers; });
}

bool replay_server::await_requests(const request_shape& shape, std::size_t count) const {
  return impl_->wait([&] {
    return std::ranges::count_if(impl_->state.requests,
                                 [&](const auto& r) { return shape.fits(r); })
           >= static_cast<std::ptrdiff_t>(count);
  });
}

bool replay_server::await_connections(std::size_t open) const {
  return impl_->wait([&] { return impl_->state.open.size() == open; });
}

bool replay_server::await_full(std::chrono::milliseconds quiet) const {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::unique_lock lock{impl_->state.mutex};
  while (std::chrono::steady_clock::now() < deadline) {
    const auto before = impl_->state.written;
    const bool moved =
        impl_->state.changed.wait_for(lock, quiet, [&] { return impl_->state.written != before; });
    if (!moved && impl_->state.writing > 0)
      return true;
  }
  return false;
}

bool replay_server::await_written(std::size_t bytes) const {
  return impl_->wait([&] { return impl_->state.written >= bytes; });
}

std::vector<heard_request> replay_server::requests() const {
  const std::lock_guard lock{impl_->state.mutex};
  return impl_->state.requests;
}

std::vector<heard_request> replay_server::requests(const request_shape& shape) const {
  auto all = requests();
  std::erase_if(all, [&](const auto& r) { return !shape.fits(r); });
  return all;
}

std::vector<heard_request> replay_server::unexpected() const {
  const std::lock_guard lock{impl_->state.mutex};
  return impl_->state.unexpected;
}

void replay_server::forgive_unexpected() {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->state.unexpected.clear();
}

std::size_t replay_server::written() const {
  const std::lock_guard lock{impl_->state.mutex};
  return impl_->state.written;
}

std::size_t replay_server::delivered() const {
  std::size_t waiting = 0;
  impl_->run([&] {
    for (const auto& c : impl_->connections())
      waiting += c->in_flight();
  });
  return written() - waiting;
}

std::size_t replay_server::connections_so_far() const {
  const std::lock_guard lock{impl_->state.mutex};
  return impl_->state.connections;
}

} // namespace feedcast::test
