#pragma once

#include "emulator/refusal.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace feedcast::emulator {

/// Counts the bytes that stored documents take and refuses more than the limit. What containers
/// remember of former versions is counted apart and may take a quarter of it on top. Thread-safe.
class memory_budget {
 public:
  explicit memory_budget(std::uint64_t limit) noexcept : limit_(limit) {}

  /// False, and nothing taken, if the limit would be passed.
  bool take(std::size_t bytes) noexcept {
    if (used_.fetch_add(bytes) + bytes <= limit_)
      return true;
    used_.fetch_sub(bytes);
    return false;
  }

  /// For what was counted before, whatever came in between.
  void take_again(std::size_t bytes) noexcept { used_.fetch_add(bytes); }

  void give_back(std::size_t bytes) noexcept { used_.fetch_sub(bytes); }

  /// As take(), for the histories of all containers together.
  bool take_history(std::size_t bytes) noexcept {
    if (history_.fetch_add(bytes) + bytes <= limit_ / 4)
      return true;
    history_.fetch_sub(bytes);
    return false;
  }

  void give_back_history(std::size_t bytes) noexcept { history_.fetch_sub(bytes); }

  /// What one container's history may take, so that it leaves the others some.
  std::uint64_t history_share() const noexcept { return limit_ / 16; }

  std::uint64_t history_used() const noexcept { return history_.load(); }

  std::uint64_t used() const noexcept { return used_.load(); }

  std::uint64_t limit() const noexcept { return limit_; }

 private:
  std::uint64_t limit_;
  std::atomic<std::uint64_t> used_{0};
  std::atomic<std::uint64_t> history_{0};
};

/// What a write is told when the budget does not take it.
inline refusal memory_full(const memory_budget& memory) {
  return refuse(507, "the emulator holds all the data it may (" + std::to_string(memory.limit())
                         + " bytes): delete some, or start it with a larger --max-memory");
}

} // namespace feedcast::emulator
