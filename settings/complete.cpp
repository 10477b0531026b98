#include "settings/complete.hpp"

#include <array>
#include <unistd.h>
#include <utility>

namespace feedcast::settings {

namespace {

std::string host_name(const environment_map& environment) {
  const auto found = environment.find("HOSTNAME");
  if (found != environment.end() && !found->second.empty())
    return found->second;
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0)
    return {};
  return name.data();
}

std::string variable(const environment_map& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string{} : found->second;
}

void fill(std::string& out, std::string otherwise) {
  if (out.empty())
    out = std::move(otherwise);
}

/// What the webhook of workload identities, App Service and Container Apps say about an identity.
void complete_identity(aad_config& aad, const environment_map& environment) {
  if (aad.identity == "workload_identity") {
    fill(aad.tenant, variable(environment, "AZURE_TENANT_ID"));
    fill(aad.client_id, variable(environment, "AZURE_CLIENT_ID"));
    fill(aad.token_file, variable(environment, "AZURE_FEDERATED_TOKEN_FILE"));
    fill(aad.authority, variable(environment, "AZURE_AUTHORITY_HOST"));
  }
  if (aad.identity != "managed_identity")
    return fill(aad.authority, "https://login.microsoftonline.com/");
  if (aad.identity_endpoint.empty()) {
    const auto header = variable(environment, "IDENTITY_HEADER");
    if (!header.empty() && aad.identity_header.empty()) {
      aad.identity_endpoint = variable(environment, "IDENTITY_ENDPOINT");
      aad.identity_header = secret{header};
    }
  }
  fill(aad.identity_endpoint, "http://169.254.169.254/metadata/identity/oauth2/token");
}

bool is_given(const node& tree, const key_path& path) {
  const auto* found = tree.find(path);
  return found != nullptr && !found->is(node::kind::null);
}

} // namespace

void complete(service_config& config, const node& tree, const environment_map& environment) {
  for (auto& [name, account] : config.accounts) {
    if (account.aad)
      complete_identity(*account.aad, environment);
    if (is_couchdb(account) && !account.user.empty())
      fill(account.login, "cookie");
  }
  for (auto& [name, feed] : config.feeds) {
    if (feed.collection.empty())
      feed.collection = name;
    const bool given = is_given(tree, key_path{"feeds"} / name / "identities");
    feed.identities_feed =
        given ? feed.identities != identity_mode::off : feed.collection == "subjects";
    if (!feed.identities_feed)
      feed.identities = identity_mode::off;
    feed.read = feed.identities_feed || feed.collection != "subjects";
  }
  const auto unread = [&config](const std::string& name) {
    const auto found = config.feeds.find(name);
    return found != config.feeds.end() && !found->second.read;
  };
  for (auto& [name, target] : config.targets)
    std::erase_if(target.feeds, unread);
  for (auto& [name, target] : config.targets)
    if (!is_given(tree, key_path{"targets"} / name / "own_changes") && target.cluster_id.empty())
      target.own_changes = own_changes_mode::send;
  if (config.instance.empty())
    config.instance = host_name(environment);
}

const lease_config& leases_of(const service_config& config, const target_config& target) {
  return target.leases ? *target.leases : config.leases;
}

std::string lease_prefix_of(const service_config& config, const target_config& target,
                            const feed_config& feed) {
  const auto& leases = leases_of(config, target);
  if (!leases.prefix.empty())
    return leases.prefix;
  auto prefix =
      target.cluster_id.empty() ? feed.collection : target.cluster_id + '-' + feed.collection;
  // Positions of one mode mean something else in the other.
  if (feed.mode == feed_mode::all_versions)
    prefix += "-all-versions";
  return prefix;
}

const std::string& lease_account_of(const service_config& config, const target_config& target,
                                    const feed_config& feed) {
  const auto& leases = leases_of(config, target);
  return leases.account.empty() ? feed.account : leases.account;
}

bool is_couchdb(const account_config& account) {
  return account.type == "couchdb";
}

bool is_couchdb(const service_config& config, const feed_config& feed) {
  const auto found = config.accounts.find(feed.account);
  return found != config.accounts.end() && is_couchdb(found->second);
}

lease_store_kind lease_store_of(const service_config& config, const target_config& target,
                                const feed_config& feed) {
  const auto store = leases_of(config, target).store;
  if (store != lease_store_kind::automatic)
    return store;
  return is_couchdb(config, feed) ? lease_store_kind::couchdb : lease_store_kind::cosmosdb;
}

std::string topic_of(const kafka_config& kafka) {
  return kafka.topic_prefix + kafka.topic;
}

} // namespace feedcast::settings
