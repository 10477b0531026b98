#include "http/detail/call_gate.hpp"

namespace feedcast::http::detail {

namespace {

thread_local call_gate::pass* innermost = nullptr;

} // namespace

call_gate::pass::pass(call_gate& gate) : gate_(&gate) {
  {
    const std::lock_guard lock{gate.mutex_};
    if (gate.closed_) {
      gate_ = nullptr;
      return;
    }
    ++gate.inside_;
  }
  outer_ = innermost;
  innermost = this;
}

call_gate::pass::~pass() {
  if (gate_ == nullptr)
    return;
  innermost = outer_;
  const std::lock_guard lock{gate_->mutex_};
  --gate_->inside_;
  // Under the lock: as soon as it is released, a closer may destroy the gate.
  gate_->left_.notify_all();
}

void call_gate::close() {
  std::size_t own = 0;
  for (auto* held = innermost; held != nullptr; held = held->outer_)
    own += held->gate_ == this ? 1U : 0U;
  std::unique_lock lock{mutex_};
  closed_ = true;
  left_.wait(lock, [&] { return inside_ == own; });
}

} // namespace feedcast::http::detail
