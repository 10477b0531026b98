#pragma once

#include "actors/service.hpp"
#include "app/platform.hpp"
#include "core/result.hpp"
#include "leases/lease_store.hpp"
#include "pipeline/ports.hpp"
#include "settings/service_config.hpp"

#include <functional>
#include <memory>
#include <string>

namespace feedcast::app {

/// Turns the configuration into the tree of actors: which source, lease store and sink belong to
/// which processor. Opens nothing yet; what can be refused without a connection is (`rejected`,
/// naming the setting). `shared` outlives the actors.
result<service_arguments> wire(const settings::service_config& config, platform& shared);

/// The leases of one processor, for commands that look at them and run nothing.
struct processor_leases {
  std::string target;
  std::string feed;
  std::string prefix;   ///< of the lease ids
  std::string host;     ///< of the feed's account, as it is written in lease ids
  std::string database; ///< empty where the collection is one
  std::string collection;
  bool knows_times = true; ///< the feed can be read from a time on
  std::string place;       ///< for people: "container leases", "folder /var/lib/feedcast"
  std::function<std::shared_ptr<lease_store>()> open;
  std::function<std::shared_ptr<change_source>()> open_source;
  /// The collection's `_rid`, by which the service tells it from others of its name; empty where
  /// there is no such thing.
  std::function<void(callback<std::string>)> read_rid;
};

/// `host`: the name under which the leases were kept, if it is not the account's of today.
/// `beside_others`: opens a new store also if there are leases under another host name. `shared`
/// outlives what is opened.
result<processor_leases> wire_leases(const settings::service_config& config,
                                     const std::string& target, const std::string& feed,
                                     platform& shared, const std::string& host, bool beside_others);

} // namespace feedcast::app
