#pragma once

#include "core/clock.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>

namespace feedcast::kafka {

/// A Kafka cluster inside this process, librdkafka's own mock, on loopback ports that it picks. For
/// the demo and for tests. Keeps at most 5 MiB per partition and silently forgets the oldest
/// beyond: spread over partitions, or read along. No TLS, no SASL, no size limits. Thread-safe.
class mock_cluster {
 public:
  /// Throws std::runtime_error if no port could be opened. Closing may take a second.
  explicit mock_cluster(int brokers = 1);
  ~mock_cluster();
  mock_cluster(const mock_cluster&) = delete;
  mock_cluster& operator=(const mock_cluster&) = delete;

  /// "127.0.0.1:40001,127.0.0.1:40002"
  std::string bootstrap() const;

  /// Topics that nobody made come into being when they are asked for, unless forbidden with
  /// set_topic_error().
  void create_topic(const std::string& name, int partitions, int replication = 1);

  /// The requests that errors can be pushed for, by their number in Kafka's protocol.
  enum class api : std::int16_t { produce = 0, fetch = 1 };
  /// The next requests of that kind fail with these error codes of Kafka's protocol, one each; -195
  /// cuts the connection after the request was handled.
  void push_errors(api request, std::initializer_list<int> codes);
  void clear_errors(api request);
  /// What every answer about this topic says; 0 = no error.
  void set_topic_error(const std::string& topic, int code);

  void set_down(); ///< all brokers: connections are cut, new ones refused
  void set_up();
  void set_down(int broker); ///< 1..n
  void set_up(int broker);
  /// Which broker leads a partition; -1 = none.
  void set_leader(const std::string& topic, std::int32_t partition, std::int32_t broker);
  /// How long each broker takes to answer.
  void set_round_trip(milliseconds time);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace feedcast::kafka
