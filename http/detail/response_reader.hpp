#pragma once

#include "core/result.hpp"
#include "http/detail/net.hpp"
#include "http/detail/stream.hpp"
#include "http/message.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <cstddef>

namespace feedcast::http::detail {

/// How much is asked of the socket at once where the length is not known. 64 KiB and not less:
/// small reads cost more than parsing what they bring.
inline constexpr std::size_t read_size = std::size_t{64} << 10;

struct read_limits {
  std::size_t header;
  std::size_t body;
  bool wipe = false; ///< the body is secret, see request::secret_answer
};

struct received {
  response message;
  bool reusable = false; ///< the connection can carry another request
};

/// Reads one answer. `input` keeps what was read too much. `without_body`: the answer to HEAD or
/// CONNECT. Errors: `unavailable` (closed or reset before the first byte, or reset later),
/// `malformed` (not HTTP, cut short), `too_large`. `*silent` is set to true if not one byte came.
task<result<received>> read_response(stream& from, boost::beast::flat_buffer& input,
                                     read_limits limits, bool without_body, bool* silent);

} // namespace feedcast::http::detail
