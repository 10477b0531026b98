#pragma once

#include "app/platform.hpp"
#include "core/result.hpp"
#include "leases/lease_store.hpp"
#include "pipeline/ports.hpp"
#include "settings/service_config.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace feedcast::app {

/// How one target reaches one feed.
struct feed_access {
  std::string host;     ///< of the account, as it is written in lease ids
  std::string database; ///< that holds the collection; empty where the collection is one
  std::function<std::shared_ptr<change_source>()> open;
  /// The collection's `_rid`, by which the service tells it from others of its name; empty where
  /// there is no such thing, because positions say it themselves.
  std::function<void(callback<std::string>)> read_rid;
  bool knows_times = true; ///< it can be read from a time on
  double units_share = 0;  ///< of the throughput, what reading may take; 0 = no limit
};

/// Where one processor keeps its leases.
struct lease_access {
  std::string place; ///< for people: "container leases"
  std::function<std::shared_ptr<lease_store>()> open;
};

/// One right that a processor needs, and a call that tells whether it is there.
struct right_check {
  std::string what; ///< "read the account"
  std::function<void(callback<bool>)> ask;
  /// What to do about its failure: the error's own words, and how to get a right that is missing.
  std::function<std::string(const error&)> explain;
};

/// What a processor needs of its accounts.
struct processor_rights {
  std::vector<right_check> feed;
  std::function<std::string(const error&)> explain_read; ///< of the feed itself
  std::vector<right_check> leases;                       ///< empty where they are kept in files
};

/// The accounts of one kind of database as one target uses them. Opens no connection by itself;
/// what can be refused without one is (`rejected`, naming the setting). Names are those of feeds of
/// that kind. Not thread-safe; what it returns doesn't need it any more, but the platform.
class databases {
 public:
  databases() = default;
  virtual ~databases() = default;
  databases(const databases&) = delete;
  databases& operator=(const databases&) = delete;

  virtual result<feed_access> feed(const std::string& name) = 0;

  /// For leases that are kept in a database. `host`: of the feed, as it is written in lease ids.
  /// `beside_others`: opens a new store also if there are leases under another host name.
  virtual result<lease_access> leases(const std::string& feed, const std::string& host,
                                      bool beside_others) = 0;

  virtual result<processor_rights> rights(const std::string& feed) = 0;
};

/// Those that `feed` belongs to.
std::unique_ptr<databases> databases_of(const settings::service_config& config,
                                        const std::string& target, const std::string& feed,
                                        platform& shared);

} // namespace feedcast::app
