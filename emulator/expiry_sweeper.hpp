#pragma once

#include "emulator/store.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace feedcast::emulator {

/// Lets documents go at about their time, whether somebody reads or not: one thread that looks at
/// all containers a few times a second. Owned by the emulator; the destructor stops and joins it.
class expiry_sweeper {
 public:
  /// `data` outlives the sweeper.
  explicit expiry_sweeper(store& data);
  ~expiry_sweeper();
  expiry_sweeper(const expiry_sweeper&) = delete;
  expiry_sweeper& operator=(const expiry_sweeper&) = delete;

 private:
  void run();

  store& data_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_; ///< last: it uses the rest
};

} // namespace feedcast::emulator
