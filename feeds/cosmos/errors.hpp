#pragma once

#include "core/error.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>

namespace feedcast::cosmos {

/// True for an answer that is used: 2xx, or 304.
constexpr bool is_success(unsigned status) noexcept {
  return (status >= 200 && status < 300) || status == 304;
}

/// x-ms-substatus, 0 if there is none.
unsigned substatus(const http::response& r) noexcept;

/// What an answer that is no success means. `what` names the request ("GET /dbs/...") at the start
/// of the text; then come status, substatus, how to mend it where that is known, and the first line
/// of the service's own message, shortened and without anything that could be a key or a signature.
error to_error(const http::response& r, std::string_view what);

/// First line of the `message` of a JSON error body, at most 200 bytes, secrets hidden; "" if there
/// is none.
std::string service_message(const http::response& r);

} // namespace feedcast::cosmos
