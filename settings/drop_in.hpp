#pragma once

#include "settings/diagnostic.hpp"
#include "settings/node.hpp"
#include "settings/substitute.hpp"

namespace feedcast::settings {

/// What the other layers say, for the decision whether the replaced service's variables count.
struct other_layers {
  const node& files; ///< all configuration files merged
  const node& all;   ///< files, FEEDCAST_ variables and --set merged
  bool has_files = false;
};

/// The layer made of the replaced service's environment (COSMOSDB_ENDPOINT, KAFKA_HOSTS,
/// CONFIG_whisk_...), so that its deployments run unchanged: account `main`, feed `whisks`, target
/// `default`. Empty if another layer gives an account its endpoint, or if there are files and none
/// of the COSMOSDB_ variables is set. A missing variable is an error that names it; one that has no
/// meaning here is a warning.
node drop_in_layer(const environment_map& environment, const other_layers& others,
                   diagnostic_list& complaints);

} // namespace feedcast::settings
