#include "sinks/kafka/mock_cluster.hpp"

#include "sinks/kafka/handles.hpp"
#include "sinks/kafka/log_bridge.hpp"

#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <stdexcept>
#include <vector>

namespace feedcast::kafka {

namespace {

using cluster_handle =
    std::unique_ptr<rd_kafka_mock_cluster_t, destroy_with<rd_kafka_mock_cluster_destroy>>;

void forward_log(const rd_kafka_t* client, int severity, const char* facility, const char* text) {
  log_from_librdkafka(rd_kafka_name(client), severity, facility, text);
}

/// The client that librdkafka's mock lives in. It is also made to ask its own cluster for metadata
/// all the time: the mock's thread misses wake-ups, and without other traffic each call to the mock
/// could take a second.
client_handle make_host() {
  std::array<char, 256> text{};
  auto* conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, forward_log);
  for (const auto* name :
       {"topic.metadata.refresh.interval.ms", "reconnect.backoff.ms", "reconnect.backoff.max.ms"})
    rd_kafka_conf_set(conf, name, "20", text.data(), text.size());
  rd_kafka_conf_set(conf, "log_level", "3", text.data(),
                    text.size()); // brokers are down on purpose
  client_handle host{rd_kafka_new(RD_KAFKA_PRODUCER, conf, text.data(), text.size())};
  if (!host) {
    rd_kafka_conf_destroy(conf);
    throw std::runtime_error(std::string{"mock Kafka cluster: "} + text.data());
  }
  return host;
}

constexpr const char* pulse_topic = "mock-cluster-pulse";

} // namespace

struct mock_cluster::impl {
  client_handle host = make_host();
  cluster_handle cluster;
  topic_handle pulse; ///< asked for all the time
  int brokers = 0;
};

mock_cluster::mock_cluster(int brokers) : impl_(std::make_unique<impl>()) {
  impl_->brokers = brokers;
  impl_->cluster.reset(rd_kafka_mock_cluster_new(impl_->host.get(), brokers));
  if (!impl_->cluster)
    throw std::runtime_error("mock Kafka cluster: no port could be opened");
  rd_kafka_brokers_add(impl_->host.get(), bootstrap().c_str());
  impl_->pulse.reset(rd_kafka_topic_new(impl_->host.get(), pulse_topic, nullptr));
}

mock_cluster::~mock_cluster() = default;

std::string mock_cluster::bootstrap() const {
  return rd_kafka_mock_cluster_bootstraps(impl_->cluster.get());
}

void mock_cluster::create_topic(const std::string& name, int partitions, int replication) {
  rd_kafka_mock_topic_create(impl_->cluster.get(), name.c_str(), partitions, replication);
}

void mock_cluster::push_errors(api request, std::initializer_list<int> codes) {
  std::vector<rd_kafka_resp_err_t> errors;
  for (const int code : codes)
    errors.push_back(static_cast<rd_kafka_resp_err_t>(code));
  rd_kafka_mock_push_request_errors_array(impl_->cluster.get(), static_cast<std::int16_t>(request),
                                          errors.size(), errors.data());
}

void mock_cluster::clear_errors(api request) {
  rd_kafka_mock_clear_request_errors(impl_->cluster.get(), static_cast<std::int16_t>(request));
}

void mock_cluster::set_topic_error(const std::string& topic, int code) {
  rd_kafka_mock_topic_set_error(impl_->cluster.get(), topic.c_str(),
                                static_cast<rd_kafka_resp_err_t>(code));
}

void mock_cluster::set_down(int broker) {
  rd_kafka_mock_broker_set_down(impl_->cluster.get(), broker);
}

void mock_cluster::set_up(int broker) {
  rd_kafka_mock_broker_set_up(impl_->cluster.get(), broker);
}

void mock_cluster::set_leader(const std::string& topic, std::int32_t partition,
                              std::int32_t broker) {
  rd_kafka_mock_partition_set_leader(impl_->cluster.get(), topic.c_str(), partition, broker);
}

void mock_cluster::set_down() {
  for (int broker = 1; broker <= impl_->brokers; ++broker)
    set_down(broker);
}

void mock_cluster::set_up() {
  for (int broker = 1; broker <= impl_->brokers; ++broker)
    set_up(broker);
}

void mock_cluster::set_round_trip(milliseconds time) {
  for (int broker = 1; broker <= impl_->brokers; ++broker)
    rd_kafka_mock_broker_set_rtt(impl_->cluster.get(), broker, static_cast<int>(time.count()));
}

} // namespace feedcast::kafka
