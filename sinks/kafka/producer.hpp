#pragma once

#include "core/result.hpp"
#include "sinks/kafka/handles.hpp"
#include "sinks/kafka/options.hpp"
#include "sinks/kafka/token_login.hpp"
#include "sinks/kafka/topic.hpp"
#include "sinks/kafka/waker.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace feedcast::kafka {

/// What came out of a producer's event queue.
struct producer_events {
  struct report {
    void* opaque;
    rd_kafka_resp_err_t code;
  };

  struct client_error {
    rd_kafka_resp_err_t code;
    std::string text;
    bool fatal;
  };

  std::vector<report> reports;
  std::vector<client_error> errors; ///< of the client, not of a message
  std::vector<client_error>
      topic_creations; ///< answers to create_topic(); no error = made, or there already

  void clear();
};

/// One librdkafka producer for one topic. Used by its sink, on one thread; ask() may run on
/// another.
class producer {
 public:
  static result<std::unique_ptr<producer>> open(const kafka_options& options,
                                                std::shared_ptr<waker> wake);
  /// Blocks until librdkafka is done. Unreported messages end without a report; their bytes are not
  /// touched afterwards.
  ~producer();
  producer(const producer&) = delete;
  producer& operator=(const producer&) = delete;

  /// Hands messages over without copying them. Each message's `err` says how it went; returns true
  /// if all went well.
  bool enqueue(std::span<rd_kafka_message_t> messages);
  /// The same for one message with header `feedcast-lsn`.
  bool enqueue(rd_kafka_message_t& message, std::uint64_t lsn);
  /// Appends what has come in since.
  void drain(producer_events& events);
  /// The reason if this producer can't be used any more, else empty.
  std::string fatal_reason() const;
  void create_topic(const kafka_options& options);

  topic_answer ask(milliseconds timeout) { return ask_topic(*client_, *topic_, timeout); }

  /// What is queued and not sent yet comes back as _PURGE_QUEUE.
  void purge_queue() noexcept;

  /// Drops what is queued and in flight, and stops waking.
  void abandon() noexcept;

 private:
  producer(std::unique_ptr<token_login> login, client_handle client, topic_handle topic,
           queue_handle queue, std::shared_ptr<waker> wake);
  void take(rd_kafka_event_t& event, producer_events& events) const;

  std::shared_ptr<waker> wake_;
  std::unique_ptr<token_login> login_; ///< null without OAUTHBEARER
  // In this order: librdkafka wants queues and topics to be released before their client.
  client_handle client_;
  topic_handle topic_;
  queue_handle queue_;
};

} // namespace feedcast::kafka
