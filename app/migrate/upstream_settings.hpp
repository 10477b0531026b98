#pragma once

#include "core/result.hpp"
#include "settings/substitute.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::app {

/// One setting of OpenWhisk.
struct upstream_value {
  std::string text;
  std::vector<std::string> items; ///< of a list, whose `text` is empty
  std::string origin;             ///< for people: "openwhisk.conf:12", "environment CONFIG_..."
  std::string variable;           ///< of the environment that it was taken from; empty = of none
};

/// By dotted name: "whisk.couchdb.host", "whisk.couchdb.databases.WhiskEntity". What deployments
/// give as a variable of its own has the name that it stands for, such as
/// "whisk.cache-invalidator.cosmosdb.endpoint" for COSMOSDB_ENDPOINT.
using upstream_settings = std::map<std::string, upstream_value, std::less<>>;

/// Of variables `CONFIG_whisk_couchdb_host=...`, which win, and `KAFKA_HOSTS=...`; all others are
/// passed over, and so are empty values. A value `$NAME` is that of the variable NAME; `rejected`
/// if there is none. `origin`: in front of the variable's name in the origins.
result<upstream_settings> settings_of_variables(const settings::environment_map& variables,
                                                std::string_view origin = "environment ");

/// Of a file: lines `NAME=VALUE`, as for an environment, or a plain subset of HOCON, see hocon.hpp.
/// `rejected` with file and line. `name` is for the origins.
result<upstream_settings> settings_of_text(std::string_view text, const std::string& name,
                                           const settings::environment_map& environment);

} // namespace feedcast::app
