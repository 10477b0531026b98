#include "app/wiring.hpp"

#include "app/databases.hpp"
#include "app/kafka_tokens.hpp"
#include "http/crypto/digest.hpp"
#include "leases/file_store.hpp"
#include "settings/complete.hpp"
#include "settings/secret_source.hpp"
#include "sinks/file/file_sink.hpp"
#include "sinks/kafka/config.hpp"
#include "sinks/kafka/kafka_sink.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

namespace feedcast::app {

namespace {

error rejected(const std::string& where, const error& why) {
  return make_error(errc::rejected, where + ": " + why.detail);
}

filter_options filter_of(const settings::target_config& t) {
  filter_options f;
  if (t.own_changes != settings::own_changes_mode::send)
    f.own_cluster = t.cluster_id;
  f.confirm_own = t.own_changes == settings::own_changes_mode::confirm;
  for (const auto& kind : t.filter.kinds)
    f.kinds.push_back(parse_entity_kind(kind));
  f.namespaces = t.filter.namespaces;
  return f;
}

configured_start start_of(const settings::feed_config& f) {
  return {f.start, f.start_time};
}

dead_letter_form dead_letter_form_of(const std::string& target) {
  return {.target = target, .fingerprint = [](std::string_view bytes) {
            return http::crypto::to_hex(http::crypto::sha256(bytes));
          }};
}

/// Wires one target; keeps the databases that its processors share.
class target_wiring {
 public:
  target_wiring(const settings::service_config& config, std::string name, platform& shared)
      : config_(config)
      , name_(std::move(name))
      , target_(config.targets.at(name_))
      , shared_(shared) {}

  result<target_arguments> wire() {
    target_arguments out;
    out.target = name_;
    out.watch = shared_.watch();
    auto delivery = wire_delivery();
    if (!delivery)
      return delivery.error();
    out.delivery = std::move(*delivery);
    for (const auto& feed : target_.feeds) {
      auto collection = wire_collection(feed, config_.feeds.at(feed));
      if (!collection)
        return collection.error();
      out.collections.push_back(std::move(*collection));
    }
    return out;
  }

  result<processor_leases> wire_leases_of(const std::string& name, const std::string& host,
                                          bool beside_others) {
    auto feed = databases_for(name).feed(name);
    if (!feed)
      return feed.error();
    processor_leases out;
    out.target = name_;
    out.feed = name;
    out.prefix = settings::lease_prefix_of(config_, target_, config_.feeds.at(name));
    out.host = host.empty() ? feed->host : host;
    out.database = feed->database;
    out.collection = config_.feeds.at(name).collection;
    out.knows_times = feed->knows_times;
    auto leases = wire_leases(name, out.host, feed->database, beside_others);
    if (!leases)
      return leases.error();
    out.place = std::move(leases->place);
    out.open = std::move(leases->open);
    out.open_source = std::move(feed->open);
    out.read_rid = std::move(feed->read_rid);
    return out;
  }

 private:
  result<delivery_arguments> wire_delivery() {
    auto options = kafka::make_options(name_, target_.kafka, config_.tuning);
    auto tokens = kafka_tokens(target_.kafka, name_, shared_.io);
    if (!tokens)
      return tokens.error();
    options.tokens = *tokens;
    // Asked for now so that a property that librdkafka refuses ends the start, not the first
    // delivery.
    if (const auto conf = kafka::make_producer_conf(options); !conf)
      return rejected("targets." + name_ + ".kafka", conf.error());
    delivery_arguments out;
    out.target = name_;
    out.probe = &shared_.make_target_probe(name_);
    out.watch = shared_.watch();
    out.open_sink = kafka_opener(std::move(options));
    if (target_.dead_letter) {
      out.open_dead_letters = wire_dead_letters(*target_.dead_letter, *tokens);
      out.dead_letter = dead_letter_form_of(name_);
    }
    return out;
  }

  using sink_opener = std::function<std::unique_ptr<message_sink>()>;

  static sink_opener kafka_opener(kafka::kafka_options options) {
    options.reload_secrets = [known = options.secret_properties] {
      auto now = known;
      for (auto& [property, value] : now)
        value = settings::read_again(value);
      return now;
    };
    return [options = std::move(options)]() mutable -> std::unique_ptr<message_sink> {
      options.secret_properties = options.reload_secrets();
      auto sink = kafka::kafka_sink::open(options);
      if (!sink)
        throw std::runtime_error(to_string(sink.error()));
      return std::move(*sink);
    };
  }

  sink_opener wire_dead_letters(const settings::dead_letter_config& to,
                                const kafka::token_port& tokens) const {
    if (!to.topic.empty()) {
      auto options =
          kafka::make_dead_letter_options(name_, to.topic, target_.kafka, config_.tuning);
      options.tokens = tokens;
      return kafka_opener(std::move(options));
    }
    return [path = to.file]() -> std::unique_ptr<message_sink> {
      return std::make_unique<file::file_sink>(path);
    };
  }

  databases& databases_for(const std::string& feed) {
    auto& kept = databases_[settings::is_couchdb(config_, config_.feeds.at(feed))];
    if (!kept)
      kept = databases_of(config_, name_, feed, shared_);
    return *kept;
  }

  result<collection_arguments> wire_collection(const std::string& name,
                                               const settings::feed_config& feed) {
    auto access = databases_for(name).feed(name);
    if (!access)
      return access.error();
    auto leases = wire_leases(name, access->host, access->database, false);
    if (!leases)
      return leases.error();

    collection_arguments out;
    out.watch = shared_.watch();
    out.probe = &shared_.make_processor_probe(name_, name, feed.collection);
    out.open_leases = std::move(leases->open);
    out.open_source = std::move(access->open);
    out.options.deletes = {feed.tombstone_ttl, feed.max_outage};
    out.options.leases = keeper_options_of(feed);
    out.shares = shared_.shares;
    out.on_twin = shared_.on_twin;
    out.options.partition = partition_options_of(name, feed);
    out.options.units = {access->units_share, static_cast<double>(feed.throughput)};
    out.options.silence = std::max(out.options.silence, 2 * out.options.partition.answer_within);
    return out;
  }

  keeper_options keeper_options_of(const settings::feed_config& feed) const {
    const auto& t = config_.tuning;
    keeper_options o;
    o.instance = config_.instance;
    o.boot = shared_.boot;
    o.near = config_.region.empty() || target_.regions.empty()
             || target_.regions.front() == config_.region;
    o.start = start_of(feed);
    o.checkpoint.interval = t.checkpoint.interval;
    o.checkpoint.renew_after = t.leases.renew;
    o.expiry = t.leases.expiry;
    o.look_interval = t.leases.look;
    o.look_soon = std::min(o.look_soon, t.leases.look);
    o.start_jitter = std::min(o.start_jitter, t.leases.look);
    o.budget = t.leases.request_units;
    return o;
  }

  partition_options partition_options_of(const std::string& name,
                                         const settings::feed_config& feed) const {
    const auto& t = config_.tuning;
    partition_options o;
    o.target = name_;
    o.feed = name;
    o.max_items = t.page.max_items;
    o.poll_min = t.poll.min;
    o.poll_max = t.poll.max;
    // No less than sources that wait for changes need to notice a silence themselves.
    o.answer_within = std::max(std::chrono::ceil<std::chrono::seconds>(2 * t.poll.timeout),
                               std::chrono::seconds{6});
    o.window = {.bytes = t.window.bytes,
                .keys = t.window.keys,
                .batches = t.window.batches,
                .confirm_after = target_.confirm_after};
    o.stages.filter = filter_of(target_);
    if (target_.dead_letter)
      o.stages.dead_letters = dead_letter_form_of(name_);
    if (feed.identities_feed) {
      o.stages.content = feed_content::identities;
      o.stages.identities = feed.identities == settings::identity_mode::uuid
                                ? identity_keys::uuids
                                : identity_keys::namespaces;
      o.stages.filter.kinds.clear();      // subjects have no kind,
      o.stages.filter.namespaces.clear(); // and their ids are no paths
      if (o.stages.dead_letters)
        o.stages.dead_letters->fingerprint = nullptr; // of what holds a secret
    }
    return o;
  }

  /// `host` and `database`: of the feed, as they are written in lease ids.
  result<lease_access> wire_leases(const std::string& name, const std::string& host,
                                   const std::string& database, bool beside_others) {
    const auto& feed = config_.feeds.at(name);
    if (settings::lease_store_of(config_, target_, feed) != settings::lease_store_kind::file)
      return databases_for(name).leases(name, host, beside_others);
    const auto& l = settings::leases_of(config_, target_);
    auto processor = settings::lease_prefix_of(config_, target_, feed) + "_" + host + "_"
                     + (database.empty() ? "" : database + "_") + feed.collection;
    return lease_access{
        "folder " + l.path,
        [folder = l.path, processor = std::move(processor)]() -> std::shared_ptr<lease_store> {
          return std::make_shared<file_store>(folder, processor);
        }};
  }

  const settings::service_config& config_;
  const std::string name_;
  const settings::target_config& target_;
  platform& shared_;
  std::map<bool, std::unique_ptr<databases>> databases_; ///< by whether they are CouchDB's
};

} // namespace

result<service_arguments> wire(const settings::service_config& config, platform& shared) {
  service_arguments out;
  out.watch = shared.watch();
  for (const auto& [name, target] : config.targets) {
    if (!config.serve.empty()
        && std::find(config.serve.begin(), config.serve.end(), name) == config.serve.end())
      continue; // another instance's
    auto wired = target_wiring{config, name, shared}.wire();
    if (!wired)
      return wired.error();
    out.targets.push_back(std::move(*wired));
  }
  return out;
}

result<processor_leases> wire_leases(const settings::service_config& config,
                                     const std::string& target, const std::string& feed,
                                     platform& shared, const std::string& host,
                                     bool beside_others) {
  return target_wiring{config, target, shared}.wire_leases_of(feed, host, beside_others);
}

} // namespace feedcast::app
