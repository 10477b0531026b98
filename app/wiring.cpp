#include "app/wiring.hpp"

#include "app/accounts.hpp"
#include "app/kafka_tokens.hpp"
#include "feeds/cosmos/account.hpp"
#include "feeds/cosmos/all_versions_feed.hpp"
#include "feeds/cosmos/change_feed.hpp"
#include "feeds/cosmos/lease_container.hpp"
#include "http/crypto/digest.hpp"
#include "leases/file_store.hpp"
#include "leases/json.hpp"
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

cosmos::lease_format lease_format_of(const std::string& name) {
  if (name == "pk")
    return cosmos::lease_format::pk;
  if (name == "java-epk")
    return cosmos::lease_format::java_epk;
  if (name == "dotnet-epk")
    return cosmos::lease_format::dotnet_epk;
  return cosmos::lease_format::automatic;
}

dead_letter_form dead_letter_form_of(const std::string& target) {
  return {.target = target, .fingerprint = [](std::string_view bytes) {
            return http::crypto::to_hex(http::crypto::sha256(bytes));
          }};
}

/// Wires one target; keeps the accounts that its processors share.
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
    const auto where = "targets." + name_ + ": feed " + name;
    const auto& feed = config_.feeds.at(name);
    const auto& l = settings::leases_of(config_, target_);
    const auto& database = config_.accounts.at(feed.account).database;
    auto account = account_named(feed.account);
    if (!account)
      return account.error();
    auto collection = cosmos::collection_ref::make(database, feed.collection);
    if (!collection)
      return rejected(where, collection.error());
    processor_leases out;
    out.target = name_;
    out.feed = name;
    out.prefix = settings::lease_prefix_of(config_, target_, feed);
    out.host = host.empty() ? (*account)->configured().host : host;
    out.database = database;
    out.collection = feed.collection;
    out.place = l.store == settings::lease_store_kind::file ? "folder " + l.path
                                                            : "container " + l.collection;
    auto open = wire_leases(where, feed, out.host, beside_others);
    if (!open)
      return open.error();
    out.open = std::move(*open);
    out.open_source = source_opener(feed, *account, *collection);
    out.read_rid = [account = *account, collection = *collection](callback<std::string> done) {
      account->send(collection.read(), cosmos::access::read, milliseconds{10'000},
                    [done = std::move(done)](const result<http::response>& r) {
                      if (!r)
                        return done(r.error());
                      const auto o = json::parse_object(r->body.view(), "the collection");
                      if (!o)
                        return done(o.error());
                      done(json::text_at(*o, "_rid").value_or(""));
                    });
    };
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

  result<std::shared_ptr<cosmos::account>> account_named(const std::string& name) {
    if (const auto at = accounts_.find(name); at != accounts_.end())
      return at->second;
    auto opened = open_account(config_, name, target_.regions, shared_);
    if (!opened)
      return opened.error();
    accounts_.emplace(name, *opened);
    return *opened;
  }

  result<collection_arguments> wire_collection(const std::string& name,
                                               const settings::feed_config& feed) {
    const auto where = "targets." + name_ + ": feed " + name;
    auto account = account_named(feed.account);
    if (!account)
      return account.error();
    auto collection =
        cosmos::collection_ref::make(config_.accounts.at(feed.account).database, feed.collection);
    if (!collection)
      return rejected(where, collection.error());
    auto leases = wire_leases(where, feed, (*account)->configured().host);
    if (!leases)
      return leases.error();

    collection_arguments out;
    out.watch = shared_.watch();
    out.probe = &shared_.make_processor_probe(name_, name, feed.collection);
    out.open_leases = std::move(*leases);
    out.open_source = source_opener(feed, *account, *collection);
    out.options.deletes = {feed.tombstone_ttl, feed.max_outage};
    out.options.leases = keeper_options_of(feed);
    out.shares = shared_.shares;
    out.on_twin = shared_.on_twin;
    out.options.partition = partition_options_of(name, feed);
    out.options.units = {config_.tuning.request_units.share.of_one(),
                         static_cast<double>(feed.throughput)};
    out.options.silence = std::max(out.options.silence, 2 * out.options.partition.answer_within);
    return out;
  }

  std::function<std::shared_ptr<change_source>()>
  source_opener(const settings::feed_config& feed, std::shared_ptr<cosmos::account> account,
                cosmos::collection_ref collection) const {
    const cosmos::change_feed_options options{config_.tuning.poll.timeout,
                                              config_.accounts.at(feed.account).failover_rewind,
                                              feed.identities_feed};
    return [account = std::move(account), collection = std::move(collection), options,
            mode = feed.mode, overlap = feed.overlap]() -> std::shared_ptr<change_source> {
      if (mode == settings::feed_mode::all_versions)
        return std::make_shared<cosmos::all_versions_feed>(
            account, collection, cosmos::all_versions_options{.feed = options, .overlap = overlap});
      return std::make_shared<cosmos::change_feed>(account, collection, options);
    };
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
    o.answer_within = std::chrono::ceil<std::chrono::seconds>(2 * t.poll.timeout);
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

  result<std::function<std::shared_ptr<lease_store>()>>
  wire_leases(const std::string& where, const settings::feed_config& feed, const std::string& host,
              bool beside_others = false) {
    const auto& l = settings::leases_of(config_, target_);
    const auto prefix = settings::lease_prefix_of(config_, target_, feed);
    const auto& database = config_.accounts.at(feed.account).database;
    if (l.store == settings::lease_store_kind::file)
      return [folder = l.path, processor = prefix + "_" + host + "_" + database + "_"
                                           + feed.collection]() -> std::shared_ptr<lease_store> {
        return std::make_shared<file_store>(folder, processor);
      };
    const auto& account_name = settings::lease_account_of(config_, target_, feed);
    auto account = account_named(account_name);
    if (!account)
      return account.error();
    auto container =
        cosmos::collection_ref::make(config_.accounts.at(account_name).database, l.collection);
    if (!container)
      return rejected(where + ": leases", container.error());
    // Asked for now so that a prefix that can begin no id ends the start.
    if (auto ids = cosmos::lease_ids::make(prefix, host, database, feed.collection, feed.mode);
        !ids)
      return rejected(where + ": leases", ids.error());
    auto monitored = monitored_feed_of(feed, prefix, host);
    if (!monitored)
      return monitored.error();
    return [account = *account, container = *container, monitored = *monitored,
            options = cosmos::lease_container_options{
                .format = lease_format_of(l.format),
                .throughput = l.throughput,
                .ignore_siblings = beside_others}]() -> std::shared_ptr<lease_store> {
      return std::make_shared<cosmos::lease_container>(account, container, monitored, options);
    };
  }

  result<cosmos::monitored_feed> monitored_feed_of(const settings::feed_config& feed,
                                                   const std::string& prefix,
                                                   const std::string& host) {
    auto account = account_named(feed.account);
    if (!account)
      return account.error();
    auto collection =
        cosmos::collection_ref::make(config_.accounts.at(feed.account).database, feed.collection);
    if (!collection)
      return collection.error();
    return cosmos::monitored_feed{*account, *collection, prefix, host, feed.mode};
  }

  const settings::service_config& config_;
  const std::string name_;
  const settings::target_config& target_;
  platform& shared_;
  std::map<std::string, std::shared_ptr<cosmos::account>> accounts_;
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
