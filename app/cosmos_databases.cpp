#include "app/cosmos_databases.hpp"

#include "app/accounts.hpp"
#include "feeds/cosmos/all_versions_feed.hpp"
#include "feeds/cosmos/change_feed.hpp"
#include "feeds/cosmos/rights.hpp"
#include "leases/json.hpp"
#include "settings/complete.hpp"

#include <utility>

namespace feedcast::app {

namespace {

constexpr milliseconds read_deadline{10'000};

cosmos::lease_format lease_format_of(const std::string& name) {
  if (name == "pk")
    return cosmos::lease_format::pk;
  if (name == "java-epk")
    return cosmos::lease_format::java_epk;
  if (name == "dotnet-epk")
    return cosmos::lease_format::dotnet_epk;
  return cosmos::lease_format::automatic;
}

std::string explain(const std::string& action, const std::string& role, const error& why) {
  if (why.code != errc::forbidden)
    return why.detail;
  return why.detail + "; an identity needs the data action " + action + ", which the role '" + role
         + "' gives; a key needs to be a read-write one where something is written";
}

std::vector<right_check> checks_of(std::vector<cosmos::right_probe> probes) {
  std::vector<right_check> out;
  out.reserve(probes.size());
  for (auto& p : probes)
    out.push_back({std::move(p.what), std::move(p.ask),
                   [action = std::move(p.action), role = std::move(p.role)](const error& why) {
                     return explain(action, role, why);
                   }});
  return out;
}

} // namespace

cosmos_databases::cosmos_databases(const settings::service_config& config,
                                   const std::string& target, platform& shared)
    : config_(config), name_(target), target_(config.targets.at(target)), shared_(shared) {}

result<feed_access> cosmos_databases::feed(const std::string& name) {
  const auto& feed = config_.feeds.at(name);
  auto from = place_of(feed.account, feed.collection, where(name));
  if (!from)
    return from.error();
  const auto& account = config_.accounts.at(feed.account);
  const cosmos::change_feed_options options{config_.tuning.poll.timeout, account.failover_rewind,
                                            feed.identities_feed};
  feed_access out;
  out.host = from->account->configured().host;
  out.database = account.database;
  out.units_share = config_.tuning.request_units.share.of_one();
  out.open = [from = *from, options, mode = feed.mode,
              overlap = feed.overlap]() -> std::shared_ptr<change_source> {
    if (mode == settings::feed_mode::all_versions)
      return std::make_shared<cosmos::all_versions_feed>(
          from.account, from.collection,
          cosmos::all_versions_options{.feed = options, .overlap = overlap});
    return std::make_shared<cosmos::change_feed>(from.account, from.collection, options);
  };
  out.read_rid = [from = *from](callback<std::string> done) {
    from.account->send(from.collection.read(), cosmos::access::read, read_deadline,
                       [done = std::move(done)](const result<http::response>& r) {
                         if (!r)
                           return done(r.error());
                         const auto o = json::parse_object(r->body.view(), "the collection");
                         if (!o)
                           return done(o.error());
                         done(json::text_at(*o, "_rid").value_or(""));
                       });
  };
  return out;
}

result<lease_access> cosmos_databases::leases(const std::string& name, const std::string& host,
                                              bool beside_others) {
  const auto& feed = config_.feeds.at(name);
  const auto& l = settings::leases_of(config_, target_);
  const auto prefix = settings::lease_prefix_of(config_, target_, feed);
  const auto& database = config_.accounts.at(feed.account).database;
  auto at = place_of_leases(name);
  if (!at)
    return at.error();
  // Asked for now so that a prefix that can begin no id ends the start.
  if (auto ids = cosmos::lease_ids::make(prefix, host, database, feed.collection, feed.mode); !ids)
    return make_error(errc::rejected, where(name) + ": leases: " + ids.error().detail);
  auto from = place_of(feed.account, feed.collection, where(name));
  if (!from)
    return from.error();
  const cosmos::monitored_feed monitored{from->account, from->collection, prefix, host, feed.mode};
  const cosmos::lease_container_options options{.format = lease_format_of(l.format),
                                                .throughput = l.throughput,
                                                .ignore_siblings = beside_others};
  return lease_access{"container " + l.collection,
                      [at = *at, monitored, options]() -> std::shared_ptr<lease_store> {
                        return std::make_shared<cosmos::lease_container>(at.account, at.collection,
                                                                         monitored, options);
                      }};
}

result<processor_rights> cosmos_databases::rights(const std::string& name) {
  const auto& feed = config_.feeds.at(name);
  auto from = place_of(feed.account, feed.collection, where(name));
  if (!from)
    return from.error();
  processor_rights out;
  out.feed = checks_of(cosmos::feed_rights(from->account, from->collection));
  out.explain_read = [](const error& why) {
    return explain(cosmos::read_feed_action, cosmos::reader_role, why);
  };
  if (settings::lease_store_of(config_, target_, feed) == settings::lease_store_kind::file)
    return out;
  auto at = place_of_leases(name);
  if (!at)
    return at.error();
  out.leases = checks_of(cosmos::lease_rights(at->account, at->collection, "feedcast-check-"));
  return out;
}

result<std::shared_ptr<cosmos::account>> cosmos_databases::account_named(const std::string& name) {
  if (const auto at = accounts_.find(name); at != accounts_.end())
    return at->second;
  auto opened = open_account(config_, name, target_.regions, shared_);
  if (!opened)
    return opened.error();
  accounts_.emplace(name, *opened);
  return *opened;
}

result<cosmos_databases::place> cosmos_databases::place_of(const std::string& account,
                                                           const std::string& collection,
                                                           const std::string& where) {
  auto opened = account_named(account);
  if (!opened)
    return opened.error();
  auto ref = cosmos::collection_ref::make(config_.accounts.at(account).database, collection);
  if (!ref)
    return make_error(errc::rejected, where + ": " + ref.error().detail);
  return place{std::move(*opened), std::move(*ref)};
}

result<cosmos_databases::place> cosmos_databases::place_of_leases(const std::string& feed) {
  return place_of(settings::lease_account_of(config_, target_, config_.feeds.at(feed)),
                  settings::leases_of(config_, target_).collection, where(feed) + ": leases");
}

std::string cosmos_databases::where(const std::string& feed) const {
  return "targets." + name_ + ": feed " + feed;
}

} // namespace feedcast::app
