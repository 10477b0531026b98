#pragma once

#include "core/result.hpp"
#include "http/message.hpp"
#include "http/streaming_client.hpp"

namespace feedcast::couchdb {

/// How requests get to one server, and answers back. Thread-safe; nothing blocks; answers come on
/// its own threads, never after destruction. Any status is an answer.
class wire {
 public:
  virtual ~wire() = default;

  virtual void send(http::request r, milliseconds deadline, callback<http::response> done) = 0;
  /// The same for an answer without end: its head has come within `deadline`.
  virtual void open(http::request r, milliseconds deadline,
                    callback<http::body_stream_ptr> done) = 0;
};

} // namespace feedcast::couchdb
