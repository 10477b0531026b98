#pragma once

#include "core/result.hpp"
#include "http/message.hpp"
#include "http/runtime.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace feedcast::http {

struct server_options {
  std::string listen = "127.0.0.1:0"; ///< host:port, [v6]:port; port 0 = any free one
  bool tls = false;
  std::string certificate_file; ///< PEM; empty with tls = a self-signed one is made at start
  std::string key_file;         ///< PEM
  std::size_t max_body = std::size_t{4} << 20;    ///< 413 beyond
  std::size_t max_header = std::size_t{32} << 10; ///< 431 beyond
  /// Beyond, the one that has waited for its client the longest is closed; if every one has a
  /// request being handled, the new one is.
  std::size_t max_connections = 1024;
  milliseconds header_timeout{10'000};  ///< for a whole request to arrive (slow-loris)
  milliseconds idle_timeout{120'000};   ///< between requests of a kept-alive connection
  std::string server_name = "feedcast"; ///< "Server" header; empty = none
};

/// What a handler answers. `body` pieces are written one after the other without being copied.
struct server_response {
  unsigned status = 200;
  header_list headers; ///< Content-Length and Date are set by the server
  std::string body;
  std::shared_ptr<const std::string> shared_body; ///< sent instead of `body` when set
  /// For fault injection: bytes of the serialized response (head included) to send before the
  /// connection is cut off. SIZE_MAX = send all.
  std::size_t cut_after = SIZE_MAX;
  bool reset = false;    ///< cut with RST instead of FIN
  milliseconds delay{0}; ///< wait before the first byte
  /// Sent in pieces of this many bytes with `pause` between them; 0 = as fast as it goes.
  std::size_t drip = 0;
  milliseconds pause{0};
  /// Told as Content-Length instead of the true one. The connection ends after such an answer.
  std::optional<std::size_t> told_length;
};

struct server_request {
  request message;
  std::string path;  ///< target without query, still percent-encoded
  std::string query; ///< without '?'
  std::string peer;  ///< address:port
};

/// Called on a runtime thread; answers exactly once, at any time, from any thread. Only the first
/// answer counts. If the handler throws, or all copies of its responder go away unused, the client
/// gets a 500.
using responder = std::function<void(server_response)>;
using handler = std::function<void(server_request, responder)>;

/// HTTP/1.1 server. Thread-safe. The destructor stops accepting and closes all connections; it
/// waits for calls of the handler that run at that moment (unless it is called from one) and for
/// nothing else. A responder called after that does nothing.
class server {
 public:
  /// Binds and starts. `unavailable` if the address is taken or not ours (says which), `rejected`
  /// for bad options.
  static result<std::unique_ptr<server>> start(runtime& io, server_options options,
                                               handler on_request);
  ~server();

  std::uint16_t port() const noexcept;
  std::string url() const; ///< "http://127.0.0.1:8081"
  const std::string&
  certificate_pem() const noexcept; ///< the server's own certificate; empty without TLS

 private:
  struct impl;
  explicit server(std::shared_ptr<impl> p);
  std::shared_ptr<impl> impl_;
};

} // namespace feedcast::http
