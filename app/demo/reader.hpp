#pragma once

#include "app/demo/ledger.hpp"
#include "core/result.hpp"
#include "sinks/kafka/topic_reader.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <thread>

namespace feedcast::app {

/// Reads one target's topic as a controller would, in its own thread, and enters every message into
/// the ledger.
class demo_reader {
 public:
  /// Throws if the reader can't be made.
  demo_reader(std::string target, const std::string& brokers, const std::string& topic,
              ledger& book);
  ~demo_reader();
  demo_reader(const demo_reader&) = delete;
  demo_reader& operator=(const demo_reader&) = delete;

  /// Messages whose bytes are not those of an invalidation.
  std::uint64_t corrupt() const noexcept { return corrupt_; }

 private:
  void work();

  std::string target_;
  ledger& ledger_;
  std::unique_ptr<kafka::topic_reader> reader_;
  std::atomic<std::uint64_t> corrupt_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

} // namespace feedcast::app
