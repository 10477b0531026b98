#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

/// Owners of librdkafka's handles.
namespace feedcast::kafka {

template <auto Destroy>
struct destroy_with {
  template <class T>
  void operator()(T* handle) const noexcept {
    Destroy(handle);
  }
};

using conf_handle = std::unique_ptr<rd_kafka_conf_t, destroy_with<rd_kafka_conf_destroy>>;
/// Destruction blocks until librdkafka's threads are gone.
using client_handle = std::unique_ptr<rd_kafka_t, destroy_with<rd_kafka_destroy>>;
using topic_handle = std::unique_ptr<rd_kafka_topic_t, destroy_with<rd_kafka_topic_destroy>>;
using queue_handle = std::unique_ptr<rd_kafka_queue_t, destroy_with<rd_kafka_queue_destroy>>;
using event_handle = std::unique_ptr<rd_kafka_event_t, destroy_with<rd_kafka_event_destroy>>;
using message_handle = std::unique_ptr<rd_kafka_message_t, destroy_with<rd_kafka_message_destroy>>;
using partition_list_handle = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                              destroy_with<rd_kafka_topic_partition_list_destroy>>;
using headers_handle = std::unique_ptr<rd_kafka_headers_t, destroy_with<rd_kafka_headers_destroy>>;
using new_topic_handle =
    std::unique_ptr<rd_kafka_NewTopic_t, destroy_with<rd_kafka_NewTopic_destroy>>;

struct metadata_deleter {
  void operator()(const rd_kafka_metadata_t* m) const noexcept { rd_kafka_metadata_destroy(m); }
};

using metadata_handle = std::unique_ptr<const rd_kafka_metadata_t, metadata_deleter>;

} // namespace feedcast::kafka
