#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace feedcast::testing {

struct tls_server_options {
  std::string chain;   ///< PEM: its own certificate, then those above it
  std::string key;     ///< PEM
  int oldest = 0x0303; ///< protocol versions as OpenSSL numbers them: TLS 1.0 is 0x0301
  int newest = 0x0304;
  const char* ciphers = "ALL:@SECLEVEL=0"; ///< of TLS 1.2 and older
  /// What it answers, head and all; by default 200.
  std::string answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
};

/// A TLS server that would do what no sane one does, and answers every request the same, once a
/// connection. To a client that takes it for a proxy it is also the server behind it, so that it
/// can go by any name. One connection at a time; the destructor ends it.
class tls_server {
 public:
  explicit tls_server(const tls_server_options& options);
  ~tls_server();
  tls_server(const tls_server&) = delete;
  tls_server& operator=(const tls_server&) = delete;

  std::uint16_t port() const noexcept { return port_; }

  int connections() const noexcept { return connections_; }

  /// Connections on which anything of a request came through the TLS.
  int requests() const noexcept { return requests_; }

  /// Where those went who took it for a proxy: "host:port".
  std::set<std::string> tunnels() const {
    const std::lock_guard lock{mutex_};
    return tunnels_;
  }

 private:
  void serve();
  void talk(int fd);
  void be_the_proxy(int fd);

  const std::string answer_;
  mutable std::mutex mutex_; ///< guards tunnels_
  std::set<std::string> tunnels_;
  struct context;
  std::unique_ptr<context> context_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<int> requests_{0};
  std::thread thread_;
};

} // namespace feedcast::testing
