#include "settings/checks.hpp"

#include "settings/check_context.hpp"
#include "settings/complete.hpp"
#include "settings/files.hpp"
#include "settings/text_rules.hpp"

#include <algorithm>
#include <set>

namespace feedcast::settings {

namespace {

void check_endpoint(const check_context& context, const key_path& path, const std::string& text,
                    bool couchdb) {
  // Never quoted: a connection string put here holds the key.
  if (text.find("AccountKey=") != std::string::npos)
    return context.error(path, "is a connection string",
                         "put its AccountEndpoint here and its AccountKey into `key`");
  const auto endpoint = parse_endpoint(text);
  if (!endpoint)
    return context.error(path, "is not an endpoint",
                         couchdb ? "write https://HOST:6984/, and who reads as user and password"
                                 : "write https://ACCOUNT.documents.azure.com:443/");
  if (endpoint->scheme == "http" && !is_loopback(endpoint->host))
    context.error(path, "plain http is accepted for loopback addresses only", "write https://");
}

void check_proxy(const check_context& context, const key_path& path, const std::string& text) {
  if (text.empty() || text == "none")
    return;
  auto plain = text;
  const auto mark = plain.find("://");
  if (const auto at = plain.rfind('@'); mark != std::string::npos && at != std::string::npos)
    plain.erase(mark + 3, at - mark - 2);
  const auto proxy = parse_endpoint(plain);
  if (!proxy || proxy->scheme != "http")
    context.error(path, "is not a proxy", "write http://HOST:PORT, or none");
}

void check_database(const check_context& context, const key_path& path, const std::string& name) {
  const auto* found = context.tree.find(path);
  if (found == nullptr)
    context.error(path, "is missing", "add `database:`");
  else if (name.empty() && found->is(node::kind::scalar) && found->text.empty())
    context.error(path, "is empty", "give it a value");
  else if (!name.empty() && !is_collection_name(name))
    context.error(path, "is not a database name",
                  "up to 255 characters, none of / \\ ? #, no blank at the end");
}

void check_accounts(const check_context& context) {
  for (const auto& [name, account] : context.config.accounts) {
    const auto path = key_path{"accounts"} / name;
    if (!account.endpoint.empty())
      check_endpoint(context, path / "endpoint", account.endpoint, is_couchdb(account));
    check_account_kind(context, path, account);
    if (!is_couchdb(account)) {
      check_database(context, path / "database", account.database);
      check_credentials(context, path, account);
    }
    if (!account.ca_file.empty())
      if (const auto bytes = read_small_file(account.ca_file, std::size_t{4} << 20U); !bytes)
        context.error(path / "ca_file", bytes.error().detail, "name a file of PEM certificates");
    check_proxy(context, path / "proxy", account.proxy);
  }
}

void check_feeds(const check_context& context) {
  std::set<std::string> used;
  for (const auto& [name, target] : context.config.targets)
    used.insert(target.feeds.begin(), target.feeds.end());
  for (const auto& [name, feed] : context.config.feeds) {
    const auto path = key_path{"feeds"} / name;
    if (!feed.account.empty())
      check_reference(context, path / "account", context.tree.where(path / "account"), feed.account,
                      "accounts");
    check_feed_kind(context, path, feed);
    if (!is_couchdb(context.config, feed) && !is_collection_name(feed.collection))
      context.error(path / "collection", "is not a collection name",
                    "up to 255 characters, none of / \\ ? #, no blank at the end");
    if (!feed.read)
      context.warning(path / "identities", "is off, so no target reads this feed",
                      "write namespace or uuid to have identities invalidated");
    if (!is_couchdb(context.config, feed) && feed.mode == feed_mode::latest
        && feed.overlap != feed_config{}.overlap)
      context.error(path / "overlap", "is for mode all-versions",
                    "write `mode: all-versions`, or remove it");
    if (!feed.read || context.complaints.has_errors())
      continue; // the list it should stand in may be what is wrong
    if (!used.contains(name))
      context.warning(path, "no target reads this feed", "list it in a target's `feeds`");
  }
}

void check_presence(const check_context& context) {
  const auto missing = [&context](std::string_view table) {
    const auto* found = context.tree.find(table);
    return found == nullptr || found->is(node::kind::null)
           || (found->is(node::kind::map) && found->children.empty());
  };
  if (missing("accounts"))
    context.error({"accounts"}, "no account is configured",
                  "add `accounts:`, or set COSMOSDB_ENDPOINT, COSMOSDB_KEY and COSMOSDB_NAME");
  if (missing("feeds"))
    context.error({"feeds"}, "no feed is configured",
                  "add `feeds:`, such as `whisks: {account: main}`");
  if (missing("targets"))
    context.error({"targets"}, "no target is configured",
                  "add `targets:`, such as `eu: {feeds: [whisks], kafka: {brokers: ...}}`");
}

void check_admin(const check_context& context) {
  constexpr std::size_t least = 16; // shorter ones can be guessed
  const auto& admin = context.config.admin;
  if (admin.listen != "off" && !parse_host_port(admin.listen))
    context.error({"admin", "listen"}, "is not host:port", "write 127.0.0.1:8080, or off");
  const auto& token = admin.token.reveal();
  const auto fits = [](unsigned char c) { return c > 0x20 && c < 0x7f; };
  if (!token.empty() && (token.size() < least || !std::all_of(token.begin(), token.end(), fits)))
    context.error({"admin", "token"}, "must have 16 or more visible ASCII characters",
                  "make one with: openssl rand -hex 32");
  for (std::size_t i = 0; i < admin.hosts.size(); ++i)
    if (!is_host_name(admin.hosts[i]))
      context.error(key_path{"admin"} / "hosts" / i, "is not a host name",
                    "write the name alone, without scheme and port: feedcast.internal");
}

} // namespace

void check_reference(const check_context& context, const key_path& path, const origin& at,
                     const std::string& name, std::string_view table) {
  const auto* entries = context.tree.find(table);
  if (entries == nullptr || !entries->is(node::kind::map) || entries->find(name) != nullptr)
    return;
  std::vector<std::string> names;
  for (const auto& entry : entries->children)
    names.push_back(entry.key);
  auto hint = did_you_mean(name, names);
  const auto singular = std::string{table.substr(0, table.size() - 1)};
  // A name that looks like none may be a secret in the wrong place.
  const auto quoted = is_name(name) && name.size() <= 40 ? " \"" + name + '"' : std::string{};
  context.complaints.error(at, path.text(), "there is no " + singular + quoted,
                           hint.empty() ? one_of_text(names) : std::move(hint));
}

void check(const service_config& config, const node& tree, diagnostic_list& complaints) {
  const check_context context{config, tree, complaints};
  check_presence(context);
  check_accounts(context);
  check_feeds(context);
  check_targets(context);
  check_leases(context);
  check_admin(context);
  if (config.instance.empty())
    context.error({"instance"}, "is empty and this machine has no host name",
                  "give every instance a name of its own that survives a restart");
  else if (!is_name(config.instance))
    context.error({"instance"}, "is not a usable name",
                  "1 to 64 letters, digits, `-`, `_` or `.`, the first a letter or digit");
  if (2 * config.tuning.leases.renew > config.tuning.leases.expiry)
    context.error({"tuning", "leases", "renew"}, "is more than half of tuning.leases.expiry",
                  "an owner must be able to miss one renewal: lower it, or raise the expiry");
  for (std::size_t i = 0; i < config.serve.size(); ++i)
    check_reference(context, key_path{"serve"} / i, context.tree.where(key_path{"serve"} / i),
                    config.serve[i], "targets");
  if (config.tuning.poll.min > config.tuning.poll.max)
    context.error({"tuning", "poll", "min"}, "is longer than tuning.poll.max",
                  "lower it, or raise tuning.poll.max");
}

} // namespace feedcast::settings
