#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace feedcast::http {

/// scheme://host:port of a server. IPv6 hosts are stored without brackets.
struct origin {
  std::string scheme; ///< "http" or "https"
  std::string host;   ///< lower case
  std::uint16_t port = 0;

  bool secure() const noexcept { return scheme == "https"; }

  bool loopback() const noexcept; ///< localhost, 127.0.0.0/8, ::1
  std::string to_string() const;  ///< "https://host:port", brackets around IPv6
  bool operator==(const origin&) const = default;
};

/// Reads "https://acct.documents.azure.com:443/". The port defaults by scheme. `rejected` with what
/// is wrong: no scheme, unknown scheme, user info, a path other than "/", a query, a bad port.
result<origin> parse_origin(std::string_view text);

} // namespace feedcast::http
