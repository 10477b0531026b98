#include "pipeline/ack_tracker.hpp"

#include <utility>

namespace feedcast {

ack_tracker::sequence ack_tracker::open(continuation next, std::uint32_t messages) {
  if (messages == 0 && !entries_.empty() && entries_.back().open == 0) {
    entries_.back().next = std::move(next);
    return first_ + entries_.size() - 1;
  }
  entries_.push_back({std::move(next), messages});
  return first_ + entries_.size() - 1;
}

bool ack_tracker::settle(sequence s, std::uint32_t messages) {
  if (s < first_ || s - first_ >= entries_.size())
    return false;
  auto& e = entries_[static_cast<std::size_t>(s - first_)];
  if (e.open < messages)
    return false;
  e.open -= messages;
  return true;
}

std::optional<continuation> ack_tracker::take_prefix() {
  std::optional<continuation> behind;
  while (!entries_.empty() && entries_.front().open == 0) {
    behind = std::move(entries_.front().next);
    entries_.pop_front();
    ++first_;
  }
  return behind;
}

} // namespace feedcast
