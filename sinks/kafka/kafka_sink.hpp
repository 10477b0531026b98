#pragma once

#include "core/result.hpp"
#include "pipeline/ports.hpp"
#include "sinks/kafka/options.hpp"

#include <memory>

namespace feedcast::kafka {

/// Delivers to one topic of one Kafka cluster with `acks=all`.
/// - Nothing is copied: messages stay in the caller's buffers until their report.
/// - librdkafka's threads only ring the `on_ready` bell; all else happens in produce() and poll(),
/// which never block.
/// - A producer that died (fatal error), fell silent with messages in flight, or is refused its
/// login again and again
///   is replaced. What it held is reported `retry`, after librdkafka has let go of the bytes.
/// - The topic is looked for until it is seen, and made if `create_topic` says so.
/// - A batch refused for good is searched for the message that caused it; only that one is
/// `undeliverable`. The destructor drops what is in flight and waits until no byte is touched any
/// more: milliseconds as a rule, a second while a broker is being waited for, never more than two.
/// To lose nothing, poll() until all reports are there first.
class kafka_sink final : public message_sink {
 public:
  /// `rejected` with librdkafka's own words if it does not take the options. Brokers need not be
  /// there yet.
  static result<std::unique_ptr<kafka_sink>>
  open(kafka_options options, const clock_source& clock = system_clock_source());
  ~kafka_sink() override;

  void on_ready(std::function<void()> wake) override;
  std::size_t produce(std::span<const outgoing_message> messages) override;
  void poll(std::vector<delivery_report>& reports) override;
  condition state() const override;

  class impl; ///< in sink_impl.hpp, for the sink's own files

 private:
  explicit kafka_sink(std::unique_ptr<impl> p);
  std::unique_ptr<impl> impl_;
};

} // namespace feedcast::kafka
