#pragma once

#include "http/router.hpp"

namespace feedcast::emulator {

/// Routes to what the service has and the emulator has not: 400 that names it, whoever asks.
void add_unsupported(http::router& to);

} // namespace feedcast::emulator
