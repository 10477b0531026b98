#pragma once

#include "core/result.hpp"
#include "http/client.hpp"
#include "http/message.hpp"
#include "http/runtime.hpp"
#include "http/url.hpp"

#include <memory>
#include <string_view>

namespace feedcast::http {

/// The body of one answer, taken piece by piece as it comes. Nothing is read from the connection
/// but what was asked for, and one read ahead: a reader that stops asking stops the sender.
/// Thread-safe; at most one read at a time. Answers come on a thread of the runtime, never after
/// destruction, which closes the connection.
class body_stream {
 public:
  virtual ~body_stream() = default;

  virtual unsigned status() const noexcept = 0;
  virtual const header_list& headers() const noexcept = 0;

  /// The next bytes of the body, at least one; they live until the next read. Empty: the body is
  /// complete, and every later read says so again. `timeout` if nothing came within `wait`: the
  /// stream is as good as before. All else ends it, and is answered again by every later read:
  /// `unavailable` (reset), `malformed` (cut short, or what no chunked body may hold, such as
  /// another answer).
  virtual void read(milliseconds wait, callback<std::string_view> done) = 0;
};

using body_stream_ptr = std::shared_ptr<body_stream>;

/// HTTP/1.1 client for answers of any length, each on a connection of its own. Options as of
/// http::client, but for `max_connections`, `max_body` and `idle_timeout`, which have no meaning
/// here.
class streaming_client {
 public:
  /// `io` outlives this object and its streams.
  streaming_client(runtime& io, origin server, client_options options);
  ~streaming_client();
  streaming_client(const streaming_client&) = delete;
  streaming_client& operator=(const streaming_client&) = delete;

  /// Answers once the head of the answer is there, which must be within `deadline` from now on.
  /// Errors as http::client. Whatever the status, the body is to be read.
  void open(request r, milliseconds deadline, callback<body_stream_ptr> done);

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace feedcast::http
