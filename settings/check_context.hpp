#pragma once

#include "settings/diagnostic.hpp"
#include "settings/node.hpp"
#include "settings/service_config.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

/// Shared by the check_*.cpp files; nobody else includes it.
namespace feedcast::settings {

/// What the checks of one configuration look at, and where they complain.
struct check_context {
  const service_config& config;
  const node& tree;
  diagnostic_list& complaints;

  void error(const key_path& path, std::string message, std::string hint) const {
    complaints.error(tree.where(path), path.text(), std::move(message), std::move(hint));
  }

  void warning(const key_path& path, std::string message, std::string hint) const {
    complaints.warning(tree.where(path), path.text(), std::move(message), std::move(hint));
  }

  bool given(const key_path& path) const { return tree.find(path) != nullptr; }
};

/// Complains if `name`, which stands at `path`, is not a key of the top-level map `table`
/// ("accounts", "feeds").
void check_reference(const check_context& context, const key_path& path, const origin& at,
                     const std::string& name, std::string_view table);
/// Who feedcast is to an account: exactly one credential, and all that it needs.
void check_credentials(const check_context& context, const key_path& path,
                       const account_config& account);
/// What an account, feed or target of one kind of database must not say, and, for CouchDB, who
/// feedcast is to the server.
void check_account_kind(const check_context& context, const key_path& path,
                        const account_config& account);
void check_feed_kind(const check_context& context, const key_path& path, const feed_config& feed);
void check_target_kind(const check_context& context, const key_path& path,
                       const target_config& target);
/// `path` is that of `kafka`.
void check_oauth(const check_context& context, const key_path& path, const kafka_config& kafka);
/// Of `leases` of one processor what depends on the kind of database; `path` is that of the target.
/// `told`: places that were complained about already, for blocks that several processors share.
void check_lease_kind(const check_context& context, const key_path& path,
                      const target_config& target, const std::string& feed,
                      std::set<std::string>& told);
void check_targets(const check_context& context);
void check_leases(const check_context& context);

} // namespace feedcast::settings
