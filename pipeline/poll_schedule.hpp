#pragma once

#include <algorithm>
#include <chrono>

namespace feedcast {

/// When an idle range asks again: at once while changes come, then after growing waits from `min`
/// to `max`. Owned by one range.
class poll_schedule {
 public:
  poll_schedule(std::chrono::milliseconds min, std::chrono::milliseconds max)
      : min_(min), max_(std::max(min, max)), next_(min) {}

  /// Changes came: ask again at once.
  std::chrono::milliseconds after_changes() noexcept {
    next_ = min_;
    return std::chrono::milliseconds{0};
  }

  /// Nothing new.
  std::chrono::milliseconds after_nothing() noexcept {
    const auto wait = next_;
    next_ = std::min(max_, next_ * 2);
    return wait;
  }

 private:
  std::chrono::milliseconds min_;
  std::chrono::milliseconds max_;
  std::chrono::milliseconds next_;
};

} // namespace feedcast
