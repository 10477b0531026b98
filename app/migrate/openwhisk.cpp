#include "app/migrate/openwhisk.hpp"

#include "app/migrate/upstream_view.hpp"
#include "app/migrate/yaml_text.hpp"
#include "settings/text_rules.hpp"
#include "settings/units.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

namespace feedcast::app {

namespace {

constexpr const char* couchdb = "whisk.couchdb.";
constexpr const char* cosmosdb = "whisk.cosmosdb.";
constexpr const char* invalidator = "whisk.cache-invalidator.";
constexpr const char* invalidator_cosmosdb = "whisk.cache-invalidator.cosmosdb.";
constexpr const char* default_lease_collection = "cache-invalidator-lease";

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument{why};
}

[[noreturn]] void refuse(const std::string& name, const upstream_value& v, const std::string& why) {
  refuse(name + " (" + v.origin + ") " + why);
}

/// One Cosmos DB account as it is configured for one collection.
struct cosmos_block {
  const upstream_value* endpoint = nullptr;
  const upstream_value* key = nullptr;
  const upstream_value* database = nullptr;

  bool operator==(const cosmos_block& other) const {
    return endpoint->text == other.endpoint->text && key->text == other.key->text
           && database->text == other.database->text;
  }
};

class translation {
 public:
  explicit translation(const upstream_settings& from) : from_(from) {}

  std::string run() {
    out_.comment(0, "Made from OpenWhisk's settings by `feedcast migrate openwhisk`.");
    out_.comment(0, "Try it: feedcast check -c FILE --connect");
    couchdb_ = reads_couchdb();
    if (couchdb_)
      from_couchdb();
    else
      from_cosmosdb();
    target();
    if (const auto* name = from_.find({std::string{invalidator_cosmosdb} + "hostname"}))
      out_.line(0, "instance", yaml_value(name->text), name->origin);
    if (const auto* port = from_.find({std::string{invalidator} + "port"}))
      if (settings::parse_host_port("0.0.0.0:" + port->text)) {
        out_.line(0, "admin", {});
        out_.line(1, "listen", yaml_value("0.0.0.0:" + port->text), port->origin);
      }
    for (const auto& note : notes_)
      out_.comment(0, note);
    if (const auto rest = from_.unused(); !rest.empty()) {
      out_.comment(0, "Without a counterpart:");
      for (const auto& line : rest)
        out_.comment(0, "  " + line);
    }
    return out_.take();
  }

 private:
  bool reads_couchdb() {
    const bool couch = from_.has(couchdb);
    const bool cosmos = from_.has(cosmosdb) || from_.has(invalidator_cosmosdb);
    const auto* spi = from_.find({"whisk.spi.ArtifactStoreProvider"});
    if (spi != nullptr) {
      if (spi->text.find("Couch") != std::string::npos)
        return true;
      if (spi->text.find("CosmosDB") != std::string::npos)
        return false;
      refuse("whisk.spi.ArtifactStoreProvider", *spi, "names neither CouchDB nor Cosmos DB");
    }
    if (!couch && !cosmos)
      refuse("there are no settings of whisk.couchdb, whisk.cosmosdb or whisk.cache-invalidator");
    if (couch && cosmos)
      notes_.emplace_back(from_.has(invalidator_cosmosdb)
                              ? "whisk.couchdb is not used: the cache invalidator's own settings "
                                "are of Cosmos DB."
                              : "whisk.cosmosdb is not used: without "
                                "whisk.spi.ArtifactStoreProvider OpenWhisk takes CouchDB.");
    return couch && !from_.has(invalidator_cosmosdb);
  }

  const upstream_value& need(const std::string& name) {
    const auto* v = from_.find({name});
    if (v == nullptr)
      refuse(name + " is missing");
    return *v;
  }

  void secret(int depth, const char* key, const upstream_value* v, const char* variable) {
    std::string comment;
    if (v == nullptr)
      comment = "set it, or write {from_file: PATH}";
    else if (v->variable.empty())
      comment = "set it to what " + v->origin + " says, or write {from_file: PATH}";
    const bool usable = v != nullptr && !v->variable.empty();
    out_.line(depth, key, "{from_env: " + yaml_value(usable ? v->variable : variable) + "}",
              comment);
  }

  // -- CouchDB

  void from_couchdb() {
    out_.line(0, "accounts", {});
    out_.line(1, "main", {});
    out_.line(2, "type", "couchdb");
    couchdb_endpoint();
    const auto* user = from_.find({"whisk.couchdb.username"});
    const auto* password = from_.find({"whisk.couchdb.password"});
    if (user != nullptr) {
      out_.line(2, "user", yaml_value(user->text), user->origin);
      secret(2, "password", password, "COUCHDB_PASSWORD");
    }
    couchdb_feeds();
    out_.line(0, "leases", {});
    out_.line(1, "collection", "feedcast_leases",
              "a database; created if it is missing, which takes an admin");
    from_.find({"whisk.couchdb.provider"});
  }

  void couchdb_endpoint() {
    const auto& host = need("whisk.couchdb.host");
    const auto* protocol = from_.find({"whisk.couchdb.protocol"});
    const auto* port = from_.find({"whisk.couchdb.port"});
    std::string scheme = protocol == nullptr ? "https" : protocol->text;
    if (scheme != "http" && scheme != "https")
      refuse("whisk.couchdb.protocol", *protocol, "is neither http nor https");
    auto number = port == nullptr ? std::string{} : port->text;
    const bool encrypted_elsewhere = scheme == "http" && !settings::is_loopback(host.text);
    if (encrypted_elsewhere) {
      out_.comment(2, "OpenWhisk speaks plain http here. feedcast does so to loopback addresses "
                      "only: name an https port, or a proxy on this machine.");
      scheme = "https";
      if (number == "5984")
        number = "6984"; // CouchDB's own pair
    }
    const auto endpoint = scheme + "://" + host.text + (number.empty() ? "" : ":" + number) + "/";
    if (!settings::parse_endpoint(endpoint))
      refuse("whisk.couchdb.host", host, "and whisk.couchdb.port are no host and port");
    out_.line(2, "endpoint", yaml_value(endpoint), host.origin);
  }

  const upstream_value* database(const std::string& entity) {
    const auto name = "whisk.couchdb.databases." + entity;
    const auto* v = from_.find({name});
    if (v != nullptr && !settings::is_couchdb_name(v->text))
      refuse(name, *v, "is not the name of a CouchDB database");
    return v;
  }

  void couchdb_feeds() {
    const auto* whisks = database("WhiskEntity");
    if (whisks == nullptr)
      refuse("whisk.couchdb.databases.WhiskEntity is missing");
    const auto* subjects = database("WhiskAuth");
    const auto* activations = database("WhiskActivation");
    out_.line(0, "feeds", {});
    out_.line(1, "whisks", {});
    out_.line(2, "account", "main");
    out_.line(2, "collection", yaml_value(whisks->text), whisks->origin);
    feeds_ = {"whisks"};
    if (subjects != nullptr && subjects->text != whisks->text) {
      out_.line(1, "subjects", {});
      out_.line(2, "account", "main");
      out_.line(2, "collection", yaml_value(subjects->text), subjects->origin);
      out_.line(2, "identities", "namespace");
      feeds_.emplace_back("subjects");
    } else {
      notes_.emplace_back(subjects == nullptr
                              ? "whisk.couchdb.databases.WhiskAuth is missing: identities are not "
                                "read."
                              : "Identities are not read: they are in the database of the "
                                "entities.");
    }
    if (activations != nullptr && activations->text == whisks->text)
      notes_.emplace_back("Activations are in the database of the entities: every one of them is "
                          "a change that feedcast has to read, and is sent.");
  }

  // -- Cosmos DB

  /// The setting of a collection, by what controllers call it and by its own name.
  const upstream_value* cosmos(const std::string& entity, const std::string& collection,
                               const std::string& name) {
    const auto own = std::string{cosmosdb} + "collections." + entity + '.' + name;
    const auto service =
        std::string{invalidator_cosmosdb} + "collections." + collection + '.' + name;
    return from_.find(
        {service, std::string{invalidator_cosmosdb} + name, own, std::string{cosmosdb} + name});
  }

  cosmos_block block(const std::string& entity, const std::string& collection) {
    cosmos_block b{cosmos(entity, collection, "endpoint"), cosmos(entity, collection, "key"),
                   cosmos(entity, collection, "db")};
    if (b.endpoint == nullptr)
      refuse("whisk.cosmosdb.endpoint is missing");
    if (b.key == nullptr)
      refuse("whisk.cosmosdb.key is missing");
    if (b.database == nullptr)
      refuse("whisk.cosmosdb.db is missing");
    if (!settings::parse_endpoint(b.endpoint->text))
      refuse("the endpoint", *b.endpoint, "is not https://ACCOUNT.documents.azure.com:443/");
    if (!settings::is_collection_name(b.database->text))
      refuse("the database", *b.database, "has a name that Cosmos DB would not take");
    return b;
  }

  void cosmos_account(const char* name, const cosmos_block& b) {
    out_.line(1, name, {});
    out_.line(2, "endpoint", yaml_value(b.endpoint->text), b.endpoint->origin);
    secret(2, "key", b.key, "COSMOSDB_KEY");
    out_.line(2, "database", yaml_value(b.database->text), b.database->origin);
  }

  void from_cosmosdb() {
    const auto* named = from_.find({std::string{invalidator_cosmosdb} + "lease-collection"});
    const auto lease_collection = named == nullptr ? default_lease_collection : named->text;
    const auto whisks = block("WhiskEntity", "whisks");
    const bool controllers = from_.has(cosmosdb);
    const auto subjects = controllers ? block("WhiskAuth", "subjects") : whisks;
    const bool own_leases =
        from_.has(invalidator_cosmosdb) && cosmos({}, lease_collection, "endpoint") != nullptr;
    const auto leases = own_leases ? block({}, lease_collection) : whisks;
    out_.line(0, "accounts", {});
    cosmos_account("main", whisks);
    if (!(subjects == whisks))
      cosmos_account("subjects", subjects);
    if (!(leases == whisks))
      cosmos_account("leases", leases);
    out_.line(0, "feeds", {});
    cosmos_feed("whisks", "main", "WhiskEntity");
    if (controllers)
      cosmos_feed("subjects", subjects == whisks ? "main" : "subjects", "WhiskAuth");
    else
      notes_.emplace_back("Identities are not read, as by the cache invalidator: add a feed named "
                          "subjects to have them invalidated, too.");
    cosmos_leases(lease_collection, named, leases == whisks);
  }

  void cosmos_feed(const char* name, const char* account, const char* entity) {
    feeds_.emplace_back(name);
    out_.line(1, name, {});
    out_.line(2, "account", account);
    const auto* start = from_.find({std::string{invalidator_cosmosdb} + "start-from-beginning"});
    if (start != nullptr && start->text == "true")
      out_.line(2, "start", "beginning", start->origin);
    if (const auto* ttl = cosmos(entity, name, "soft-delete-ttl")) {
      const auto time = duration_of(ttl->text);
      if (time.empty())
        refuse("soft-delete-ttl", *ttl, "is not a time");
      out_.line(2, "tombstone_ttl", time, ttl->origin);
    } else {
      notes_.emplace_back("Controllers delete documents of " + std::string{name}
                          + " for good (no soft-delete-ttl), which the feed does not tell: see "
                            "docs/deletes.md.");
    }
  }

  void cosmos_leases(const std::string& collection, const upstream_value* named, bool same) {
    const auto* throughput =
        from_.find({std::string{invalidator_cosmosdb} + "collections." + collection + ".throughput",
                    std::string{invalidator_cosmosdb} + "throughput"});
    const std::uint64_t units =
        throughput == nullptr ? 0 : settings::parse_count(throughput->text).value_or(0);
    const bool fits = units >= 400 && units <= 1'000'000;
    if (same && named == nullptr && !fits)
      return;
    if (!settings::is_collection_name(collection))
      refuse("the lease collection", *named, "has a name that Cosmos DB would not take");
    out_.line(0, "leases", {});
    if (!same)
      out_.line(1, "account", "leases");
    if (named != nullptr)
      out_.line(1, "collection", yaml_value(collection), named->origin);
    if (fits)
      out_.line(1, "throughput", std::to_string(units), throughput->origin);
  }

  // -- the cluster

  void target() {
    out_.line(0, "targets", {});
    out_.line(1, "default", {});
    if (const auto* id =
            from_.find({"whisk.cache-invalidator.cluster-id", "whisk.cosmosdb.cluster-id",
                        "whisk.cosmosdb.collections.WhiskEntity.cluster-id"})) {
      if (!settings::is_name(id->text))
        refuse("the cluster id", *id, "is not 1 to 64 letters, digits, `-`, `_` or `.`");
      out_.line(2, "cluster_id", yaml_value(id->text), id->origin);
      if (couchdb_)
        out_.comment(2, "Stock OpenWhisk marks no document in CouchDB; where yours does, name the "
                        "member as feeds.*.cluster_id_member.");
    }
    if (!couchdb_)
      if (const auto regions = from_.list("whisk.cosmosdb.connection-policy.preferred-locations");
          !regions.empty())
        out_.line(2, "regions", yaml_list(regions),
                  "whisk.cosmosdb.connection-policy.preferred-locations");
    out_.line(2, "feeds", yaml_list(feeds_));
    kafka();
  }

  void kafka() {
    out_.line(2, "kafka", {});
    if (const auto* brokers =
            from_.find({"whisk.kafka.hosts", "kafka.hosts", "whisk.kafka.common.bootstrap-servers",
                        "pekko.kafka.producer.kafka-clients.bootstrap.servers",
                        "akka.kafka.producer.kafka-clients.bootstrap.servers"})) {
      std::string_view rest = brokers->text;
      while (!rest.empty()) {
        const auto comma = std::min(rest.find(','), rest.size());
        if (const auto b = settings::parse_host_port(settings::trimmed(rest.substr(0, comma)));
            !b || b->port == 0)
          refuse("the brokers", *brokers, "are not host:port, separated by commas");
        rest.remove_prefix(std::min(comma + 1, rest.size()));
      }
      out_.line(3, "brokers", yaml_value(brokers->text), brokers->origin);
    } else {
      out_.line(3, "brokers", "\"${KAFKA_HOSTS:?set it to the cluster's brokers, host:port}\"",
                "OpenWhisk's settings don't name them");
    }
    if (const auto* prefix = from_.find({"whisk.kafka.topics.prefix"})) {
      if (!settings::is_topic_name(prefix->text + "cacheInvalidation"))
        refuse("whisk.kafka.topics.prefix", *prefix, "does not make the name of a topic");
      out_.line(3, "topic_prefix", yaml_value(prefix->text), prefix->origin);
    }
    const auto* protocol = from_.find({"whisk.kafka.common.security-protocol",
                                       "pekko.kafka.producer.kafka-clients.security.protocol"});
    if (protocol == nullptr || protocol->text == "PLAINTEXT")
      return;
    if (protocol->text == "SSL") {
      out_.line(3, "properties", {});
      out_.line(4, "security.protocol", "SSL", protocol->origin);
    } else {
      notes_.emplace_back("The brokers want " + protocol->text + " (" + protocol->origin
                          + "): write security.protocol, sasl.mechanism and the secrets as "
                            "targets.default.kafka.properties.");
    }
  }

  upstream_view from_;
  bool couchdb_ = false; ///< the database is CouchDB, else Cosmos DB
  yaml_text out_;
  std::vector<std::string> feeds_;
  std::vector<std::string> notes_; ///< comments at the end
};

} // namespace

result<std::string> migrate_openwhisk(const upstream_settings& from) {
  try {
    return translation{from}.run();
  } catch (const std::invalid_argument& why) {
    return make_error(errc::rejected, why.what());
  }
}

} // namespace feedcast::app
