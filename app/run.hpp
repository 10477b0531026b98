#pragma once

#include "app/configuration.hpp"

namespace feedcast::app {

/// `feedcast run`: the service, until SIGTERM or SIGINT. Returns the exit code. Not `debuggable`:
/// no debugger, no core dump (see dumps.hpp).
int run(const configuration_options& options, bool debuggable);

} // namespace feedcast::app
