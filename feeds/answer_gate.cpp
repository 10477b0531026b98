#include "feeds/answer_gate.hpp"

#include <algorithm>

namespace feedcast {

bool answer_gate::enter() {
  const std::lock_guard lock{mutex_};
  if (closed_)
    return false;
  inside_.push_back(std::this_thread::get_id());
  return true;
}

void answer_gate::leave() {
  // Told under the lock: the closing thread may destroy the gate as soon as it is released.
  const std::lock_guard lock{mutex_};
  inside_.erase(std::find(inside_.begin(), inside_.end(), std::this_thread::get_id()));
  left_.notify_all();
}

void answer_gate::close() {
  const auto me = std::this_thread::get_id();
  std::unique_lock lock{mutex_};
  closed_ = true;
  left_.wait(lock, [&] {
    return std::all_of(inside_.begin(), inside_.end(), [&](auto id) { return id == me; });
  });
}

} // namespace feedcast
