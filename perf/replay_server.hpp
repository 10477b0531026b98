#pragma once

#include "http/detail/net.hpp"
#include "http/detail/stream.hpp"
#include "http/detail/tls.hpp"

#include <cstdint>
#include <string>
#include <thread>

namespace feedcast::perf {

/// Answers whatever it is asked with the same bytes: what a server with nothing to do could serve.
/// On loopback, with one thread of its own, which the destructor ends.
class replay_server {
 public:
  explicit replay_server(std::string answer, bool tls);
  ~replay_server();
  replay_server(const replay_server&) = delete;
  replay_server& operator=(const replay_server&) = delete;

  std::uint16_t port() const;

  const std::string& certificate_pem() const noexcept { return tls_.certificate; }

 private:
  http::detail::task<void> accept();
  http::detail::task<void> serve(http::detail::tcp_socket socket);

  const std::string answer_;
  http::detail::server_tls tls_;
  boost::asio::io_context io_{1};
  http::detail::tcp_acceptor acceptor_;
  std::thread thread_;
};

} // namespace feedcast::perf
