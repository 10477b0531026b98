#include "http/detail/connector.hpp"

#include "http/detail/request_text.hpp"
#include "http/detail/response_reader.hpp"
#include "http/detail/watchdog.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace feedcast::http::detail {

namespace {

using endpoints = std::vector<tcp::endpoint>;
using clock = std::chrono::steady_clock;

error failed(std::string what) {
  return make_error(errc::unavailable, std::move(what));
}

/// One look-up. Shared with the resolver's handler, which may come long after nobody waits any
/// more: getaddrinfo can't be interrupted.
struct lookup {
  explicit lookup(const executor& ex) : resolver(ex), done(ex) {}

  tcp_resolver resolver;
  steady_timer done; ///< cancelled when the answer is there
  bool answered = false;
  error_code failure;
  endpoints found;
};

task<result<endpoints>> resolve(std::string host, std::uint16_t port, steady_time deadline) {
  // Ourselves, whatever a hosts file or a name server says (RFC 6761), for it is trusted as such.
  if (host == "localhost")
    co_return endpoints{{asio::ip::address_v4::loopback(), port},
                        {asio::ip::address_v6::loopback(), port}};
  error_code not_numeric;
  const auto address = asio::ip::make_address(host, not_numeric);
  if (!not_numeric)
    co_return endpoints{{address, port}};

  const executor ex = co_await asio::this_coro::executor;
  const auto query = std::make_shared<lookup>(ex);
  query->done.expires_at(deadline);
  query->resolver.async_resolve(
      host, std::to_string(port), tcp_resolver::numeric_service,
      [query](const error_code& failure, const tcp_resolver::results_type& results) {
        query->answered = true;
        query->failure = failure;
        for (const auto& entry : results)
          query->found.push_back(entry.endpoint());
        query->done.cancel();
      });
  co_await query->done.async_wait(use_task);
  if (!query->answered)
    co_return failed("resolving \"" + host + "\": no answer in time");
  if (query->failure || query->found.empty())
    co_return failed("resolving \"" + host + "\": " + query->failure.message());
  co_return std::move(query->found);
}

task<result<void>> connect_any(stream& s, endpoints addresses, steady_time deadline) {
  auto& socket = s.socket();
  std::string tried;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // Somebody lost patience while the name was looked up or the last address was tried.
    if (s.closed())
      co_return failed("connecting: given up");
    const auto& address = addresses[i];
    error_code failure;
    socket.close(failure);
    socket.open(address.protocol(), failure);
    if (!failure) {
      socket.set_option(tcp::no_delay{true}, failure);
      const auto left = std::chrono::duration_cast<milliseconds>(deadline - clock::now());
      watchdog limit{socket.get_executor(), [&socket] {
                       error_code ignored;
                       socket.close(ignored);
                     }};
      limit.set(left / static_cast<int>(addresses.size() - i));
      std::tie(failure) = co_await socket.async_connect(address, use_task);
      if (!failure)
        co_return result<void>{};
      if (limit.barked())
        failure = asio::error::timed_out;
    }
    tried += (tried.empty() ? "" : "; ") + address.address().to_string() + " port "
             + std::to_string(address.port()) + ": " + failure.message();
  }
  co_return failed("connecting to " + tried);
}

task<result<void>> open_tunnel(stream& s, const origin& server, const proxy_route& route) {
  const auto head = write_connect(server, route);
  if (const auto failure = co_await s.write(asio::buffer(head)))
    co_return failed("asking for a tunnel: " + failure.message());
  boost::beast::flat_buffer input;
  bool silent = false;
  const auto answer = co_await read_response(s, input, {read_size, 0}, true, &silent);
  if (!answer)
    co_return failed("asking for a tunnel: " + answer.error().detail);
  const auto status = answer->message.status;
  if (status / 100 != 2)
    co_return failed(
        "it refused the tunnel with status " + std::to_string(status)
        + (status == 407 ? " (it wants user and password: http://user:password@host:port)" : ""));
  co_return result<void>{};
}

/// From a TCP connection to one that carries requests.
task<result<void>> secure(stream& s, const connect_plan& plan) {
  if (plan.proxy) {
    if (const auto open = co_await open_tunnel(s, plan.server, *plan.proxy); !open)
      co_return open.error();
  }
  co_return co_await s.handshake_as_client(*plan.tls, plan.server.host);
}

task<result<void>> run_steps(stream& s, const connect_plan& plan, steady_time deadline) {
  const auto& first = plan.proxy ? plan.proxy->proxy : plan.server;
  auto addresses = co_await resolve(first.host, first.port, deadline);
  if (!addresses)
    co_return addresses.error();
  const auto connected = co_await connect_any(s, std::move(*addresses), deadline);
  if (!connected)
    co_return connected.error();
  if (!plan.tls)
    co_return result<void>{};

  watchdog limit{s.socket().get_executor(), [&s] { s.close(); }};
  limit.set(deadline);
  const auto secured = co_await secure(s, plan);
  if (!secured && limit.barked())
    co_return failed("TLS: no answer within " + std::to_string(plan.timeout.count()) + " ms");
  co_return secured;
}

} // namespace

task<result<void>> connect(stream& s, const connect_plan& plan) {
  const auto done = co_await run_steps(s, plan, from_now(plan.timeout));
  if (!done && plan.proxy)
    co_return failed("by proxy " + plan.proxy->proxy.to_string() + ": " + done.error().detail);
  co_return done;
}

} // namespace feedcast::http::detail
