#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "http/message.hpp"
#include "settings/service_config.hpp"

#include <functional>
#include <memory>
#include <string>

namespace feedcast::couchdb {

enum class login_kind : std::uint8_t {
  none,   ///< a server that asks nobody who he is
  basic,  ///< name and password with each request
  cookie, ///< a session, opened with them, renewed ahead of its end
  bearer, ///< a token (JWT) that somebody else issues
};

struct login_options {
  login_kind kind = login_kind::none;
  std::string user;
  settings::secret password; ///< or the token
  /// Asked before each try with a password or token, for the one that is right by now; empty = the
  /// one above stays.
  std::function<settings::secret()> reload{};
};

} // namespace feedcast::couchdb
