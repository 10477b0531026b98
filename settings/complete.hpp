#pragma once

#include "settings/node.hpp"
#include "settings/service_config.hpp"
#include "settings/substitute.hpp"

#include <string>

namespace feedcast::settings {

/// Fills in the defaults that follow from other values: collection from the feed's name,
/// own_changes from the cluster id, instance from the host name, login from the user; of Azure
/// identities what Azure puts into the environment.
void complete(service_config& config, const node& tree, const environment_map& environment);

/// The leases of a target: its own block, or the common one.
const lease_config& leases_of(const service_config& config, const target_config& target);
/// What a processor's lease ids begin with: the configured prefix, or `<cluster-id>-<collection>`,
/// or `<collection>`; without a configured one in mode all-versions `-all-versions` behind it.
std::string lease_prefix_of(const service_config& config, const target_config& target,
                            const feed_config& feed);
/// The account that holds a processor's leases: the one named, or the feed's own.
const std::string& lease_account_of(const service_config& config, const target_config& target,
                                    const feed_config& feed);
bool is_couchdb(const account_config& account);
/// False also for a feed of an account that is not there.
bool is_couchdb(const service_config& config, const feed_config& feed);
/// Where a processor's leases are kept, never `automatic`: what is configured, or the kind of the
/// feed's account.
lease_store_kind lease_store_of(const service_config& config, const target_config& target,
                                const feed_config& feed);
/// `<topic_prefix><topic>`
std::string topic_of(const kafka_config& kafka);

} // namespace feedcast::settings
