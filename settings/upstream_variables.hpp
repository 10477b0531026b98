#pragma once

#include "settings/diagnostic.hpp"
#include "settings/substitute.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace feedcast::settings {

/// A setting of the replaced service and the variable that holds it.
struct upstream_value {
  std::string text;
  std::string variable; ///< after following `$NAME`
};

/// The replaced service's settings by their dotted names, such as
/// `whisk.cache-invalidator.cluster-id`.
using upstream_settings = std::map<std::string, upstream_value, std::less<>>;

/// Collects them from `COSMOSDB_ENDPOINT` and its like and from `CONFIG_...` variables, which win.
/// Empty values count as not set. A `CONFIG_` value `$NAME` is that of the variable NAME; an error
/// if there is none.
upstream_settings read_upstream_settings(const environment_map& environment,
                                         diagnostic_list& complaints);

/// "CONFIG_whisk_cacheInvalidator_clusterId" -> "whisk.cache-invalidator.cluster-id",
/// "CONFIG_whisk_couchdb_databases_WhiskEntity" -> "whisk.couchdb.databases.WhiskEntity"
std::string dotted_name(std::string_view config_variable);

/// The librdkafka property that a producer setting means, if it has the same name and values there.
std::optional<std::string> producer_property(std::string_view dotted);

/// Warns about what the replaced service knew and feedcast does not need, and about misspelt names.
void warn_about_unused(const environment_map& environment, const upstream_settings& settings,
                       std::string_view lease_collection, diagnostic_list& complaints);

} // namespace feedcast::settings
