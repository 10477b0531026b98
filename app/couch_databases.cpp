#include "app/couch_databases.hpp"

#include "feeds/couchdb/changes_feed.hpp"
#include "feeds/couchdb/lease_database.hpp"
#include "feeds/couchdb/rights.hpp"
#include "settings/complete.hpp"
#include "settings/secret_source.hpp"

#include <algorithm>
#include <utility>

namespace feedcast::app {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds longest_gathering = 20ms; // a delay of every change in a quiet feed

couchdb::login_options login_of(const settings::account_config& a) {
  couchdb::login_options out;
  if (!a.token.empty())
    out.kind = couchdb::login_kind::bearer;
  else if (!a.user.empty())
    out.kind = a.login == "basic" ? couchdb::login_kind::basic : couchdb::login_kind::cookie;
  else
    return out;
  out.user = a.user;
  out.password = a.token.empty() ? a.password : a.token;
  out.reload = [known = out.password] { return settings::read_again(known); };
  return out;
}

/// Which member names the writer's cluster, if this target cares.
std::string stamp_of(const settings::target_config& target, const settings::feed_config& feed) {
  const bool asked =
      target.own_changes != settings::own_changes_mode::send && !target.cluster_id.empty();
  return asked ? feed.cluster_id_member : std::string{};
}

couchdb::changes_feed_options options_of(const settings::tuning_config& t,
                                         const settings::target_config& target,
                                         const settings::feed_config& feed) {
  couchdb::changes_feed_options o;
  o.database = feed.collection;
  o.stamp = stamp_of(target, feed);
  o.secret = feed.identities_feed;
  o.documents = feed.identities_feed || !target.filter.kinds.empty() || !o.stamp.empty();
  o.deadline = t.poll.timeout;
  // Some servers send an answer's head with the first heartbeat, so it comes as soon as a fetch is
  // done waiting.
  o.heartbeat = std::clamp<milliseconds>(std::min(t.poll.max, t.poll.timeout / 3), 1s, 10s);
  o.silence = std::clamp<milliseconds>(t.poll.timeout, 3s, 30s);
  o.hold = std::min(t.poll.max, t.poll.timeout); // well within what the reader waits for an answer
  o.gather = std::min(t.poll.min, longest_gathering);
  o.max_bytes = t.page.max_bytes;
  return o;
}

std::vector<right_check> checks_of(std::vector<couchdb::right_probe> probes) {
  std::vector<right_check> out;
  out.reserve(probes.size());
  for (auto& p : probes)
    out.push_back(
        {std::move(p.what), std::move(p.ask), [mend = std::move(p.mend)](const error& why) {
           return why.code == errc::forbidden ? why.detail + "; " + mend : why.detail;
         }});
  return out;
}

} // namespace

result<std::shared_ptr<couchdb::server>>
open_server(const settings::service_config& config, const std::string& account, http::runtime& io) {
  const auto& a = config.accounts.at(account);
  http::client_options http;
  http.ca_file = a.ca_file;
  http.proxy = a.proxy;
  http.max_body = config.tuning.page.max_bytes;
  auto opened = couchdb::server::open({account, a.endpoint, login_of(a)}, io, std::move(http));
  if (!opened)
    return make_error(errc::rejected, "accounts." + account + ": " + opened.error().detail);
  return opened;
}

couch_databases::couch_databases(const settings::service_config& config, const std::string& target,
                                 platform& shared)
    : config_(config), target_(config.targets.at(target)), shared_(shared) {}

result<feed_access> couch_databases::feed(const std::string& name) {
  const auto& feed = config_.feeds.at(name);
  auto from = server_named(feed.account);
  if (!from)
    return from.error();
  feed_access out;
  out.host = (*from)->host();
  out.knows_times = false;
  out.open = [from = *from, options = options_of(config_.tuning, target_,
                                                 feed)]() -> std::shared_ptr<change_source> {
    return std::make_shared<couchdb::changes_feed>(from, options);
  };
  return out;
}

result<lease_access> couch_databases::leases(const std::string& name, const std::string& host,
                                             bool /*beside_others*/) {
  const auto& feed = config_.feeds.at(name);
  auto at = server_named(settings::lease_account_of(config_, target_, feed));
  if (!at)
    return at.error();
  couchdb::lease_database_options options;
  options.database = settings::leases_of(config_, target_).collection;
  options.prefix = settings::lease_prefix_of(config_, target_, feed);
  options.feed_host = host;
  options.feed_database = feed.collection;
  return lease_access{"database " + options.database,
                      [at = *at, options]() -> std::shared_ptr<lease_store> {
                        return std::make_shared<couchdb::lease_database>(at, options);
                      }};
}

result<processor_rights> couch_databases::rights(const std::string& name) {
  const auto& feed = config_.feeds.at(name);
  auto from = server_named(feed.account);
  if (!from)
    return from.error();
  processor_rights out;
  out.feed = checks_of(couchdb::feed_rights(*from, feed.collection));
  out.explain_read = [](const error& why) { return why.detail; };
  if (settings::lease_store_of(config_, target_, feed) == settings::lease_store_kind::file)
    return out;
  auto at = server_named(settings::lease_account_of(config_, target_, feed));
  if (!at)
    return at.error();
  out.leases = checks_of(couchdb::lease_rights(
      *at, settings::leases_of(config_, target_).collection, "feedcast-check-"));
  return out;
}

result<std::shared_ptr<couchdb::server>> couch_databases::server_named(const std::string& account) {
  auto& known = shared_.couch_servers;
  if (const auto at = known.find(account); at != known.end())
    return at->second;
  auto opened = open_server(config_, account, shared_.io);
  if (opened)
    known.emplace(account, *opened);
  return opened;
}

} // namespace feedcast::app
