#include "settings/upstream_variables.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace feedcast::settings {

namespace {

constexpr std::string_view config_prefix = "CONFIG_";
constexpr std::string_view own_block = "whisk.cache-invalidator.";
constexpr std::string_view collections_block = "whisk.cache-invalidator.cosmosdb.collections.";

struct name_pair {
  std::string_view name;
  std::string_view meaning;
};

constexpr std::array<name_pair, 4> direct_variables{{
    {"COSMOSDB_ENDPOINT", "whisk.cache-invalidator.cosmosdb.endpoint"},
    {"COSMOSDB_KEY", "whisk.cache-invalidator.cosmosdb.key"},
    {"COSMOSDB_NAME", "whisk.cache-invalidator.cosmosdb.db"},
    {"KAFKA_HOSTS", "pekko.kafka.producer.kafka-clients.bootstrap.servers"},
}};

/// What the replaced service reads and feedcast maps.
constexpr std::array<std::string_view, 9> mapped_settings{
    "whisk.cache-invalidator.cosmosdb.endpoint",
    "whisk.cache-invalidator.cosmosdb.key",
    "whisk.cache-invalidator.cosmosdb.db",
    "whisk.cache-invalidator.cosmosdb.throughput",
    "whisk.cache-invalidator.cosmosdb.lease-collection",
    "whisk.cache-invalidator.cosmosdb.hostname",
    "whisk.cache-invalidator.cosmosdb.start-from-beginning",
    "whisk.cache-invalidator.port",
    "whisk.cache-invalidator.cluster-id",
};

/// What it reads and feedcast has no use for, and why.
constexpr std::array<name_pair, 6> needless_settings{{
    {"whisk.cache-invalidator.cosmosdb.connection-mode", "feedcast always talks to the gateway"},
    {"whisk.cache-invalidator.cosmosdb.consistency-level",
     "the change feed is read in the order of its replica"},
    {"whisk.cache-invalidator.event-producer.buffer-size", "tuning.window bounds what may wait"},
    {"whisk.metrics.prometheus-enabled", "metrics are always served at /metrics"},
    {"whisk.metrics.kamon-enabled", "metrics are always served at /metrics"},
    {"whisk.metrics.kamon-tags-enabled", "metrics are always served at /metrics"},
}};

constexpr std::array<name_pair, 6> needless_variables{{
    {"METRICS_KAMON", "metrics are always served at /metrics"},
    {"METRICS_KAMON_TAGS", "metrics are always served at /metrics"},
    {"METRICS_LOG", "metrics are always served at /metrics"},
    {"OPENWHISK_CONFIG", "give its values as CONFIG_ variables or in a file with -c"},
    {"OPENWHISK_ENCODED_CONFIG", "give its values as CONFIG_ variables or in a file with -c"},
    {"CACHE_INVALIDATOR_OPTS", "there is no JVM"},
}};

constexpr std::array<std::string_view, 4> collection_settings{"endpoint", "key", "db",
                                                              "throughput"};
constexpr std::array<std::string_view, 2> needless_collection_settings{"connection-mode",
                                                                       "consistency-level"};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

void warn(const std::string& variable, std::string message, std::string hint,
          diagnostic_list& complaints) {
  complaints.warning({origin::layer::environment, variable}, {}, std::move(message),
                     std::move(hint));
}

/// Why a setting has no effect here; empty if it has one or is none of the replaced service's.
std::string why_needless(std::string_view name, std::string_view lease_collection) {
  for (const auto& needless : needless_settings)
    if (needless.name == name)
      return std::string{needless.meaning};
  if (!name.starts_with(collections_block))
    return {};
  const auto rest = name.substr(collections_block.size());
  const auto dot = std::min(rest.find('.'), rest.size());
  const auto collection = rest.substr(0, dot);
  const auto member = dot < rest.size() ? rest.substr(dot + 1) : std::string_view{};
  if (contains(needless_collection_settings, member))
    return "feedcast always talks to the gateway, with the replica's own order";
  if (collection != "whisks" && collection != lease_collection)
    return "only whisks and the lease collection are read";
  if (collection == "whisks" && member == "throughput")
    return "feedcast never creates the whisks collection";
  return {};
}

bool is_mapped(std::string_view name) {
  if (!name.starts_with(collections_block))
    return contains(mapped_settings, name);
  const auto dot = name.rfind('.');
  return contains(collection_settings, name.substr(dot + 1));
}

} // namespace

std::string dotted_name(std::string_view config_variable) {
  config_variable.remove_prefix(std::min(config_prefix.size(), config_variable.size()));
  std::string name;
  bool verbatim = false; // a part that begins with a capital, as the name of a class does
  for (const auto c : config_variable) {
    const bool capital = std::isupper(static_cast<unsigned char>(c)) != 0;
    if (name.empty() || name.back() == '.')
      verbatim = capital;
    if (c == '_') {
      name += '.';
    } else if (capital && !verbatim) {
      name += '-';
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else {
      name += c;
    }
  }
  // Older releases call the library by its former name.
  if (name.starts_with("akka."))
    name.replace(0, 4, "pekko");
  return name;
}

std::optional<std::string> producer_property(std::string_view dotted) {
  constexpr std::string_view block = "pekko.kafka.producer.kafka-clients.";
  constexpr std::array<std::string_view, 4> same_in_librdkafka{
      "security.protocol", "sasl.mechanism", "client.id", "ssl.endpoint.identification.algorithm"};
  if (!dotted.starts_with(block) || !contains(same_in_librdkafka, dotted.substr(block.size())))
    return std::nullopt;
  return std::string{dotted.substr(block.size())};
}

upstream_settings read_upstream_settings(const environment_map& environment,
                                         diagnostic_list& complaints) {
  upstream_settings settings;
  for (const auto& direct : direct_variables) {
    const auto found = environment.find(std::string{direct.name});
    if (found != environment.end() && !found->second.empty())
      settings[std::string{direct.meaning}] = {found->second, found->first};
  }
  for (const auto& [variable, text] : environment) {
    if (!variable.starts_with(config_prefix) || text.empty())
      continue;
    const auto name = dotted_name(variable);
    const bool ours = name.starts_with(own_block) || name.starts_with("pekko.kafka.producer.")
                      || name == "whisk.kafka.topics.prefix";
    if (!ours)
      continue;
    if (!text.starts_with('$')) {
      settings[name] = {text, variable};
      continue;
    }
    const auto meant = environment.find(text.substr(1));
    if (meant == environment.end() || meant->second.empty())
      complaints.error({origin::layer::environment, variable}, {},
                       "refers to a variable that is not set", "set the variable named after `$`");
    else
      settings[name] = {meant->second, meant->first};
  }
  return settings;
}

void warn_about_unused(const environment_map& environment, const upstream_settings& settings,
                       std::string_view lease_collection, diagnostic_list& complaints) {
  for (const auto& needless : needless_variables)
    if (environment.contains(std::string{needless.name}))
      warn(std::string{needless.name}, "has no meaning for feedcast", std::string{needless.meaning},
           complaints);
  for (const auto& [variable, text] : environment) {
    if (!variable.starts_with(config_prefix))
      continue;
    const auto name = dotted_name(variable);
    if (auto reason = why_needless(name, lease_collection); !reason.empty()) {
      warn(variable, "has no meaning for feedcast", std::move(reason), complaints);
    } else if (name.starts_with(own_block) && !is_mapped(name)) {
      std::vector<std::string> known{mapped_settings.begin(), mapped_settings.end()};
      warn(variable, "is not a setting of the replaced service: " + name, did_you_mean(name, known),
           complaints);
    }
  }
  constexpr std::string_view producer = "pekko.kafka.producer.";
  for (auto entry = settings.lower_bound(producer);
       entry != settings.end() && entry->first.starts_with(producer); ++entry)
    if (!producer_property(entry->first) && !entry->first.ends_with(".bootstrap.servers"))
      warn(entry->second.variable, "this producer setting is not taken over: " + entry->first,
           "set librdkafka's equivalent as FEEDCAST_TARGETS__DEFAULT__KAFKA__PROPERTIES__...",
           complaints);
}

} // namespace feedcast::settings
