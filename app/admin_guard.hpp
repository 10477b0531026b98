#pragma once

#include "http/server.hpp"
#include "settings/service_config.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::app {

/// Who may ask the admin server for what. Immutable, thread-safe.
///
/// Every request must call the server by a name it goes by: a web page whose own name suddenly
/// resolves to this machine (DNS rebinding) does not. Every method but GET, HEAD and OPTIONS is a
/// write: it must not come from a page of another origin or from a form, and needs the token.
/// Nothing here knows the routes, so that a new one is guarded before anybody thinks of it.
class admin_guard {
 public:
  explicit admin_guard(const settings::admin_config& config);

  /// Why this request is refused, as the answer to send; nullopt if it may pass.
  std::optional<http::server_response> refuse(const http::server_request& request) const;

 private:
  bool knows_host(std::string_view authority) const;
  std::optional<http::server_response> refuse_host(const http::server_request& request) const;
  std::optional<http::server_response> refuse_write(const http::server_request& request) const;

  settings::secret token_;
  std::vector<std::string> hosts_; ///< lower case
  bool any_host_ = false;
  bool any_address_ = false; ///< an IP address can't be rebound
};

} // namespace feedcast::app
