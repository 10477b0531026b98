#pragma once

#include "pipeline/ports.hpp"
#include "sinks/kafka/delivery_errors.hpp"

#include <string>

namespace feedcast::kafka {

/// Whether the target can be delivered to, and why not. Says nothing itself: whoever owns the sink
/// logs a change, once for all kinds of sinks. Owned by the sink, not thread-safe.
class target_condition {
 public:
  target_condition();

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

  /// As the cluster last told.
  void set_weak_durability(bool weak) { now_.weak_durability = weak; }

  const message_sink::condition& now() const noexcept { return now_; }

 private:
  void recovered();

  message_sink::condition now_;
  delivery_class what_ = delivery_class::none;
  bool suspected_ = false;
};

} // namespace feedcast::kafka
