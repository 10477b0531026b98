#pragma once

#include "app/databases.hpp"
#include "feeds/couchdb/server.hpp"
#include "http/runtime.hpp"

#include <memory>
#include <string>

namespace feedcast::app {

/// Feeds and leases of CouchDB as one target uses them. Its servers are all targets'.
class couch_databases final : public databases {
 public:
  /// `config` outlives it, `shared` also what is opened.
  couch_databases(const settings::service_config& config, const std::string& target,
                  platform& shared);

  result<feed_access> feed(const std::string& name) override;
  /// Leases of another host's name are found by that name alone, whatever `beside_others` says.
  result<lease_access> leases(const std::string& feed, const std::string& host,
                              bool beside_others) override;
  result<processor_rights> rights(const std::string& feed) override;

 private:
  result<std::shared_ptr<couchdb::server>> server_named(const std::string& account);

  const settings::service_config& config_;
  const settings::target_config& target_;
  platform& shared_;
};

/// The server of an account. Asks nobody yet. `rejected` naming the setting. `io` outlives it.
result<std::shared_ptr<couchdb::server>> open_server(const settings::service_config& config,
                                                     const std::string& account, http::runtime& io);

} // namespace feedcast::app
