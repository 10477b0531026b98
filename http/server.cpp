#include "http/server.hpp"

#include "http/detail/runtime_impl.hpp"
#include "http/detail/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>

#include <charconv>

namespace feedcast::http {

namespace {

using namespace detail;

/// How long accepting rests after it failed (no file descriptor left, most likely).
constexpr milliseconds accept_rest{50};

result<tcp::endpoint> parse_listen(const std::string& text) {
  const auto wrong = [&](const char* what) {
    return make_error(errc::rejected, "listen \"" + text + "\": " + what
                                          + "; write it as 127.0.0.1:8080 or [::1]:8080");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos)
    return wrong("there is no port");
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data() + colon + 1, end, port);
  if (failure != std::errc{} || stop != end)
    return wrong("the port is not a number from 0 to 65535");
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string::npos)
    return wrong("an IPv6 address needs brackets");
  if (host == "localhost")
    host = "127.0.0.1";
  error_code bad;
  const auto address = asio::ip::make_address(host, bad);
  if (bad)
    return wrong("the host is not an IP address");
  return tcp::endpoint{address, port};
}

result<void> listen_on(tcp_acceptor& acceptor, const tcp::endpoint& at, const std::string& text) {
  error_code failure;
  acceptor.open(at.protocol(), failure);
  if (!failure)
    acceptor.set_option(tcp_acceptor::reuse_address{true}, failure);
  if (!failure)
    acceptor.bind(at, failure);
  if (!failure)
    acceptor.listen(asio::socket_base::max_listen_connections, failure);
  if (failure)
    return make_error(errc::unavailable, "can't listen on " + text + ": " + failure.message());
  return {};
}

} // namespace

struct server::impl : std::enable_shared_from_this<impl> {
  impl(runtime& r, server_options options, handler on_request)
      : io(r), acceptor(io.get().next()), core(std::make_shared<server_core>()) {
    core->options = std::move(options);
    core->on_request = std::move(on_request);
  }

  task<void> accept();

  runtime& io;
  tcp_acceptor acceptor;
  std::shared_ptr<server_core> core;
  tcp::endpoint bound;
};

task<void> server::impl::accept() {
  while (acceptor.is_open()) {
    // Each connection lives on a thread of its own choice.
    auto [failure, socket] = co_await acceptor.async_accept(io.get().next(), use_task);
    if (!failure) {
      const auto s = std::make_shared<session>(std::move(socket), core);
      if (core->admit(s))
        s->start();
      continue;
    }
    if (!acceptor.is_open())
      break;
    steady_timer rest{acceptor.get_executor(), accept_rest};
    co_await rest.async_wait(use_task);
  }
}

result<std::unique_ptr<server>> server::start(runtime& io, server_options options,
                                              handler on_request) {
  const auto at = parse_listen(options.listen);
  if (!at)
    return at.error();
  auto made = std::make_shared<impl>(io, std::move(options), std::move(on_request));
  auto& core = *made->core;
  if (core.options.tls) {
    auto tls = make_server_tls(core.options.certificate_file, core.options.key_file);
    if (!tls)
      return tls.error();
    core.tls = std::move(*tls);
  }
  if (const auto ready = listen_on(made->acceptor, *at, core.options.listen); !ready)
    return ready.error();
  made->bound = made->acceptor.local_endpoint();
  asio::co_spawn(
      made->acceptor.get_executor(), [made] { return made->accept(); }, asio::detached);
  return std::unique_ptr<server>{new server{std::move(made)}};
}

server::server(std::shared_ptr<impl> p) : impl_(std::move(p)) {}

server::~server() {
  impl_->core->gate.close();
  asio::post(impl_->acceptor.get_executor(), [me = impl_] {
    error_code ignored;
    me->acceptor.close(ignored);
  });
  impl_->core->close_all();
}

std::uint16_t server::port() const noexcept {
  return impl_->bound.port();
}

std::string server::url() const {
  const auto address = impl_->bound.address();
  const auto* scheme = impl_->core->options.tls ? "https://" : "http://";
  auto host = address.to_string();
  if (address.is_v6())
    host = address.is_unspecified() ? "[::1]" : "[" + host + "]";
  else if (address.is_unspecified())
    host = "127.0.0.1";
  return scheme + host + ":" + std::to_string(port());
}

const std::string& server::certificate_pem() const noexcept {
  return impl_->core->tls.certificate;
}

} // namespace feedcast::http
