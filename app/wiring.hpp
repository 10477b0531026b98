#pragma once

#include "actors/service.hpp"
#include "app/platform.hpp"
#include "core/result.hpp"
#include "settings/service_config.hpp"

namespace feedcast::app {

/// Turns the configuration into the tree of actors: which source, lease store and sink belong to
/// which processor. Opens nothing yet; what can be refused without a connection is (`rejected`,
/// naming the setting). `shared` outlives the actors.
result<service_arguments> wire(const settings::service_config& config, platform& shared);

} // namespace feedcast::app
