#pragma once

#include "core/error.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>

namespace feedcast::couchdb {

/// How long the server remembers a failed login (300 s), and a little more.
inline constexpr std::chrono::seconds lockout{310};

/// What an answer other than 2xx means. `what`: "GET /db/_changes". The reason that the server
/// gives is quoted, a body that is none of its own is not. 400 rejected, 401 unauthorized, 403
/// forbidden (locked out: unauthorized with `retry_after`), 404 not_found, 409 conflict, 412 on
/// creating what is there conflict else unavailable, 413 too_large, 429 throttled, all else
/// unavailable.
error error_of(std::string_view what, unsigned status, const http::header_list& headers,
               std::string_view body);

/// What the body of an error says: {"error":WORD,"reason":TEXT}; empty where it is none of those.
struct service_words {
  std::string word;
  std::string reason;
};

service_words words_of(std::string_view body);

/// The user is locked out of the server for as long as it remembers wrong passwords.
bool is_lockout(unsigned status, std::string_view reason) noexcept;
/// A right that only admins have is missing, which the server calls unauthorized, too.
bool is_missing_right(unsigned status, std::string_view reason) noexcept;
/// A token that was refused as a bad request: only an expired one is a 401.
bool is_token_refusal(unsigned status, std::string_view reason) noexcept;
/// A session that is no longer good, or a cookie that the server can't read.
bool is_session_refusal(unsigned status, std::string_view reason) noexcept;

/// True for the error of a request to a database that is not there, not of a document.
bool is_missing_database(const error& e) noexcept;

/// True for the error of a position that the server can't read ("Malformed sequence").
bool is_malformed_position(const error& e) noexcept;

} // namespace feedcast::couchdb
