#pragma once

#include "app/databases.hpp"
#include "feeds/cosmos/account.hpp"
#include "feeds/cosmos/lease_container.hpp"
#include "feeds/cosmos/resources.hpp"

#include <map>
#include <memory>
#include <string>

namespace feedcast::app {

/// The Cosmos DB accounts of one target.
class cosmos_databases final : public databases {
 public:
  /// `config` outlives it, `shared` also what is opened.
  cosmos_databases(const settings::service_config& config, const std::string& target,
                   platform& shared);

  result<feed_access> feed(const std::string& name) override;
  result<lease_access> leases(const std::string& feed, const std::string& host,
                              bool beside_others) override;
  result<processor_rights> rights(const std::string& feed) override;

 private:
  struct place {
    std::shared_ptr<cosmos::account> account;
    cosmos::collection_ref collection;
  };

  result<std::shared_ptr<cosmos::account>> account_named(const std::string& name);
  result<place> place_of(const std::string& account, const std::string& collection,
                         const std::string& where);
  result<place> place_of_leases(const std::string& feed);
  std::string where(const std::string& feed) const;

  const settings::service_config& config_;
  const std::string name_; ///< of the target
  const settings::target_config& target_;
  platform& shared_;
  std::map<std::string, std::shared_ptr<cosmos::account>> accounts_;
};

} // namespace feedcast::app
