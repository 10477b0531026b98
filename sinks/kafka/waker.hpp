#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace feedcast::kafka {

/// Calls the sink's owner from any thread, as long as the sink lives. Shared by the sink, its
/// producers and its background work.
class waker {
 public:
  void set(std::function<void()> wake) {
    const std::lock_guard lock{mutex_};
    wake_ = std::move(wake);
  }

  /// After this no call is running and none will come.
  void clear() { set(nullptr); }

  void operator()() const {
    const std::lock_guard lock{mutex_};
    if (wake_)
      wake_();
  }

 private:
  mutable std::mutex mutex_;
  std::function<void()> wake_;
};

} // namespace feedcast::kafka
