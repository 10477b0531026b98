#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "http/detail/net.hpp"
#include "http/detail/proxy.hpp"
#include "http/detail/stream.hpp"
#include "http/url.hpp"

#include <memory>
#include <optional>

namespace feedcast::http::detail {

/// How to reach a server; the same for all connections of a client.
struct connect_plan {
  origin server;
  std::optional<proxy_route> proxy;
  std::shared_ptr<tls_context> tls; ///< null for plain http
  milliseconds timeout{10'000};     ///< for all steps together
};

/// Resolves the name anew (addresses move), connects, asks the proxy for a tunnel, shakes hands.
/// All addresses are tried in turn, each with its share of the time. `unavailable` with the step
/// and the reason. `s` and `plan` must outlive the task.
task<result<void>> connect(stream& s, const connect_plan& plan);

} // namespace feedcast::http::detail
