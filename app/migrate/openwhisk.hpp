#pragma once

#include "app/migrate/upstream_settings.hpp"

#include <string>

namespace feedcast::app {

/// A configuration of feedcast, in YAML, that does what OpenWhisk's settings say: `whisk.couchdb`
/// or `whisk.cosmosdb`, `whisk.cache-invalidator`, the brokers. Comments say where each value comes
/// from and what has no counterpart. Shows no secret: each becomes {from_env: NAME}. `rejected` if
/// a setting is missing or useless, naming it.
result<std::string> migrate_openwhisk(const upstream_settings& from);

} // namespace feedcast::app
