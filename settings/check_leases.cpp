#include "settings/check_context.hpp"
#include "settings/complete.hpp"
#include "settings/text_rules.hpp"

#include <map>
#include <set>

namespace feedcast::settings {

namespace {

void check_block(const check_context& context, const key_path& path, const lease_config& leases) {
  if (leases.prefix.find_first_of("/\\?#") != std::string::npos)
    context.error(path / "prefix", "can't begin a document id", "leave out / \\ ? and #");
  if (leases.store == lease_store_kind::file) {
    if (leases.path.empty())
      context.error(path / "path", "is missing", "name a folder that survives a restart");
    return;
  }
  if (!leases.path.empty())
    context.error(path / "path", "is for leases in files", "write `store: file`, or remove it");
  if (!leases.account.empty())
    check_reference(context, path / "account", context.tree.where(path / "account"), leases.account,
                    "accounts");
  if (leases.store != lease_store_kind::couchdb && !is_collection_name(leases.collection))
    context.error(path / "collection", "is not a collection name",
                  "up to 255 characters, none of / \\ ? #, no blank at the end");
}

/// Host, port and database: two names of one account are one account.
std::string database_of(const check_context& context, const std::string& account_name) {
  const auto found = context.config.accounts.find(account_name);
  if (found == context.config.accounts.end())
    return account_name;
  const auto endpoint = parse_endpoint(found->second.endpoint);
  const auto host =
      endpoint ? endpoint->host + ':' + std::to_string(endpoint->port) : found->second.endpoint;
  return host + '/' + found->second.database;
}

/// What must differ between any two processors: where the leases are kept and how their ids begin.
std::string family_of(const check_context& context, const target_config& target,
                      const feed_config& feed) {
  const auto& leases = leases_of(context.config, target);
  const auto store = lease_store_of(context.config, target, feed) == lease_store_kind::file
                         ? "file:" + leases.path
                         : database_of(context, lease_account_of(context.config, target, feed))
                               + '/' + leases.collection;
  return store + '\n' + lease_prefix_of(context.config, target, feed) + '\n'
         + database_of(context, feed.account) + '/' + feed.collection;
}

struct family_owner {
  std::string processor;
  feed_mode mode;
};

void check_family(const check_context& context, const key_path& target_path,
                  const target_config& target, const std::string& feed_name,
                  std::map<std::string, family_owner>& first_of_family) {
  const auto found = context.config.feeds.find(feed_name);
  if (found == context.config.feeds.end())
    return;
  const auto& feed = found->second;
  const auto path = target_path / "feeds";
  const auto processor = target_path.text() + " (feed " + feed_name + ")";
  const auto [entry, is_first] = first_of_family.try_emplace(family_of(context, target, feed),
                                                             family_owner{processor, feed.mode});
  const auto& first = entry->second;
  if (!is_first && first.mode != feed.mode)
    context.error(path,
                  "shares its leases for feed " + feed_name + " with " + first.processor
                      + ", which has another mode: neither could use the other's positions",
                  "remove leases.prefix, so that each mode has its own, or read one of them in "
                  "another target");
  else if (!is_first)
    context.error(path,
                  "shares its leases for feed " + feed_name + " with " + first.processor
                      + ": each would see half the changes",
                  "give each target its own cluster_id or leases.prefix");
  const auto& leases = leases_of(context.config, target);
  if (leases.store != lease_store_kind::file && leases.collection == feed.collection
      && database_of(context, lease_account_of(context.config, target, feed))
             == database_of(context, feed.account))
    context.error(path, "the leases would be stored in the collection of feed " + feed_name,
                  "every checkpoint would be a change: give leases.collection another name");
}

} // namespace

void check_leases(const check_context& context) {
  check_block(context, {"leases"}, context.config.leases);
  std::map<std::string, family_owner> first_of_family;
  std::set<std::string> told;
  for (const auto& [name, target] : context.config.targets) {
    const auto path = key_path{"targets"} / name;
    if (target.leases)
      check_block(context, path / "leases", *target.leases);
    for (const auto& feed : target.feeds) {
      check_lease_kind(context, path, target, feed, told);
      check_family(context, path, target, feed, first_of_family);
    }
  }
}

} // namespace feedcast::settings
