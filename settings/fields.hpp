#pragma once

#include "settings/service_config.hpp"

#include <array>
#include <limits>
#include <string_view>

/// The one description of every key of the configuration. Three visitors use it: `reader` fills the
/// structs, `printer` shows them, `shape_builder` lists what exists (for environment names and the
/// schema test). A visitor has
///     text one_of choice flag number size duration share secret list properties start group
///     optional_group table
namespace feedcast::settings {

using std::chrono::hours;

enum class need : bool { optional, required };

/// Inclusive.
template <class T>
struct bounds {
  T low;
  T high;
};

template <class Enum>
struct named {
  std::string_view name;
  Enum value;
};

inline constexpr std::array feed_modes{named<feed_mode>{"latest", feed_mode::latest},
                                       named<feed_mode>{"all-versions", feed_mode::all_versions}};
inline constexpr std::array identity_modes{
    named<identity_mode>{"namespace", identity_mode::namespaces},
    named<identity_mode>{"uuid", identity_mode::uuid},
    named<identity_mode>{"off", identity_mode::off}};
inline constexpr std::array own_changes_modes{
    named<own_changes_mode>{"skip", own_changes_mode::skip},
    named<own_changes_mode>{"confirm", own_changes_mode::confirm},
    named<own_changes_mode>{"send", own_changes_mode::send}};
inline constexpr std::array lease_stores{
    named<lease_store_kind>{"auto", lease_store_kind::automatic},
    named<lease_store_kind>{"cosmosdb", lease_store_kind::cosmosdb},
    named<lease_store_kind>{"couchdb", lease_store_kind::couchdb},
    named<lease_store_kind>{"file", lease_store_kind::file}};

template <class Fields>
void describe(Fields& f, aad_config& c) {
  f.one_of("identity", c.identity, {"client_secret", "workload_identity", "managed_identity"});
  f.text("tenant", c.tenant);
  f.text("client_id", c.client_id);
  f.secret("client_secret", c.client_secret, need::optional);
  f.text("token_file", c.token_file);
  f.text("authority", c.authority);
  f.text("identity_endpoint", c.identity_endpoint);
  f.secret("identity_header", c.identity_header, need::optional);
}

template <class Fields>
void describe(Fields& f, account_config& c) {
  f.one_of("type", c.type, {"cosmosdb", "couchdb"});
  f.text("endpoint", c.endpoint, need::required);
  f.secret("key", c.key, need::optional);
  f.secret("resource_token", c.resource_token, need::optional);
  f.optional_group("aad", c.aad, aad_config{}, [](auto& g, auto& aad) { describe(g, aad); });
  f.text("database", c.database);
  f.text("user", c.user);
  f.secret("password", c.password, need::optional);
  f.one_of("login", c.login, {"cookie", "basic"});
  f.secret("token", c.token, need::optional);
  f.text("ca_file", c.ca_file);
  f.text("proxy", c.proxy);
  f.duration("failover_rewind", c.failover_rewind, {milliseconds{0}, milliseconds{86'400'000}});
}

template <class Fields>
void describe(Fields& f, feed_config& c) {
  f.text("account", c.account, need::required);
  f.text("collection", c.collection);
  f.start("start", c.start, c.start_time);
  f.choice("mode", c.mode, feed_modes);
  f.duration("overlap", c.overlap, {milliseconds{0}, hours{168}});
  f.duration("tombstone_ttl", c.tombstone_ttl, {milliseconds{0}, hours{100'000}});
  f.duration("max_outage", c.max_outage, {milliseconds{60'000}, hours{720}});
  f.choice("identities", c.identities, identity_modes);
  f.number("throughput", c.throughput, {0, 100'000'000});
  f.text("cluster_id_member", c.cluster_id_member);
}

template <class Fields>
void describe(Fields& f, lease_config& c) {
  f.choice("store", c.store, lease_stores);
  f.text("account", c.account);
  f.text("collection", c.collection);
  f.one_of("format", c.format, {"auto", "pk", "java-epk", "dotnet-epk"});
  f.text("prefix", c.prefix);
  f.text("path", c.path);
  f.number("throughput", c.throughput, {400, 1'000'000});
}

template <class Fields>
void describe(Fields& f, filter_config& c) {
  f.list("kinds", c.kinds, {"action", "package", "trigger", "rule"});
  f.list("namespaces", c.namespaces);
}

template <class Fields>
void describe(Fields& f, oauth_config& c) {
  f.text("token_url", c.token_url);
  f.text("client_id", c.client_id);
  f.secret("client_secret", c.client_secret, need::optional);
  f.text("scope", c.scope);
  f.list("extensions", c.extensions);
}

template <class Fields>
void describe(Fields& f, kafka_config& c) {
  f.text("brokers", c.brokers, need::required);
  f.text("topic", c.topic);
  f.text("topic_prefix", c.topic_prefix);
  f.one_of("key", c.key, {"id", "constant"});
  f.flag("create_topic", c.create_topic);
  f.flag("lsn_header", c.lsn_header);
  f.properties("properties", c.properties, c.secret_properties);
  f.optional_group("oauth", c.oauth, oauth_config{},
                   [](auto& g, auto& oauth) { describe(g, oauth); });
}

template <class Fields>
void describe(Fields& f, dead_letter_config& c) {
  f.text("topic", c.topic);
  f.text("file", c.file);
}

/// `leases`: what a target's own `leases` block starts from.
template <class Fields>
void describe(Fields& f, target_config& c, const lease_config& leases) {
  const auto members = [](auto& g, auto& block) { describe(g, block); };
  f.text("cluster_id", c.cluster_id);
  f.choice("own_changes", c.own_changes, own_changes_modes);
  f.duration("confirm_after", c.confirm_after, {milliseconds{0}, milliseconds{300'000}});
  f.list("regions", c.regions);
  f.list("feeds", c.feeds, {}, need::required);
  f.group("filter", c.filter, members);
  f.group("kafka", c.kafka, members);
  f.optional_group("leases", c.leases, leases, members);
  f.optional_group("dead_letter", c.dead_letter, dead_letter_config{}, members);
}

template <class Fields>
void describe(Fields& f, tuning_config& c) {
  constexpr std::uint64_t kib = 1024;
  constexpr std::uint64_t mib = 1024 * kib;
  f.group("poll", c.poll, [](auto& g, auto& poll) {
    g.duration("min", poll.min, {milliseconds{10}, milliseconds{60'000}});
    g.duration("max", poll.max, {milliseconds{10}, milliseconds{60'000}});
    g.duration("timeout", poll.timeout, {milliseconds{1000}, milliseconds{300'000}});
  });
  f.group("page", c.page, [](auto& g, auto& page) {
    g.number("max_items", page.max_items, {1, 10'000});
    g.size("max_bytes", page.max_bytes, {1 * mib, 256 * mib});
  });
  f.group("request_units", c.request_units, [](auto& g, auto& units) {
    g.share("share", units.share, {percent{1}, percent{100}});
  });
  f.group("window", c.window, [](auto& g, auto& window) {
    g.size("bytes", window.bytes, {64 * kib, 1024 * mib});
    g.number("keys", window.keys, {1, 10'000'000});
    g.number("batches", window.batches, {1, 1000});
  });
  f.group("checkpoint", c.checkpoint, [](auto& g, auto& checkpoint) {
    g.duration("interval", checkpoint.interval, {milliseconds{100}, milliseconds{60'000}});
  });
  f.group("leases", c.leases, [](auto& g, auto& leases) {
    g.duration("expiry", leases.expiry, {milliseconds{3'000}, milliseconds{600'000}});
    g.duration("renew", leases.renew, {milliseconds{500}, milliseconds{200'000}});
    g.duration("look", leases.look, {milliseconds{500}, milliseconds{200'000}});
    g.number("request_units", leases.request_units, {10, 1'000'000});
  });
  f.group("threads", c.threads, [](auto& g, auto& threads) {
    g.number("io", threads.io, {1, 64});
    g.number("actors", threads.actors, {1, 64});
  });
  f.group("produce", c.produce, [](auto& g, auto& produce) {
    g.duration("linger", produce.linger, {milliseconds{0}, milliseconds{1000}});
    // The topic keeps a record for five minutes: a longer try would deliver what is about to
    // expire.
    g.duration("message_timeout", produce.message_timeout,
               {milliseconds{1000}, milliseconds{300'000}});
  });
}

template <class Fields>
void describe(Fields& f, service_config& c) {
  const auto members = [](auto& g, auto& block) { describe(g, block); };
  f.table("accounts", c.accounts, members);
  f.table("feeds", c.feeds, members);
  // Before the targets, whose own `leases` start from it.
  f.group("leases", c.leases, members);
  f.table("targets", c.targets,
          [&c](auto& g, target_config& target) { describe(g, target, c.leases); });
  f.group("admin", c.admin, [](auto& g, auto& admin) {
    g.text("listen", admin.listen);
    g.secret("token", admin.token, need::optional);
    g.list("hosts", admin.hosts);
  });
  f.text("instance", c.instance);
  f.text("region", c.region);
  f.list("serve", c.serve);
  f.duration("drain_deadline", c.drain_deadline, {milliseconds{100}, milliseconds{600'000}});
  f.group("tuning", c.tuning, members);
}

} // namespace feedcast::settings
