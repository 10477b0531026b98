#include "pipeline/window.hpp"

#include <algorithm>
#include <utility>

namespace feedcast {

void range_window::add(std::shared_ptr<batch> b) {
  const auto messages = static_cast<std::uint32_t>(b->messages.size());
  const auto sequence = tracker_.open(b->next, messages);
  if (messages == 0)
    return;
  bytes_ += b->footprint();
  keys_ += messages;
  // A batch that can be handed over at once has nothing to offer: the usual case pays for no
  // hashing.
  const bool waits = next_ < unsettled_.size() || in_target_ >= limits_.batches;
  if (waits)
    for (std::size_t i = 0; i < b->invalidations(); ++i)
      waiting_.emplace(b->key(b->messages[i]), &b->messages[i]);
  unsettled_.push_back({std::move(b), sequence, waits, false});
}

std::optional<range_window::handover> range_window::take() {
  if (next_ >= unsettled_.size() || in_target_ >= limits_.batches)
    return std::nullopt;
  auto& s = unsettled_[next_++];
  s.handed_over = true;
  ++in_target_;
  if (s.offers_keys)
    for (std::size_t i = 0; i < s.what->invalidations(); ++i)
      waiting_.erase(s.what->key(s.what->messages[i]));
  return handover{s.what, s.sequence};
}

batch_ptr range_window::settle_all(ack_tracker::sequence s) {
  const auto at = std::lower_bound(unsettled_.begin(), unsettled_.end(), s,
                                   [](const slot& a, auto b) { return a.sequence < b; });
  if (at == unsettled_.end() || at->sequence != s || !at->handed_over)
    return nullptr;
  auto b = std::move(at->what);
  const auto messages = static_cast<std::uint32_t>(b->messages.size());
  tracker_.settle(s, messages);
  keys_ -= messages;
  bytes_ -= b->footprint();
  --in_target_;
  --next_;
  unsettled_.erase(at);
  return b;
}

std::uint32_t range_window::changes() const noexcept {
  std::uint32_t sum = 0;
  for (const auto& s : unsettled_)
    for (const auto& m : s.what->messages)
      sum += m.changes;
  return sum;
}

std::int64_t range_window::oldest_ts() const noexcept {
  std::int64_t oldest = 0;
  for (const auto& s : unsettled_)
    if (s.what->oldest_ts != 0 && (oldest == 0 || s.what->oldest_ts < oldest))
      oldest = s.what->oldest_ts;
  return oldest;
}

} // namespace feedcast
