#pragma once

#include "app/platform.hpp"
#include "core/result.hpp"
#include "http/server.hpp"
#include "settings/service_config.hpp"

#include <functional>
#include <memory>
#include <string>

namespace feedcast::app {

/// What the admin server can have done. Called on I/O threads; must not block and must outlive the
/// server.
struct admin_commands {
  /// Starts a target's actors anew; false if there is no such target.
  std::function<bool(const std::string&)> restart_target;
};

/// What the admin server answers, without the server. Read: /metrics /livez /readyz /healthz /ping
/// /version /api/v1/status. Written to, with the token: POST /api/v1/targets/{name}/restart. Who
/// may is admin_guard's business.
http::handler admin_handler(platform& shared, const settings::admin_config& config,
                            admin_commands commands);

/// Serves it at `config.listen`. `unavailable` or `rejected` as http::server::start.
result<std::unique_ptr<http::server>>
start_admin(platform& shared, const settings::admin_config& config, admin_commands commands);

/// The body of /api/v1/status.
std::string render_status(const metrics::health_snapshot& now, steady_time at);

} // namespace feedcast::app
