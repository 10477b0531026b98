#include "perf/replay_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <stdexcept>
#include <string_view>

namespace feedcast::perf {

namespace {

namespace asio = boost::asio;
using http::detail::task;
using http::detail::tcp;
using http::detail::tcp_socket;
using http::detail::use_task;

} // namespace

replay_server::replay_server(std::string answer, bool tls)
    : answer_(std::move(answer))
    , acceptor_(io_.get_executor(), {asio::ip::address_v4::loopback(), 0}) {
  if (tls) {
    auto made = http::detail::make_server_tls({}, {});
    if (!made)
      throw std::runtime_error(to_string(made.error()));
    tls_ = std::move(*made);
  }
  asio::co_spawn(acceptor_.get_executor(), accept(), asio::detached);
  thread_ = std::thread([this] { io_.run(); });
}

replay_server::~replay_server() {
  io_.stop();
  thread_.join();
}

std::uint16_t replay_server::port() const {
  return acceptor_.local_endpoint().port();
}

task<void> replay_server::accept() {
  for (;;) {
    auto [failure, socket] = co_await acceptor_.async_accept(io_.get_executor(), use_task);
    if (failure)
      co_return;
    asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)), asio::detached);
  }
}

task<void> replay_server::serve(tcp_socket socket) {
  socket.set_option(tcp::no_delay{true});
  http::detail::stream io{std::move(socket)};
  if (tls_.context && co_await io.handshake_as_server(*tls_.context))
    co_return;
  std::array<char, 4096> input{};
  std::size_t received = 0;
  for (;;) {
    const auto [failure, size] = co_await io.read_some(asio::buffer(input) + received);
    if (failure)
      co_return;
    received += size;
    // A client sends its next request only once it has the answer to the last one.
    if (!std::string_view(input.data(), received).ends_with("\r\n\r\n"))
      continue;
    received = 0;
    // As Asio does it by itself; over TLS there is no other way.
    if (io.secure()) {
      if (co_await io.write(asio::buffer(answer_)))
        co_return;
    } else if (const auto [stopped, sent] =
                   co_await asio::async_write(io.socket(), asio::buffer(answer_), use_task);
               stopped) {
      co_return;
    }
  }
}

} // namespace feedcast::perf
