#pragma once

#include "core/clock.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// The whole configuration as plain values, after all layers were merged and every check passed.
/// One struct per block of the YAML; member names are the YAML keys. configs/schema.json is held
/// against these by a test.
namespace feedcast::settings {

/// A value that must never be shown. Printing it anywhere is a bug; `reveal` marks the few places
/// that need it.
class secret {
 public:
  secret() = default;

  explicit secret(std::string value, std::string file = {})
      : value_(std::move(value)), file_(std::move(file)) {}

  const std::string& reveal() const noexcept { return value_; }

  bool empty() const noexcept { return value_.empty(); }

  /// Where it was read from, so that it can be read again (secret_source.hpp); empty if elsewhere.
  const std::string& file() const noexcept { return file_; }

 private:
  std::string value_;
  std::string file_;
};

/// A share of something, in whole percent; zero is "off".
struct percent {
  std::uint32_t value = 0;

  double of_one() const noexcept { return value / 100.0; }

  auto operator<=>(const percent&) const = default;
};

/// An identity of Microsoft Entra ID (Azure AD).
struct aad_config {
  /// How it is proven: client_secret | workload_identity | managed_identity
  std::string identity = "client_secret";
  std::string tenant;            ///< id or domain; of a workload also from AZURE_TENANT_ID
  std::string client_id;         ///< of a workload also from AZURE_CLIENT_ID
  secret client_secret;          ///< for client_secret
  std::string token_file;        ///< for workload_identity; also from AZURE_FEDERATED_TOKEN_FILE
  std::string authority;         ///< default: AZURE_AUTHORITY_HOST for a workload, else Azure's
  std::string identity_endpoint; ///< for managed_identity; default: IDENTITY_ENDPOINT, or IMDS
  secret identity_header;        ///< goes with it where IDENTITY_HEADER is set
};

/// cosmosdb: exactly one of `key`, `resource_token` and `aad` is given. couchdb: `user` and
/// `password`, or `token`, or, for a server that asks nobody who he is, none.
struct account_config {
  std::string type = "cosmosdb"; ///< cosmosdb | couchdb
  std::string endpoint;
  secret key; ///< also a read-only one, where the leases are kept elsewhere
  secret resource_token;
  std::optional<aad_config> aad;
  std::string database; ///< cosmosdb; of couchdb each feed names its own
  std::string user;
  secret password;
  std::string login;   ///< cookie | basic; empty without `user`, default with it: cookie
  secret token;        ///< a JWT
  std::string ca_file; ///< PEM; empty = the system's roots
  std::string proxy;   ///< empty = from the environment, "none" = no proxy
  /// After the account's write region has changed, feeds are read again from so long before it was
  /// last seen: what the account may lose when a region is lost.
  milliseconds failover_rewind{15 * 60'000};
};

enum class start_kind : std::uint8_t { now, beginning, time };
/// latest: the newest version of each document. all_versions: each version, hard deletes, expiries.
enum class feed_mode : std::uint8_t { latest, all_versions };
enum class identity_mode : std::uint8_t { off, namespaces, uuid };

struct feed_config {
  std::string account;
  std::string collection; ///< default: the feed's own name
  start_kind start = start_kind::now;
  wall_time start_time{}; ///< for start_kind::time
  feed_mode mode = feed_mode::latest;
  milliseconds overlap{3'600'000};     ///< read of the latest versions before all are
  milliseconds tombstone_ttl{0};       ///< as the writers set it; 0 = not declared
  milliseconds max_outage{28'800'000}; ///< for how long the feed may have to go unread
  /// What a document of this feed means: "entities" (whisks) or "identities" (subjects). Follows
  /// from `identities`.
  bool identities_feed =
      false; ///< true if `identities` is given or the collection is named subjects
  /// False for a collection named subjects whose `identities` are off: no target reads it, and
  /// targets' lists don't name it any more.
  bool read = true;
  identity_mode identities = identity_mode::namespaces;
  std::uint32_t throughput = 0;  ///< RU/s, for credentials that may not read it; 0 = not declared
  std::string cluster_id_member; ///< couchdb: which member names the writer's cluster; empty = none
};

enum class own_changes_mode : std::uint8_t { skip, confirm, send };

struct filter_config {
  std::vector<std::string> kinds;      ///< action, package, trigger, rule; empty = all
  std::vector<std::string> namespaces; ///< patterns with `*`; empty = all
};

/// Client credentials (OAuth 2) for brokers that want SASL's OAUTHBEARER.
struct oauth_config {
  std::string token_url;
  std::string client_id;
  secret client_secret;
  std::string scope;
  std::vector<std::string> extensions; ///< "name=value", sent to the broker along with the token
};

struct kafka_config {
  std::string brokers;
  std::string topic = "cacheInvalidation";
  std::string topic_prefix; ///< put in front of `topic`
  std::string key = "id";   ///< id | constant
  bool create_topic = false;
  bool lsn_header = false;                       ///< adds record header `feedcast-lsn`, for audits
  std::map<std::string, std::string> properties; ///< passed to librdkafka as they are
  std::map<std::string, secret> secret_properties; ///< the same, from {from_file}/{from_env}
  std::optional<oauth_config> oauth;
};

/// automatic: that of the account, see lease_store_of (complete.hpp).
enum class lease_store_kind : std::uint8_t { automatic, cosmosdb, couchdb, file };

struct lease_config {
  lease_store_kind store = lease_store_kind::automatic;
  std::string account;                                ///< default: the feed's own account
  std::string collection = "cache-invalidator-lease"; ///< couchdb: a database
  std::string format = "auto";                        ///< auto | pk | java-epk | dotnet-epk
  std::string
      prefix;       ///< default "<cluster-id>-<collection>", or "<collection>" without a cluster id
  std::string path; ///< folder, for store: file
  std::uint32_t throughput = 400; ///< RU/s when the container has to be created
};

struct dead_letter_config {
  std::string topic; ///< of the target's own brokers; without topic_prefix
  std::string file;
};

struct target_config {
  std::string cluster_id;
  own_changes_mode own_changes = own_changes_mode::skip; ///< without a cluster id: send
  milliseconds confirm_after{0};                         ///< 0 = off
  std::vector<std::string> regions;
  std::vector<std::string> feeds;
  filter_config filter;
  kafka_config kafka;
  std::optional<lease_config> leases;
  std::optional<dead_letter_config> dead_letter;
};

struct admin_config {
  std::string listen = "127.0.0.1:8080"; ///< "off" = no admin server
  secret token;                          ///< asked of every write; empty = no writes
  std::vector<std::string> hosts;        ///< names it may be called by, besides its own address
};

struct tuning_config {
  struct {
    milliseconds min{100};        ///< first wait after an empty page
    milliseconds max{1000};       ///< longest wait between polls of an idle range
    milliseconds timeout{30'000}; ///< deadline of one feed request
  } poll;

  struct {
    std::uint32_t max_items = 500;        ///< documents per page asked for
    std::uint64_t max_bytes = 32U << 20U; ///< larger answers are refused
  } page;

  struct {
    /// Of the collection's throughput, what one processor may spend on reading.
    percent share{20};
  } request_units;

  struct {
    std::uint64_t bytes = 16U << 20U; ///< per range: messages waiting or in flight
    std::uint32_t keys = 100'000;     ///< per range: distinct keys waiting or in flight
    std::uint32_t batches =
        16; ///< per range: batches handed to the target and not yet acknowledged
  } window;

  struct {
    milliseconds interval{1000}; ///< at most one checkpoint per range and interval
  } checkpoint;

  struct {
    milliseconds expiry{60'000}; ///< a lease that was not renewed for so long is free
    milliseconds renew{17'000};  ///< after so long without a checkpoint a lease is renewed
    milliseconds look{13'000};   ///< between looks at who owns what
    std::uint32_t request_units =
        200; ///< per second, for all instances' lease writes of a processor
  } leases;

  struct {
    std::uint32_t io = 1;     ///< HTTP threads
    std::uint32_t actors = 2; ///< CAF workers
  } threads;

  struct {
    milliseconds linger{5};               ///< librdkafka linger.ms
    milliseconds message_timeout{30'000}; ///< then produced again with a fresh timestamp
  } produce;
};

struct service_config {
  std::map<std::string, account_config> accounts;
  std::map<std::string, feed_config> feeds;
  std::map<std::string, target_config> targets;
  lease_config leases;
  admin_config admin;
  std::string instance;           ///< default: the host name
  std::string region;             ///< where this instance runs; empty = near every target
  std::vector<std::string> serve; ///< the targets that this instance runs; empty = all
  milliseconds drain_deadline{10'000};
  tuning_config tuning;
};

} // namespace feedcast::settings
