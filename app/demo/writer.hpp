#pragma once

#include "app/demo/documents.hpp"
#include "app/demo/ledger.hpp"
#include "app/demo/store.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

namespace feedcast::app {

/// Writes the demo's documents over HTTP at a steady rate, in its own thread, with many requests in
/// flight. A write that fails is tried again until it succeeds. The destructor stops it and waits
/// for what is in flight.
class document_writer {
 public:
  struct options {
    int rate = 1000; ///< per second
    milliseconds duration{30'000};
    std::uint32_t in_flight = 64;
  };

  document_writer(std::shared_ptr<demo_store> to, document_maker maker, ledger& book, options o);
  ~document_writer();
  document_writer(const document_writer&) = delete;
  document_writer& operator=(const document_writer&) = delete;

  bool finished() const noexcept { return finished_; }

  std::uint64_t acknowledged() const noexcept { return acknowledged_; }

  std::uint64_t failures() const noexcept { return failures_; }

  std::uint64_t bytes() const noexcept { return bytes_; }

  /// From the first write to the last acknowledgement; so far, while it runs.
  double seconds() const;

 private:
  void work();
  void send(std::shared_ptr<const demo_document> d);
  bool take_slot(); ///< false if it is to stop

  std::shared_ptr<demo_store> store_;
  document_maker maker_;
  ledger& ledger_;
  options options_;
  const steady_time begin_;
  std::atomic<std::uint64_t> acknowledged_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<bool> stop_{false};
  std::atomic<bool> finished_{false};
  std::atomic<double> took_{0};
  std::mutex mutex_;
  std::condition_variable slot_free_;
  std::uint32_t open_ = 0; ///< requests in flight
  std::thread thread_;
};

} // namespace feedcast::app
