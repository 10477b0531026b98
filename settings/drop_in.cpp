#include "settings/drop_in.hpp"

#include "settings/upstream_variables.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace feedcast::settings {

namespace {

constexpr std::string_view cosmosdb = "whisk.cache-invalidator.cosmosdb.";
constexpr std::string_view brokers_setting = "pekko.kafka.producer.kafka-clients.bootstrap.servers";
constexpr std::array<const char*, 3> account_variables{"COSMOSDB_ENDPOINT", "COSMOSDB_KEY",
                                                       "COSMOSDB_NAME"};

node nothing() {
  return empty_map({origin::layer::environment, {}});
}

bool gives_an_endpoint(const node& layer) {
  const auto* accounts = layer.find("accounts");
  return accounts != nullptr
         && std::any_of(accounts->children.begin(), accounts->children.end(),
                        [](const node& account) { return account.find("endpoint") != nullptr; });
}

bool mentions(const node& tree, std::string_view word) {
  return tree.text.find(word) != std::string::npos
         || std::any_of(tree.children.begin(), tree.children.end(),
                        [word](const node& child) { return mentions(child, word); });
}

/// Builds the layer out of the replaced service's settings.
class translation {
 public:
  translation(const upstream_settings& settings, const node& files, diagnostic_list& complaints)
      : settings_(settings), files_(files), complaints_(complaints) {}

  node run() {
    need(find("whisks", "endpoint"), "COSMOSDB_ENDPOINT");
    need(find("whisks", "key"), "COSMOSDB_KEY");
    need(find("whisks", "db"), "COSMOSDB_NAME");
    account("main", "whisks");
    leases();
    if (files_.find("feeds") == nullptr)
      feed();
    if (files_.find("targets") == nullptr)
      target();
    admin();
    copy(setting("hostname"), {"instance"});
    return std::move(layer_);
  }

  std::string lease_collection() const {
    const auto* named = find(setting("lease-collection"));
    return named == nullptr ? "cache-invalidator-lease" : named->text;
  }

 private:
  static std::string setting(std::string_view name) { return std::string{cosmosdb}.append(name); }

  static origin origin_of(const upstream_value& value) {
    return {origin::layer::environment, value.variable};
  }

  const upstream_value* find(std::string_view name) const {
    const auto found = settings_.find(name);
    return found == settings_.end() ? nullptr : &found->second;
  }

  /// The setting of a collection, which falls back to the common one.
  const upstream_value* find(std::string_view collection, std::string_view name) const {
    const auto own = setting("collections.").append(collection).append(".").append(name);
    const auto* value = find(own);
    return value != nullptr ? value : find(setting(name));
  }

  bool has_own_account(std::string_view collection) const {
    const auto block = setting("collections.").append(collection).append(".");
    return std::any_of(settings_.begin(), settings_.end(), [&block](const auto& entry) {
      return entry.first.starts_with(block) && !entry.first.ends_with(".throughput");
    });
  }

  void need(const upstream_value* value, const char* variable) {
    if (value == nullptr)
      complaints_.error({origin::layer::environment, variable}, {}, "is not set",
                        "set it, or name a configuration file with -c");
  }

  void copy(std::string_view from, const std::vector<std::string>& to) {
    if (const auto* value = find(from))
      put_at(layer_, to, value->text, origin_of(*value));
  }

  void constant(const std::vector<std::string>& to, std::string text) {
    put_at(layer_, to, std::move(text), {origin::layer::defaults, "drop-in"});
  }

  void account(const std::string& name, std::string_view collection) {
    const auto* endpoint = find(collection, "endpoint");
    const auto* key = find(collection, "key");
    const auto* database = find(collection, "db");
    if (endpoint != nullptr)
      put_at(layer_, {"accounts", name, "endpoint"}, endpoint->text, origin_of(*endpoint));
    if (key != nullptr)
      put_at(layer_, {"accounts", name, "key", "from_env"}, key->variable, origin_of(*key));
    if (database != nullptr)
      put_at(layer_, {"accounts", name, "database"}, database->text, origin_of(*database));
  }

  void leases() {
    const auto collection = lease_collection();
    // The replaced service keeps its leases by the common settings, whatever those of whisks are.
    if (has_own_account(collection) || has_own_account("whisks")) {
      account("leases", collection);
      constant({"leases", "account"}, "leases");
    }
    copy(setting("lease-collection"), {"leases", "collection"});
    if (const auto* throughput = find(collection, "throughput"))
      put_at(layer_, {"leases", "throughput"}, throughput->text, origin_of(*throughput));
  }

  void feed() {
    constant({"feeds", "whisks", "account"}, "main");
    const auto* start = find(setting("start-from-beginning"));
    if (start == nullptr)
      return;
    if (start->text == "true" || start->text == "false")
      put_at(layer_, {"feeds", "whisks", "start"}, start->text == "true" ? "beginning" : "now",
             origin_of(*start));
    else
      complaints_.error(origin_of(*start), {}, "is neither true nor false",
                        "write true to start from the beginning");
  }

  void target() {
    const auto* brokers = find(brokers_setting);
    need(brokers, "KAFKA_HOSTS");
    copy(brokers_setting, {"targets", "default", "kafka", "brokers"});
    copy("whisk.kafka.topics.prefix", {"targets", "default", "kafka", "topic_prefix"});
    copy("whisk.cache-invalidator.cluster-id", {"targets", "default", "cluster_id"});
    constant({"targets", "default", "kafka", "key"}, "constant");
    constant({"targets", "default", "feeds"}, "whisks");
    for (const auto& [name, value] : settings_)
      if (const auto property = producer_property(name))
        put_at(layer_, {"targets", "default", "kafka", "properties", *property}, value.text,
               origin_of(value));
  }

  void admin() {
    if (const auto* port = find("whisk.cache-invalidator.port"))
      put_at(layer_, {"admin", "listen"}, "0.0.0.0:" + port->text, origin_of(*port));
    else
      constant({"admin", "listen"}, "0.0.0.0:8080");
  }

  const upstream_settings& settings_;
  const node& files_;
  diagnostic_list& complaints_;
  node layer_ = nothing();
};

} // namespace

node drop_in_layer(const environment_map& environment, const other_layers& others,
                   diagnostic_list& complaints) {
  const auto is_set = [&environment](const char* name) {
    const auto found = environment.find(name);
    return found != environment.end() && !found->second.empty();
  };
  if (gives_an_endpoint(others.all)) {
    for (const auto* variable : account_variables)
      if (gives_an_endpoint(others.files) && is_set(variable) && !mentions(others.files, variable))
        complaints.warning({origin::layer::environment, variable}, {}, "is ignored",
                           "the configuration file names its own accounts");
    return nothing();
  }
  if (others.has_files && std::none_of(account_variables.begin(), account_variables.end(), is_set))
    return nothing();
  const auto settings = read_upstream_settings(environment, complaints);
  translation translate{settings, others.files, complaints};
  warn_about_unused(environment, settings, translate.lease_collection(), complaints);
  return translate.run();
}

} // namespace feedcast::settings
