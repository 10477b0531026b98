#pragma once

#include "core/result.hpp"
#include "http/detail/proxy.hpp"
#include "http/message.hpp"
#include "http/url.hpp"

#include <optional>
#include <string>

namespace feedcast::http::detail {

/// "host", "host:8081", "[::1]:8081": the Host field, without the scheme's own port.
std::string host_field(const origin& server);
/// "host:443", "[::1]:443": the target of CONNECT.
std::string authority(const origin& server);

/// The head of a request, up to and with the empty line. Plain http through a proxy takes the
/// absolute form. `rejected` if method, target or a field can't be sent as it is (a line break
/// would smuggle in a field).
result<std::string> write_head(const request& r, const origin& server,
                               const std::optional<proxy_route>& proxy);

/// The head of the CONNECT request that asks `proxy` for a tunnel to `server`.
std::string write_connect(const origin& server, const proxy_route& proxy);

} // namespace feedcast::http::detail
