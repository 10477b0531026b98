#pragma once

#include "http/detail/net.hpp"
#include "http/detail/stream.hpp"
#include "http/detail/watchdog.hpp"
#include "http/server.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <string>

namespace feedcast::http::detail {

/// What reading one request came to.
struct request_outcome {
  bool complete = false;
  server_request message;
  bool keep_alive = false;
  /// If not complete: the status to answer before closing; 0 = the connection is gone, there is
  /// nobody to answer.
  unsigned status = 0;
  std::string reason;
};

/// Reads one request; `input` keeps what was read too much. `limit` is set to the idle timeout
/// while nothing comes (header timeout for the `first` request), and to the header timeout from the
/// first byte on. Answers `Expect: 100-continue`. `peer` of the message is left empty.
task<request_outcome> read_request(stream& from, boost::beast::flat_buffer& input,
                                   const server_options& options, watchdog& limit, bool first);

} // namespace feedcast::http::detail
