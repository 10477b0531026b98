#pragma once

#include "core/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <tuple>

/// The names of Asio that http/ uses, bound to the executor of an io_context: the type-erased
/// default executor costs an indirect call and often an allocation per operation.
namespace feedcast::http::detail {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

using executor = asio::io_context::executor_type;
using tcp_socket = asio::basic_stream_socket<tcp, executor>;
using tcp_acceptor = asio::basic_socket_acceptor<tcp, executor>;
using tcp_resolver = asio::ip::basic_resolver<tcp, executor>;
using steady_timer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, executor>;

template <class T>
using task = asio::awaitable<T, executor>;

/// `auto [failure, n] = co_await x.async_...(..., use_task);` Nothing throws.
inline constexpr auto use_task = asio::as_tuple(asio::use_awaitable_t<executor>{});

/// Longer waits would overflow the clock when they are added to now.
inline constexpr milliseconds longest_wait = std::chrono::hours{24 * 365};

inline steady_time from_now(milliseconds wait) {
  return std::chrono::steady_clock::now() + std::min(wait, longest_wait);
}

/// What reading answers: why it stopped, and how many bytes came.
using io_result = std::tuple<error_code, std::size_t>;

} // namespace feedcast::http::detail
