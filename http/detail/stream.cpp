#include "http/detail/stream.hpp"

#include <boost/asio/write.hpp>

#include <array>
#include <limits>
#include <vector>

namespace feedcast::http::detail {

namespace {

/// Up to here copying is cheaper than a second TLS record.
constexpr std::size_t merge_below = 12 * 1024;

/// How much the next system call may take: all that is left. Asio's own conditions never hand over
/// more than 64 KiB.
constexpr auto all_at_once = [](const error_code& failure, std::size_t) {
  return failure ? std::size_t{0} : std::numeric_limits<std::size_t>::max();
};

} // namespace

task<result<void>> stream::handshake_as_client(tls_context& context, std::string host) {
  tls_.emplace(socket_, context);
  expect_peer(tls_->native_handle(), host, &refusal_);
  const auto [failure] = co_await tls_->async_handshake(asio::ssl::stream_base::client, use_task);
  if (!failure)
    co_return result<void>{};
  co_return make_error(errc::unavailable,
                       "TLS: " + (refusal_.empty() ? describe_handshake(failure) : refusal_));
}

task<error_code> stream::handshake_as_server(tls_context& context) {
  tls_.emplace(socket_, context);
  const auto [failure] = co_await tls_->async_handshake(asio::ssl::stream_base::server, use_task);
  co_return failure;
}

task<io_result> stream::read_some(asio::mutable_buffer into) {
  if (tls_)
    co_return co_await tls_->async_read_some(into, use_task);
  co_return co_await socket_.async_read_some(into, use_task);
}

task<error_code> stream::write(asio::const_buffer first, asio::const_buffer second) {
  if (!tls_) {
    const std::array<asio::const_buffer, 2> both{first, second};
    const auto [failure, size] = co_await asio::async_write(socket_, both, all_at_once, use_task);
    co_return failure;
  }
  if (second.size() > 0 && first.size() + second.size() <= merge_below) {
    std::vector<char> joined(first.size() + second.size());
    asio::buffer_copy(asio::buffer(joined), std::array<asio::const_buffer, 2>{first, second});
    const auto [failure, size] = co_await asio::async_write(*tls_, asio::buffer(joined), use_task);
    co_return failure;
  }
  const std::array<asio::const_buffer, 2> both{first, second};
  const auto [failure, size] = co_await asio::async_write(*tls_, both, use_task);
  co_return failure;
}

bool stream::stale() {
  error_code failure;
  char byte = 0;
  socket_.non_blocking(true, failure);
  if (failure)
    return true;
  const auto size = socket_.receive(asio::buffer(&byte, 1), tcp_socket::message_peek, failure);
  if (failure == asio::error::would_block)
    return false;
  // With TLS the waiting bytes may be a session ticket: not a fault.
  return failure || size == 0 || !secure();
}

task<void> stream::finish() {
  if (tls_)
    co_await tls_->async_shutdown(use_task);
  error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_send, ignored);
}

void stream::close() noexcept {
  closed_ = true;
  error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_both, ignored);
  socket_.close(ignored);
}

void stream::reset() noexcept {
  closed_ = true;
  error_code ignored;
  socket_.set_option(tcp_socket::linger{true, 0}, ignored);
  socket_.close(ignored);
}

} // namespace feedcast::http::detail
