#pragma once

#include "app/platform.hpp"
#include "core/result.hpp"
#include "http/server.hpp"

#include <memory>
#include <string>

namespace feedcast::app {

/// The admin endpoints, all of them read-only: /metrics /livez /readyz /healthz /ping /version
/// /api/v1/status. `unavailable` or `rejected` as http::server::start.
result<std::unique_ptr<http::server>> start_admin(platform& shared, const std::string& listen);

/// The body of /api/v1/status.
std::string render_status(const metrics::health_snapshot& now, steady_time at);

} // namespace feedcast::app
