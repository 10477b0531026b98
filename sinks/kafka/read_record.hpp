#pragma once

#include "sinks/kafka/handles.hpp"
#include "sinks/kafka/topic_reader.hpp"

namespace feedcast::kafka {

/// What both readers of topics share.
read_message copy_record(const rd_kafka_message_t& m);

/// A log callback of librdkafka.
void forward_log(const rd_kafka_t* client, int severity, const char* facility, const char* text);

/// Leaves a consumer as librdkafka wants it, before its handle goes. Takes its events over to the
/// consumer's own queue.
class consumer_session {
 public:
  explicit consumer_session(rd_kafka_t& client) : client_(&client) {
    rd_kafka_poll_set_consumer(client_);
  }

  consumer_session(const consumer_session&) = delete;
  consumer_session& operator=(const consumer_session&) = delete;

  ~consumer_session() { rd_kafka_consumer_close(client_); }

 private:
  rd_kafka_t* client_;
};

} // namespace feedcast::kafka
