#pragma once

#include "core/result.hpp"
#include "http/message.hpp"
#include "http/runtime.hpp"
#include "http/url.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace feedcast::http {

struct client_options {
  /// PEM file with trusted roots; empty = SSL_CERT_FILE / SSL_CERT_DIR if set, else the system's.
  /// Verification of chain and host name can't be switched off.
  std::string ca_file;
  /// "http://proxy:3128"; empty = HTTPS_PROXY / HTTP_PROXY / NO_PROXY of the environment (lower
  /// case too), "none" = no proxy at all. https origins are reached by CONNECT.
  std::string proxy;
  std::size_t max_connections = 64;
  std::size_t max_body = std::size_t{32} << 20; ///< `too_large` beyond
  std::size_t max_header = std::size_t{64} << 10;
  milliseconds connect_timeout{10'000};
  milliseconds idle_timeout{60'000}; ///< pooled connections older than this are not used again
};

/// HTTP/1.1 client of one origin with a keep-alive pool.
/// Thread-safe. send() never blocks; the answer comes exactly once on a thread of the runtime,
/// unless the client was destroyed first (then never). Redirects are not followed, no
/// Accept-Encoding is sent. Errors: `timeout` (deadline), `unavailable` (resolve, connect, TLS,
/// reset; the text says which and why), `malformed` (not HTTP, cut short), `too_large`. Any HTTP
/// status is a response, not an error. A request on a pooled connection that was closed before any
/// byte of the answer came is repeated once on a fresh connection if its method is idempotent (GET,
/// HEAD, PUT, DELETE).
class client {
 public:
  client(runtime& io, origin server, client_options options);
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  void send(request r, milliseconds deadline, callback<response> done);
  const origin& server() const noexcept;

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace feedcast::http
