#pragma once

#include "core/error.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>

namespace feedcast::couchdb {

/// How long the server remembers a failed login (300 s), and a little more.
inline constexpr std::chrono::seconds lockout{310};

/// What an answer other than 2xx means. `what`: "GET /db/_changes". The reason that the server gives
/// is quoted, a body that is none of its own is not.
/// 400 rejected, 401 unauthorized, 403 forbidden (locked out: unauthorized with `retry_after`), 404
/// not_found, 409 conflict, 412 on creating what is there conflict else unavailable, 413 too_large,
/// 429 throttled, all else unavailable.
error error_of(std::string_view what, unsigned status, const http::header_list& headers,
               std::string_view body);

/// True for the error of a position that the server can't read ("Malformed sequence").
bool is_malformed_position(const error& e) noexcept;

} // namespace feedcast::couchdb
