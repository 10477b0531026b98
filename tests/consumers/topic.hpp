#pragma once

#include "pipeline/ports.hpp"
#include "tests/consumers/stage.hpp"
#include "tests/consumers/tally.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace feedcast::consumers {

/// One invalidation as a topic holds it.
struct record {
  std::string instance; ///< "cache-invalidator", "controller0"
  std::string key;      ///< "guest/hello"
};

/// How a broker treats its producer.
struct broker_mood {
  std::int64_t refuses = 0;      ///< permille of messages that are not stored
  std::int64_t loses_answer = 0; ///< permille that are stored, and told to have failed
  bool out = false;              ///< stores nothing
};

/// The topic of one cluster, with its broker.
class topic {
 public:
  topic(stage& time, dice& luck, tally& seen) : time_(time), luck_(luck), seen_(seen) {}

  topic(const topic&) = delete;
  topic& operator=(const topic&) = delete;

  /// Readers are told of every new record, at once.
  std::vector<std::function<void()>> readers;
  broker_mood mood;

  void append(record r);

  const std::vector<record>& records() const noexcept { return records_; }

  /// Messages on their way from a producer, their reports included.
  std::size_t in_flight() const noexcept { return in_flight_; }

  /// What feedcast's delivery produces to. The topic outlives it.
  std::unique_ptr<message_sink> open();

 private:
  class sink;

  stage& time_;
  dice& luck_;
  tally& seen_;
  std::vector<record> records_;
  std::size_t in_flight_ = 0;
};

} // namespace feedcast::consumers
