#include "settings/check_context.hpp"
#include "settings/complete.hpp"
#include "settings/text_rules.hpp"

#include <algorithm>
#include <array>

namespace feedcast::settings {

namespace {

constexpr const char* couchdb_name =
    "a lower-case letter, then a-z 0-9 _ $ ( ) + - /, up to 238 characters";

struct foreign_setting {
  std::string_view name;
  std::string_view instead;
};

constexpr std::array<foreign_setting, 4> only_of_cosmosdb{{
    {"key", "write user and password, or token"},
    {"resource_token", "write user and password, or token"},
    {"aad", "write user and password, or token"},
    {"database", "remove it: each feed's collection is a database"},
}};

constexpr std::array<foreign_setting, 4> only_of_couchdb{{
    {"user", "write key, resource_token or aad"},
    {"password", "write key, resource_token or aad"},
    {"login", "remove it"},
    {"token", "write key, resource_token or aad"},
}};

template <std::size_t N>
void refuse(const check_context& context, const key_path& path, const char* kind,
            const std::array<foreign_setting, N>& settings) {
  for (const auto& s : settings)
    if (context.given(path / s.name))
      context.error(path / s.name, std::string{"is for "} + kind + " accounts",
                    std::string{s.instead});
}

void check_couchdb_login(const check_context& context, const key_path& path,
                         const account_config& account) {
  const bool user = context.given(path / "user");
  const bool password = context.given(path / "password");
  if (context.given(path / "token")) {
    if (user || password)
      context.error(path, "has several credentials: token and user", "keep one of them");
    if (context.given(path / "login"))
      context.error(path / "login", "is for user and password", "remove it");
    return;
  }
  if (user && !password)
    context.error(path / "password", "is missing",
                  "add `password: {from_file: PATH}` or {from_env: NAME}");
  if (!user && password)
    context.error(path / "user", "is missing", "add `user:`");
  if (!user && !password && context.given(path / "login"))
    context.error(path / "login", "is for user and password", "add them, or remove it");
  if (const auto* name = context.tree.find(path / "user");
      name != nullptr && name->is(node::kind::scalar) && name->text.empty())
    context.error(path / "user", "is empty", "give it a value");
  if (account.login == "basic" && account.user.find(':') != std::string::npos)
    context.error(path / "user", "holds a colon, which Basic can't tell from the password's",
                  "write `login: cookie`");
}

} // namespace

void check_account_kind(const check_context& context, const key_path& path,
                        const account_config& account) {
  if (!is_couchdb(account))
    return refuse(context, path, "CouchDB", only_of_couchdb);
  refuse(context, path, "Cosmos DB", only_of_cosmosdb);
  if (account.failover_rewind != account_config{}.failover_rewind)
    context.error(path / "failover_rewind", "is for Cosmos DB accounts",
                  "remove it: CouchDB has no write region");
  check_couchdb_login(context, path, account);
}

void check_feed_kind(const check_context& context, const key_path& path, const feed_config& feed) {
  const auto& member = feed.cluster_id_member;
  if (!is_couchdb(context.config, feed)) {
    if (!member.empty() && context.config.accounts.contains(feed.account))
      context.error(path / "cluster_id_member", "is for feeds of CouchDB accounts",
                    "remove it: in Cosmos DB the member is _clusterId");
    return;
  }
  const feed_config defaults;
  if (!is_couchdb_name(feed.collection))
    context.error(path / "collection", "is not the name of a CouchDB database", couchdb_name);
  if (feed.start == start_kind::time)
    context.error(path / "start", "CouchDB's sequences have no time", "write now or beginning");
  if (feed.mode != defaults.mode)
    context.error(path / "mode", "CouchDB's feed has the latest versions only",
                  "remove it: deletes are always in the feed");
  if (feed.overlap != defaults.overlap)
    context.error(path / "overlap", "is for mode all-versions, which CouchDB doesn't have",
                  "remove it");
  if (feed.tombstone_ttl != defaults.tombstone_ttl)
    context.error(path / "tombstone_ttl", "has no meaning for CouchDB",
                  "remove it: deletes are always in the feed, and stay in it");
  if (feed.throughput != defaults.throughput)
    context.error(path / "throughput", "has no meaning for CouchDB",
                  "remove it: there are no request units");
  if (member.starts_with('_'))
    context.error(path / "cluster_id_member", "begins with `_`, which CouchDB refuses in documents",
                  "name the member that the writers set");
}

void check_target_kind(const check_context& context, const key_path& path,
                       const target_config& target) {
  std::size_t of_couchdb = 0;
  for (const auto& name : target.feeds) {
    const auto found = context.config.feeds.find(name);
    if (found == context.config.feeds.end() || !is_couchdb(context.config, found->second))
      continue;
    ++of_couchdb;
    if (context.given(path / "own_changes") && !target.cluster_id.empty()
        && target.own_changes != own_changes_mode::send && found->second.cluster_id_member.empty())
      context.warning(
          path / "own_changes",
          "has no effect on feed " + name + ", whose documents don't say which cluster wrote them",
          "name the member that does as feeds." + name + ".cluster_id_member, or write send");
  }
  if (of_couchdb > 0 && of_couchdb == target.feeds.size() && context.given(path / "regions")
      && context.config.region.empty())
    context.warning(path / "regions", "have no meaning for feeds of CouchDB accounts",
                    "remove them: the account's endpoint is what is read");
}

void check_lease_kind(const check_context& context, const key_path& path,
                      const target_config& target, const std::string& feed_name,
                      std::set<std::string>& told) {
  const auto found = context.config.feeds.find(feed_name);
  if (found == context.config.feeds.end()
      || !context.config.accounts.contains(found->second.account))
    return;
  const auto& feed = found->second;
  const auto& leases = leases_of(context.config, target);
  const auto store = lease_store_of(context.config, target, feed);
  if (store == lease_store_kind::file)
    return;
  // Where the block was written that holds for this target.
  const auto block = [&](std::string_view member) {
    const auto own = path / "leases" / member;
    return context.given(own) ? own : key_path{"leases"} / member;
  };
  const auto complain = [&](std::string_view member, std::string message, const char* hint) {
    if (const auto at = block(member); told.insert(at.text()).second)
      context.error(at, std::move(message), hint);
  };
  const bool couchdb = is_couchdb(context.config, feed);
  const std::string kind = couchdb ? "CouchDB" : "Cosmos DB";
  if (couchdb != (store == lease_store_kind::couchdb))
    return complain("store",
                    "is not where positions of feed " + feed_name + " can be kept, which is " + kind
                        + "'s",
                    "write auto, or file");
  const auto account = context.config.accounts.find(leases.account);
  if (account != context.config.accounts.end() && is_couchdb(account->second) != couchdb)
    return complain("account",
                    "is of another type than the account of feed " + feed_name + ", which is "
                        + kind + "'s",
                    "name an account of that type, or leave it out");
  if (!couchdb)
    return;
  const lease_config defaults;
  if (!is_couchdb_name(leases.collection))
    complain("collection", "is not the name of a CouchDB database", couchdb_name);
  if (leases.prefix.starts_with('_'))
    complain("prefix", "can't begin the id of a document in CouchDB", "leave out the `_`");
  if (leases.store == lease_store_kind::couchdb) {
    if (leases.format != defaults.format)
      complain("format", "is for leases in Cosmos DB", "remove it");
    if (leases.throughput != defaults.throughput)
      complain("throughput", "is for leases in Cosmos DB", "remove it");
  }
}

} // namespace feedcast::settings
