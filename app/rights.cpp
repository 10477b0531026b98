#include "app/rights.hpp"

#include "app/accounts.hpp"
#include "settings/complete.hpp"

namespace feedcast::app {

result<processor_rights> rights_of(const settings::service_config& config,
                                   const std::string& target, const std::string& feed,
                                   platform& shared) {
  const auto& t = config.targets.at(target);
  const auto& f = config.feeds.at(feed);
  auto server = open_account(config, f.account, t.regions, shared);
  if (!server)
    return server.error();
  const auto collection =
      cosmos::collection_ref::make(config.accounts.at(f.account).database, f.collection);
  if (!collection)
    return collection.error();
  processor_rights out;
  out.feed = cosmos::feed_rights(*server, *collection);
  const auto& leases = settings::leases_of(config, t);
  if (leases.store == settings::lease_store_kind::file)
    return out;
  const auto& name = settings::lease_account_of(config, t, f);
  if (name != f.account)
    server = open_account(config, name, t.regions, shared);
  if (!server)
    return server.error();
  const auto container =
      cosmos::collection_ref::make(config.accounts.at(name).database, leases.collection);
  if (!container)
    return container.error();
  out.leases = cosmos::lease_rights(*server, *container, "feedcast-check-");
  return out;
}

std::string explain_refusal(const cosmos::right_probe& probe, const error& why) {
  if (why.code != errc::forbidden)
    return why.detail;
  return why.detail + "; an identity needs the data action " + probe.action + ", which the role '"
         + probe.role + "' gives; a key needs to be a read-write one where something is written";
}

} // namespace feedcast::app
