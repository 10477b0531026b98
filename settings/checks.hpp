#pragma once

#include "settings/diagnostic.hpp"
#include "settings/node.hpp"
#include "settings/service_config.hpp"

namespace feedcast::settings {

/// Everything that can be said of the values together, once each is well-formed by itself: names
/// that lead nowhere, texts that no server would take, processors that would share leases, what
/// this version can't do yet. `tree` gives the places. Adds to `complaints`; what the reader
/// complained about already is passed over.
void check(const service_config& config, const node& tree, diagnostic_list& complaints);

} // namespace feedcast::settings
