#include "app/databases.hpp"

#include "app/cosmos_databases.hpp"
#include "app/couch_databases.hpp"
#include "settings/complete.hpp"

namespace feedcast::app {

std::unique_ptr<databases> databases_of(const settings::service_config& config,
                                        const std::string& target, const std::string& feed,
                                        platform& shared) {
  if (settings::is_couchdb(config, config.feeds.at(feed)))
    return std::make_unique<couch_databases>(config, target, shared);
  return std::make_unique<cosmos_databases>(config, target, shared);
}

} // namespace feedcast::app
