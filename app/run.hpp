#pragma once

#include "app/configuration.hpp"

namespace feedcast::app {

/// `feedcast run`: the service, until SIGTERM or SIGINT. Returns the exit code.
int run(const configuration_options& options);

} // namespace feedcast::app
