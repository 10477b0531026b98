#pragma once

#include "pipeline/ports.hpp"
#include "sinks/kafka/delivery_errors.hpp"

#include <string>

namespace feedcast::kafka {

/// Whether the target can be delivered to, and why not. One log line per change. Not thread-safe.
class target_condition {
 public:
  explicit target_condition(std::string target);

  /// A message was stored.
  void acknowledged();
  /// The cluster answered and has the topic. Does not lift a refusal that only producing can
  /// disprove (a missing right to write).
  void saw_topic();
  /// Something went wrong that makes the target useless for now.
  void failed(delivery_class what, std::string reason);
  /// Something took too long. Says less than any other reason, so that stays if there is one.
  void timed_out(std::string reason);

  /// Something went wrong that may mean nothing, such as a closed idle connection: worth a look.
  void suspect() { suspected_ = true; }

  /// The cluster should be asked for the topic.
  bool wants_look() const noexcept { return !now_.up || suspected_; }

  void count_error() { ++now_.errors; }

  void count_restart() { ++now_.producer_restarts; }

  const message_sink::condition& now() const noexcept { return now_; }

 private:
  void recovered();

  std::string target_;
  message_sink::condition now_;
  delivery_class what_ = delivery_class::none;
  bool suspected_ = false;
};

} // namespace feedcast::kafka
