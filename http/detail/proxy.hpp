#pragma once

#include "core/result.hpp"
#include "http/url.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace feedcast::http::detail {

struct proxy_route {
  origin proxy;
  std::string authorization; ///< value of Proxy-Authorization; empty = none. A secret.
};

/// Reads one variable of the environment; "" if it is not set.
using environment = std::function<std::string(const char*)>;
std::string process_environment(const char* name);

/// The proxy for `server`, or nullopt for a direct connection. `option` as in
/// client_options::proxy. `rejected` if the proxy named is not usable; the text never shows its
/// password.
result<std::optional<proxy_route>> choose_proxy(const origin& server, const std::string& option,
                                                const environment& read);

} // namespace feedcast::http::detail
