#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "feeds/couchdb/login.hpp"
#include "http/client.hpp"
#include "http/streaming_client.hpp"

#include <memory>
#include <optional>
#include <string>

namespace feedcast::couchdb {

struct server_options {
  std::string name;     ///< as configured, for texts and logs
  std::string endpoint; ///< "https://couch.example:6984/", without a path
  login_options login;
};

/// One server, or the address of a cluster, for all who use it: signs in, and names errors.
/// Wrong passwords are tried twice and then not again for longer than the server counts them
/// (five within 300 s lock the user out), unless another password is configured meanwhile.
/// Thread-safe; nothing blocks. Answers come on the transport's threads, never after destruction.
class server : public std::enable_shared_from_this<server> {
 public:
  /// `rejected` if the endpoint can't be used: plain http other than loopback, bad URL, a path.
  /// `io` and `clock` outlive the server.
  static result<std::shared_ptr<server>> open(server_options options, http::runtime& io,
                                              http::client_options http,
                                              const clock_source& clock = system_clock_source());
  virtual ~server() = default;

  /// Sends it, signed in. Only successes (2xx) are responses here; all else is an error with its
  /// meaning, see errors.hpp.
  virtual void send(http::request r, milliseconds deadline, callback<http::response> done) = 0;

  /// The same for an answer without end: its head has come within `deadline`.
  virtual void open_stream(http::request r, milliseconds deadline,
                           callback<http::body_stream_ptr> done) = 0;

  /// By how much the server's clock is ahead of this machine's, as of its last answer; whole
  /// seconds are all that it tells.
  virtual milliseconds clock_offset() const noexcept = 0;

  /// For texts and lease ids: "couch.example".
  virtual const std::string& host() const noexcept = 0;
  /// "https://couch.example:6984"
  virtual const std::string& address() const noexcept = 0;
};

} // namespace feedcast::couchdb
