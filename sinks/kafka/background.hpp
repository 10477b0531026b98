#pragma once

#include "core/clock.hpp"

#include <functional>
#include <memory>

namespace feedcast::kafka {

/// One thread for the few librdkafka calls that block (destroying a client, asking for metadata),
/// so that the sink never does. Jobs run one after the other, in order.
class background {
 public:
  background();
  /// Waits up to `patience` for the jobs to end. If they don't (a name server that does not answer
  /// holds rd_kafka_destroy), the thread is left to end by itself: jobs must own what they use.
  ~background();
  background(const background&) = delete;
  background& operator=(const background&) = delete;

  void post(std::function<void()> job);

  static constexpr milliseconds patience{2000};

 private:
  struct shared;
  std::shared_ptr<shared> shared_;
};

} // namespace feedcast::kafka
