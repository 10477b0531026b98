#pragma once

#include "core/backoff.hpp"
#include "sinks/kafka/background.hpp"
#include "sinks/kafka/culprit_search.hpp"
#include "sinks/kafka/kafka_sink.hpp"
#include "sinks/kafka/producer.hpp"
#include "sinks/kafka/target_condition.hpp"
#include "sinks/kafka/ticket_table.hpp"
#include "sinks/kafka/waker.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace feedcast::kafka {

/// The sink behind kafka_sink. Everything but the background's jobs runs on the owner's thread.
/// sink_impl.cpp has the message path, sink_upkeep.cpp what keeps the producer alive.
class kafka_sink::impl {
 public:
  impl(kafka_options options, const clock_source& clock);
  ~impl();
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  result<bool> open_first();

  void on_ready(std::function<void()> wake) { wake_->set(std::move(wake)); }

  std::size_t produce(std::span<const outgoing_message> messages);
  void poll(std::vector<delivery_report>& reports);

  condition state() const { return condition_.now(); }

 private:
  /// What the background leaves for the next poll().
  struct mailbox {
    struct look {
      std::uint32_t generation;
      topic_answer answer;
    };

    std::mutex mutex;
    std::vector<std::uint32_t> closed; ///< generations whose producer is gone
    std::optional<look> seen;
  };

  // The message path.
  bool may_produce() const;
  bool has_room(const outgoing_message& m) const;
  /// Hands one chunk over. Returns false if producing should pause.
  bool hand_over(std::span<const ticket_table::slot_id> slots);
  bool enqueue(std::span<const ticket_table::slot_id> slots, std::span<rd_kafka_message_t> records);
  void refused_at_once(ticket_table::slot_id slot, rd_kafka_resp_err_t code);
  void take_reports(std::vector<delivery_report>& reports);
  void on_refusal(rd_kafka_resp_err_t code);
  void try_suspects();

  // Upkeep.
  void take_client_errors();
  void take_topic_creations();
  void take_mail(std::vector<delivery_report>& reports);
  void take_look(const mailbox::look& seen);
  void reopen();
  void watch_for_stall();
  void watch_for_new_secrets();
  void look_for_topic();
  void take_facts(const topic_facts& facts);
  bool acknowledges_too_late() const;
  void replace_producer(delivery_class why, std::string reason);

  kafka_options options_;
  const clock_source& clock_;
  std::shared_ptr<waker> wake_ = std::make_shared<waker>();
  std::shared_ptr<mailbox> mail_ = std::make_shared<mailbox>();
  target_condition condition_;

  std::shared_ptr<producer>
      producer_;                 ///< shared with a look that is under way; null while re-opening
  std::uint32_t generation_ = 0; ///< of producer_
  ticket_table tickets_;
  std::size_t outstanding_ = 0; ///< messages that producer_ has
  culprit_search search_;
  producer_events events_;
  std::vector<delivery_report> local_reports_; ///< of messages that never got into librdkafka

  bool fatal_seen_ = false;
  bool topic_missing_ = false;
  bool topic_seen_ = false;      ///< the cluster told about it, at least once
  std::uint32_t leaderless_ = 0; ///< partitions of the topic
  bool creating_topic_ = false;
  bool looking_ = false;
  bool only_curious_ = false;                ///< the look under way has no suspicion behind it
  std::string last_client_error_;            ///< the newest reason for not reaching a broker
  steady_time last_report_{};                ///< or since when something is outstanding
  std::optional<steady_time> refused_since_; ///< logins, after the last success
  steady_time secrets_look_{};
  steady_time next_look_{};
  steady_time durability_look_{};
  steady_time watch_until_{};                 ///< looks go on until then
  std::optional<steady_time> well_since_;     ///< looks found the cluster and the topic
  std::optional<steady_time> unacknowledged_; ///< when a message timed out, after the last ack
  steady_time reopen_at_{};
  steady_time hold_until_{}; ///< nothing is produced before
  backoff reopen_delay_;
  backoff hold_delay_;

  background background_; ///< last: its jobs end before the rest goes
};

} // namespace feedcast::kafka
