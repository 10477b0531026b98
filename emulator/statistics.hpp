#pragma once

#include "emulator/operation.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

namespace feedcast::emulator {

/// Counts answers by operation and status. Thread-safe.
class statistics {
 public:
  using counts = std::map<std::pair<operation, unsigned>, std::uint64_t>;

  void count(operation what, unsigned status) {
    const std::lock_guard lock(mutex_);
    ++counts_[{what, status}];
  }

  counts snapshot() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  counts counts_;
};

} // namespace feedcast::emulator
