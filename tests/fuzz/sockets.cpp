#include "tests/fuzz/sockets.hpp"

#include "tests/fuzz/fuzz.hpp"

#include <boost/asio/co_spawn.hpp>

#include <array>
#include <cerrno>
#include <exception>
#include <random>
#include <sys/socket.h>
#include <unistd.h>

namespace feedcast::fuzz {

namespace {

constexpr std::size_t most_single_bytes = 256;
constexpr std::size_t longest_piece = 97;

pieces drawn_pieces(std::string_view bytes) {
  std::uint32_t seed = 2166136261U; // the same input is cut the same way again
  for (const auto c : bytes)
    seed = (seed ^ static_cast<unsigned char>(c)) * 16777619U;
  std::minstd_rand draw{seed};
  pieces out;
  while (!bytes.empty()) {
    out.push_back(bytes.substr(0, 1 + draw() % longest_piece));
    bytes.remove_prefix(out.back().size());
  }
  return out;
}

pieces single_bytes(std::string_view bytes) {
  pieces out;
  while (!bytes.empty() && out.size() < most_single_bytes) {
    out.push_back(bytes.substr(0, 1));
    bytes.remove_prefix(1);
  }
  out.push_back(bytes);
  return out;
}

} // namespace

std::vector<pieces> ways_to_arrive(std::string_view bytes) {
  return {{bytes}, drawn_pieces(bytes), single_bytes(bytes)};
}

void arrive(const pieces& bytes, const conversation& reader) {
  namespace asio = boost::asio;
  static asio::io_context io{1};
  io.restart();
  std::array<int, 2> ends{};
  expect(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0,
         "there are sockets");
  bool done = false;
  {
    http::detail::tcp_socket socket{io.get_executor()};
    socket.assign(http::detail::tcp::v4(), ends[0]);
    http::detail::stream from{std::move(socket)};
    const auto ex = io.get_executor();
    asio::co_spawn(ex, reader(from, ex), [&](const std::exception_ptr& failure) {
      expect(!failure, "no exception leaves the reader");
      done = true;
    });
    io.poll();
    for (auto piece : bytes)
      while (!done && !piece.empty()) {
        const auto sent = ::send(ends[1], piece.data(), piece.size(), MSG_NOSIGNAL);
        expect(sent > 0 || errno == EAGAIN, "the connection takes bytes");
        piece.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
        io.poll();
      }
    ::shutdown(ends[1], SHUT_WR);
    for (int patience = 0; !done && patience < 1'000; ++patience)
      io.poll();
    expect(done, "the reader ends with the connection");
  }
  ::close(ends[1]);
}

} // namespace feedcast::fuzz
