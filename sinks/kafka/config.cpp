#include "sinks/kafka/config.hpp"

#include "sinks/kafka/partitioner.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace feedcast::kafka {

namespace {

constexpr std::size_t error_text_size = 512;

struct reserved_property {
  std::string_view name;
  std::string_view instead;
};

/// What users may not set, because a promise of ours or the reports depend on it.
constexpr std::array reserved{
    reserved_property{"bootstrap.servers", "set kafka.brokers"},
    reserved_property{"metadata.broker.list", "set kafka.brokers"},
    reserved_property{"acks", "it is always all: anything less loses messages"},
    reserved_property{"request.required.acks", "it is always all: anything less loses messages"},
    reserved_property{"message.timeout.ms", "set tuning.produce.message_timeout"},
    reserved_property{"delivery.timeout.ms", "set tuning.produce.message_timeout"},
    reserved_property{"linger.ms", "set tuning.produce.linger"},
    reserved_property{"queue.buffering.max.ms", "set tuning.produce.linger"},
    reserved_property{"delivery.report.only.error", "every message needs its report"},
    reserved_property{"enable.gapless.guarantee",
                      "it would turn every refused message into a fatal error"},
    reserved_property{"transactional.id", "transactions are not used"},
    reserved_property{"log.queue", "logs go through the service's own log"},
};

std::string hint_for(std::string_view name) {
  // The names people bring along from Java clients, where they mean something.
  if (name.starts_with("ssl.truststore") || name.starts_with("ssl.keystore"))
    return "; hint: this is a name of the Java client, use ssl.ca.location, "
           "ssl.certificate.location and ssl.key.location with PEM files";
  if (name == "sasl.jaas.config")
    return "; hint: this is a name of the Java client, use sasl.username and sasl.password";
  return {};
}

class builder {
 public:
  builder() : conf_(rd_kafka_conf_new()) {}

  /// One of our own settings; users' properties come later and win.
  void ours(const char* name, const std::string& value) { set(name, value, false); }

  void theirs(const std::string& name, const std::string& value, bool secret) {
    const auto* const taken = std::find_if(reserved.begin(), reserved.end(),
                                           [&](const auto& r) { return r.name == name; });
    if (taken != reserved.end())
      fail("kafka.properties: " + name + " can't be set; " + std::string{taken->instead});
    else
      set(name, value, secret);
  }

  result<conf_handle> finish() && {
    if (!problem_.empty())
      return make_error(errc::rejected, std::move(problem_));
    return std::move(conf_);
  }

 private:
  void set(const std::string& name, const std::string& value, bool secret) {
    std::array<char, error_text_size> text{};
    if (rd_kafka_conf_set(conf_.get(), name.c_str(), value.c_str(), text.data(), text.size())
        == RD_KAFKA_CONF_OK)
      return;
    // librdkafka quotes the value it refuses.
    fail("kafka.properties: " + name + ": "
         + (secret ? "librdkafka does not take this property or its value" : text.data())
         + hint_for(name));
  }

  void fail(std::string text) {
    if (problem_.empty())
      problem_ = std::move(text);
  }

  conf_handle conf_;
  std::string problem_; ///< the first one
};

} // namespace

result<conf_handle> make_producer_conf(const kafka_options& options) {
  if (options.brokers.empty())
    return make_error(errc::rejected, "kafka.brokers is empty; give host:port, comma-separated");
  if (options.topic.empty())
    return make_error(errc::rejected, "kafka.topic is empty");
  builder b;
  b.ours("bootstrap.servers", options.brokers);
  b.ours("client.id", "feedcast-" + options.name);
  b.ours("acks", "all");
  // Invalidations are idempotent, so sequence errors, which are fatal to a producer, would buy
  // nothing.
  b.ours("enable.idempotence", "false");
  b.ours("message.timeout.ms", std::to_string(options.message_timeout.count()));
  b.ours("linger.ms", std::to_string(options.linger.count()));
  // The sink keeps its own limits, which are these; librdkafka's are a net behind them.
  b.ours("queue.buffering.max.messages", std::to_string(2 * options.max_queued_messages));
  b.ours("queue.buffering.max.kbytes", std::to_string(2 * options.max_queued_bytes / 1024 + 1024));
  b.ours("batch.num.messages", "10000");
  b.ours("batch.size", "1000000");
  b.ours("reconnect.backoff.ms", "100");
  b.ours("reconnect.backoff.max.ms",
         "1000"); // the default, 10 s, is how long an outage outlives itself
  b.ours("retry.backoff.ms", "100");
  b.ours("socket.keepalive.enable", "true");
  b.ours("socket.nagle.disable", "true");
  b.ours("socket.timeout.ms", "10000");
  b.ours("socket.connection.setup.timeout.ms", "10000");
  b.ours("topic.metadata.propagation.max.ms", "10000");
  b.ours("log.queue", "true");             // logs come out of poll(), on the owner's thread
  b.ours("log.connection.close", "false"); // brokers close idle connections all the time
  if (options.tokens.get)
    b.ours("sasl.mechanism", "OAUTHBEARER");
  for (const auto& [name, value] : options.properties)
    b.theirs(name, value, false);
  for (const auto& [name, value] : options.secret_properties)
    b.theirs(name, value.reveal(), true);
  auto conf = std::move(b).finish();
  if (conf && !options.properties.contains("partitioner"))
    choose_live_partitions(**conf);
  return conf;
}

result<conf_handle> make_client_conf(const std::string& brokers,
                                     const std::map<std::string, std::string>& properties) {
  builder b;
  b.ours("bootstrap.servers", brokers);
  b.ours("reconnect.backoff.max.ms", "1000");
  for (const auto& [name, value] : properties)
    b.theirs(name, value, false);
  return std::move(b).finish();
}

result<conf_handle> make_reader_conf(const kafka_options& options) {
  builder b;
  b.ours("bootstrap.servers", options.brokers);
  b.ours("client.id", "feedcast-" + options.name + "-reader");
  b.ours("group.id", "feedcast-reader"); // wanted by assign(), never joined
  b.ours("enable.auto.commit", "false");
  b.ours("enable.partition.eof", "true");
  b.ours("reconnect.backoff.max.ms", "1000");
  if (options.tokens.get)
    b.ours("sasl.mechanism", "OAUTHBEARER");
  for (const auto& [name, value] : options.properties)
    b.theirs(name, value, false);
  for (const auto& [name, value] : options.secret_properties)
    b.theirs(name, value.reveal(), true);
  return std::move(b).finish();
}

result<client_handle> make_client(rd_kafka_type_t type, conf_handle conf) {
  std::array<char, error_text_size> text{};
  client_handle client{rd_kafka_new(type, conf.get(), text.data(), text.size())};
  if (!client)
    return make_error(errc::rejected, std::string{"librdkafka: "} + text.data());
  static_cast<void>(conf.release()); // rd_kafka_new takes it on success only
  return client;
}

} // namespace feedcast::kafka
