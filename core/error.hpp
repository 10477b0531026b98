#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace feedcast {

/// What went wrong, named after what the caller should do next. The text for people is
/// `error::detail`.
enum class errc : std::uint8_t {
  throttled = 1,  ///< asked to slow down: wait `retry_after`, then try again
  unavailable,    ///< refused, reset, not resolvable, 5xx: try again with backoff
  timeout,        ///< no answer within the deadline: try again with backoff
  malformed,      ///< what came back can't be trusted: ask again, never use half of it
  session_behind, ///< the replica has not caught up with the session: ask again
  gone,           ///< the range was split, merged or moved: read the ranges again
  conflict,       ///< somebody else wrote it first: read it again
  not_found,      ///< it does not exist
  unauthorized,   ///< credentials refused: read them again, keep trying, tell the operator
  forbidden,      ///< a right is missing: keep trying, tell the operator which
  rejected,       ///< the request is wrong; the same request will never succeed
  too_large,      ///< over a size limit: ask for less
  canceled,       ///< given up by our own side (shutdown, close)
  internal,       ///< a broken assumption of ours
};

std::string_view to_string(errc code) noexcept;

/// True if the same request may succeed later without anybody changing anything.
constexpr bool is_transient(errc code) noexcept {
  return code <= errc::session_behind;
}

/// A failure as a value. `detail` says where and what, and how to mend it where that is known; it
/// never holds a document body or a secret.
struct error {
  errc code = errc::internal;
  std::string detail;
  /// Wait the other side asked for; zero if it named none.
  std::chrono::milliseconds retry_after{0};
};

/// "throttled: GET /dbs/... answered 429 (retry after 12 ms)"
std::string to_string(const error& e);

} // namespace feedcast
