#include "sinks/kafka/partitioner.hpp"

#include <cstddef>
#include <cstdint>

namespace feedcast::kafka {

namespace {

// Called on any thread; must not throw.
std::int32_t live_partition(const rd_kafka_topic_t* topic, const void* key, std::size_t key_size,
                            std::int32_t partitions, void* topic_opaque, void* message_opaque) {
  // By the key; one without a key is spread over those that have a leader.
  const auto wanted = rd_kafka_msg_partitioner_consistent_random(topic, key, key_size, partitions,
                                                                 topic_opaque, message_opaque);
  for (std::int32_t i = 0; i < partitions; ++i) {
    const auto candidate = (wanted + i) % partitions;
    if (rd_kafka_topic_partition_available(topic, candidate) != 0)
      return candidate;
  }
  return wanted;
}

} // namespace

void choose_live_partitions(rd_kafka_conf_t& conf) {
  // Made by librdkafka when the first property of topics is set, which acks is.
  if (auto* topics = rd_kafka_conf_get_default_topic_conf(&conf))
    rd_kafka_topic_conf_set_partitioner_cb(topics, live_partition);
}

} // namespace feedcast::kafka
