#include "raw_socket.hpp"

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace feedcast::http::testing {

namespace {

constexpr int patience_seconds = 10;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

const sockaddr* generic(const sockaddr_in& at) {
  return reinterpret_cast<const sockaddr*>(&at);
}

} // namespace

raw_socket::raw_socket(int fd) : fd_(fd) {
  const timeval patience{patience_seconds, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

raw_socket::raw_socket(raw_socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

raw_socket::~raw_socket() {
  close();
}

raw_socket raw_socket::connect(std::uint16_t port) {
  raw_socket out{::socket(AF_INET, SOCK_STREAM, 0)};
  const auto at = loopback(port);
  if (::connect(out.fd_, generic(at), sizeof at) != 0)
    throw std::runtime_error("can't connect");
  return out;
}

void raw_socket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0)
      return;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

void raw_socket::send_bytes_apart(std::string_view bytes) {
  constexpr int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    send(bytes.substr(i, 1));
  }
}

std::string raw_socket::read_until(std::string_view end) {
  std::string out;
  char byte = 0;
  while (!out.ends_with(end) && ::recv(fd_, &byte, 1, 0) == 1)
    out += byte;
  return out;
}

std::string raw_socket::read_all() {
  std::string out;
  std::array<char, 4096> piece{};
  for (;;) {
    const auto size = ::recv(fd_, piece.data(), piece.size(), 0);
    if (size <= 0)
      return out;
    out.append(piece.data(), static_cast<std::size_t>(size));
  }
}

void raw_socket::relay(raw_socket& other) {
  std::array<char, 4096> piece{};
  std::array<pollfd, 2> both{{{fd_, POLLIN, 0}, {other.fd_, POLLIN, 0}}};
  while (::poll(both.data(), both.size(), patience_seconds * 1000) > 0) {
    for (std::size_t i = 0; i < both.size(); ++i) {
      if (both[i].revents == 0)
        continue;
      const auto size = ::recv(both[i].fd, piece.data(), piece.size(), 0);
      if (size <= 0)
        return;
      (i == 0 ? other : *this).send({piece.data(), static_cast<std::size_t>(size)});
    }
  }
}

void raw_socket::close() {
  if (fd_ >= 0)
    ::close(std::exchange(fd_, -1));
}

void raw_socket::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

raw_server::raw_server(script s) : script_(std::move(s)), fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  auto at = loopback(0);
  socklen_t size = sizeof at;
  if (::bind(fd_, generic(at), sizeof at) != 0 || ::listen(fd_, 64) != 0
      || ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    throw std::runtime_error("can't listen");
  port_ = ntohs(at.sin_port);
  acceptor_ = std::thread{[this] { accept_all(); }};
}

raw_server::~raw_server() {
  ::shutdown(fd_, SHUT_RDWR); // wakes accept()
  acceptor_.join();
  for (auto& worker : workers_)
    worker.join();
  ::close(fd_);
}

void raw_server::accept_all() {
  for (;;) {
    const auto fd = ::accept(fd_, nullptr, nullptr);
    if (fd < 0)
      return;
    workers_.emplace_back([this, fd, number = accepted_++] {
      raw_socket connection{fd};
      script_(connection, number);
    });
  }
}

} // namespace feedcast::http::testing
