#pragma once

#include "core/clock.hpp"

#include <string>

namespace feedcast {

/// Names one life of an instance: milliseconds since 1970, "-", eight random hexadecimal digits. A
/// later life has the greater text.
std::string make_boot_nonce(wall_time now);

} // namespace feedcast
