#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace feedcast::http::testing {

/// A blocking TCP connection, to say on the wire what no HTTP library would. Every read gives up
/// after 10 s.
class raw_socket {
 public:
  explicit raw_socket(int fd);
  raw_socket(raw_socket&& other) noexcept;
  raw_socket& operator=(raw_socket&&) = delete;
  ~raw_socket();

  static raw_socket connect(std::uint16_t port);

  void send(std::string_view bytes);
  /// Each byte in a packet of its own, with time for the peer to read it: nothing tells when it
  /// has.
  void send_bytes_apart(std::string_view bytes);
  /// Reads up to and with `end`, and not a byte more. What came so far if the peer closes first.
  std::string read_until(std::string_view end);

  std::string read_head() { return read_until("\r\n\r\n"); }

  /// Everything up to the end of the connection.
  std::string read_all();
  /// Carries bytes both ways until one side closes.
  void relay(raw_socket& other);
  void close();
  void reset(); ///< closes with RST

  bool open() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

/// Accepts on a free loopback port and runs `script` for each connection, on a thread of its own.
/// `script` also gets the number of the connection, from 0.
class raw_server {
 public:
  using script = std::function<void(raw_socket&, int)>;

  explicit raw_server(script s);
  ~raw_server();
  raw_server(const raw_server&) = delete;
  raw_server& operator=(const raw_server&) = delete;

  std::uint16_t port() const noexcept { return port_; }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  int accepted() const noexcept { return accepted_; }

 private:
  void accept_all();

  script script_;
  int fd_;
  std::uint16_t port_ = 0;
  std::atomic<int> accepted_{0};
  std::thread acceptor_;
  std::vector<std::thread>
      workers_; ///< touched by the acceptor, and by the destructor after it ended
};

} // namespace feedcast::http::testing
