#include "settings/complete.hpp"

#include <array>
#include <unistd.h>

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

bool is_given(const node& tree, const key_path& path) {
  const auto* found = tree.find(path);
  return found != nullptr && !found->is(node::kind::null);
}

} // namespace

void complete(service_config& config, const node& tree, const environment_map& environment) {
  for (auto& [name, feed] : config.feeds) {
    if (feed.collection.empty())
      feed.collection = name;
    const bool given = is_given(tree, key_path{"feeds"} / name / "identities");
    feed.identities_feed =
        given ? feed.identities != identity_mode::off : feed.collection == "subjects";
    if (!feed.identities_feed)
      feed.identities = identity_mode::off;
  }
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

std::string topic_of(const kafka_config& kafka) {
  return kafka.topic_prefix + kafka.topic;
}

} // namespace feedcast::settings
