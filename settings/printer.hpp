#pragma once

#include "settings/loader.hpp"

#include <string>

namespace feedcast::settings {

/// The configuration in effect as YAML, each value followed by where it came from: `topic: x  #
/// feedcast.yaml:12:5`. Secrets are shown as `<secret>`; apart from them it can be loaded again.
/// Empty if `outcome` has no configuration.
std::string print_effective(const load_outcome& outcome);

} // namespace feedcast::settings
