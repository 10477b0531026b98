#pragma once

#include "tests/couchdb/replay_answer.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace feedcast::test {

/// A request as the server got it.
struct heard_request {
  std::string method;
  std::string path;                           ///< as sent, without its query: "/whisks/_changes"
  std::map<std::string, std::string> query;   ///< as sent, not decoded
  std::map<std::string, std::string> headers; ///< names in lower case
  std::string body;
  std::size_t connection = 0; ///< the how-manieth since the server began, from 1

  std::string header(const std::string& name) const;
  std::string parameter(const std::string& name) const;
};

/// Which requests a rule is for: its method and path (empty: any), and these parameters ("*": any
/// value, "": only if it is not there).
struct request_shape {
  std::string method;
  std::string path;
  std::map<std::string, std::string> query{};

  bool fits(const heard_request& r) const;
};

/// A CouchDB made of recorded bytes, on a loopback port of its own. What it says to which requests
/// is told by rules, of which the first one counts that fits: of those that have an answer for one
/// request left, else of all. A request that none fits is answered 500, and the destructor fails
/// the test.
/// Thread-safe; runs on a thread of its own. All waiting is for a condition, up to `patience`.
class replay_server {
 public:
  replay_server();
  ~replay_server();
  replay_server(const replay_server&) = delete;
  replay_server& operator=(const replay_server&) = delete;

  /// "http://127.0.0.1:PORT"
  std::string url() const;

  /// For the next such request. Answers of equal shapes are used one after the other.
  void once(request_shape shape, replay answer);
  /// For every such request from now on.
  void always(request_shape shape, replay answer);
  /// The same, made for each of them on the server's thread.
  void always(request_shape shape, std::function<replay(const heard_request&)> answer);
  /// Takes back what was said of this shape.
  void forget(const request_shape& shape);

  /// Nobody listens any more, and all connections are reset, as if the process was killed.
  void go_down();
  /// On the same port again.
  void come_up();

  /// Answers without end are asked for more, see replay::going_on().
  void poke();

  /// One answer that stalls goes on; also one that has yet to stall.
  void go_on();

  /// So many answers are where they wait for go_on(). False if not in time.
  bool await_stalled(std::size_t answers = 1) const;
  /// So many requests of this shape came.
  bool await_requests(const request_shape& shape, std::size_t count) const;
  /// So many connections are open.
  bool await_connections(std::size_t open) const;
  /// The answer that is being given can't go on, for the client takes no more; nothing moved for
  /// `quiet`.
  bool await_full(std::chrono::milliseconds quiet = std::chrono::milliseconds{300}) const;

  /// So many bytes of answers were taken, see written().
  bool await_written(std::size_t bytes) const;

  std::vector<heard_request> requests() const;
  std::vector<heard_request> requests(const request_shape& shape) const;
  /// Those that no rule was for.
  std::vector<heard_request> unexpected() const;
  /// For tests that expect them.
  void forgive_unexpected();

  /// Bytes of all answers that the system has taken from the server: what the client read, and
  /// what the sockets of both hold.
  std::size_t written() const;
  /// Of them, what the client's system has acknowledged.
  std::size_t delivered() const;
  std::size_t connections_so_far() const;

  static constexpr std::chrono::seconds patience{20};

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace feedcast::test
