#pragma once

#include "http/detail/call_gate.hpp"
#include "http/detail/net.hpp"
#include "http/detail/request_reader.hpp"
#include "http/detail/stream.hpp"
#include "http/detail/tls.hpp"
#include "http/detail/watchdog.hpp"
#include "http/server.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace feedcast::http::detail {

class session;

/// What all connections of one server share. Thread-safe.
struct server_core {
  server_options options;
  handler on_request;
  server_tls tls; ///< no context for plain http
  call_gate gate; ///< around on_request

  /// Makes room by closing the connection that has waited for its client the longest, so that those
  /// who only hold connections open can't keep others out. False if none waits or the server is
  /// closed.
  bool admit(const std::shared_ptr<session>& s);
  void forget(const session* s);
  /// Closes all connections and admits no more.
  void close_all();

 private:
  bool make_room(std::vector<std::shared_ptr<session>>& seen);

  std::mutex mutex_;
  bool closed_ = false;
  std::unordered_map<const session*, std::weak_ptr<session>> sessions_;
};

/// One connection of a server, from accept to close. Lives on one thread of the runtime; owned by
/// its own coroutine.
class session : public std::enable_shared_from_this<session> {
 public:
  session(tcp_socket socket, std::shared_ptr<server_core> core);
  ~session();

  /// Thread-safe.
  void start();
  void close();
  void deliver(server_response answer); ///< of the request being handled

  /// Since when it has waited for its client to send a request or to take an answer; max() while a
  /// request is being handled.
  steady_time waiting_since() const noexcept { return waiting_since_; }

 private:
  task<void> run();
  task<bool> serve_one(bool first);
  task<void> refuse(const request_outcome& bad);
  void ask(server_request r);
  task<error_code> write_slowly(const server_response& answer, std::string_view bytes);
  task<bool> write(const server_response& answer, bool is_head, bool keep_alive);
  task<void> say_goodbye();
  void close_now();

  stream io_;
  std::shared_ptr<server_core> core_;
  boost::beast::flat_buffer input_;
  watchdog limit_;
  steady_timer wake_; ///< cancelled when the answer is there
  std::optional<server_response> answer_;
  std::string peer_;
  std::atomic<steady_time> waiting_since_{std::chrono::steady_clock::now()};
};

} // namespace feedcast::http::detail
