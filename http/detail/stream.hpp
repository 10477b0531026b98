#pragma once

#include "core/result.hpp"
#include "http/detail/net.hpp"
#include "http/detail/tls.hpp"

#include <boost/asio/ssl/stream.hpp>

#include <optional>
#include <string>

namespace feedcast::http::detail {

/// One TCP connection, plain or TLS. Everything above it is compiled once for both.
/// Used on the thread of its executor; a caller keeps it alive while an operation runs.
class stream {
 public:
  explicit stream(const executor& ex) : socket_(ex) {}

  explicit stream(tcp_socket socket) : socket_(std::move(socket)) {}

  tcp_socket& socket() noexcept { return socket_; }

  bool secure() const noexcept { return tls_.has_value(); }

  /// Checks the certificate of the peer against `host`. `unavailable` with the reason. `context`
  /// must outlive this.
  task<result<void>> handshake_as_client(tls_context& context, std::string host);
  task<error_code> handshake_as_server(tls_context& context);

  /// `eof` when the peer ended the connection properly; with TLS that takes a close_notify,
  /// otherwise it is `ssl::error::stream_truncated`.
  task<io_result> read_some(asio::mutable_buffer into);
  /// Writes both in one system call if it can.
  task<error_code> write(asio::const_buffer first, asio::const_buffer second = {});

  /// True if a connection that nobody uses was closed by the peer, or if it sent something unasked.
  bool stale();
  /// Tells the peer that nothing more is sent. Over TLS it waits for the peer to say the same.
  task<void> finish();
  /// Running operations end with `operation_aborted`. The stream is not used again.
  void close() noexcept;

  bool closed() const noexcept { return closed_; }

  /// Closes with RST: the peer sees "connection reset".
  void reset() noexcept;

 private:
  tcp_socket socket_;
  std::optional<asio::ssl::stream<tcp_socket&>> tls_;
  bool closed_ = false;
  std::string refusal_; ///< why the peer's certificate was not accepted
};

} // namespace feedcast::http::detail
