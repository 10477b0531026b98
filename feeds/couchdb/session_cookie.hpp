#pragma once

#include "http/message.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace feedcast::couchdb {

/// A session as an answer gives it.
struct granted_session {
  std::string cookie;        ///< "AuthSession=...", a secret
  std::chrono::seconds life; ///< more than zero; 600 s where the server does not tell
};

/// What the Set-Cookie fields of an answer give; nullopt if that is no session.
std::optional<granted_session> session_in(const http::header_list& head);

} // namespace feedcast::couchdb
