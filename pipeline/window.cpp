#include "pipeline/window.hpp"

#include <algorithm>
#include <utility>

namespace feedcast {

void range_window::add(std::shared_ptr<batch> b) {
  const auto messages = b->size();
  const auto due = b->received + limits_.confirm_after;
  // Which of the waiting batches covers some of its keys is not known; they all wait for it.
  if (confirms() && b->covered)
    for (auto i = next_; i < unsettled_.size(); ++i)
      unsettled_[i].due = std::max(unsettled_[i].due, due);
  const auto sequence = tracker_.open(b->next, messages);
  if (messages == 0)
    return;
  bytes_ += b->footprint();
  keys_ += messages;
  // A batch that can be handed over at once has nothing to offer: the usual case pays for no
  // hashing. What is only sent later can't stand for what has to be sent now.
  const bool waits = next_ < unsettled_.size() || in_target_ >= limits_.batches;
  if (waits)
    for (std::size_t i = b->later; i < b->invalidations(); ++i)
      waiting_.emplace(b->key(b->messages[i]), &b->messages[i]);
  unsettled_.push_back({std::move(b), sequence, due, waits});
}

std::optional<submission> range_window::take(steady_time now) {
  if (in_target_ >= limits_.batches)
    return std::nullopt;
  if (auto again = take_confirmation(now))
    return again;
  while (next_ < unsettled_.size()) {
    auto turn = take_first(unsettled_[next_++], now);
    if (turn.first < turn.last) {
      ++in_target_;
      return turn;
    }
  }
  return std::nullopt;
}

submission range_window::take_first(slot& s, steady_time now) {
  if (s.offers_keys)
    for (std::size_t i = s.what->later; i < s.what->invalidations(); ++i)
      waiting_.erase(s.what->key(s.what->messages[i]));
  submission turn{s.what, s.sequence, 0, s.what->size()};
  if (!confirms() || now >= s.due || s.what->invalidations() == 0) {
    s.at = stage::last;
    return turn;
  }
  turn.first = s.what->later;
  s.at = stage::first;
  if (turn.first == turn.last) { // there is nothing to say yet
    s.at = stage::rests;
    s.had_turn = true;
    ++resting_;
  }
  return turn;
}

std::optional<submission> range_window::take_confirmation(steady_time now) {
  if (resting_ == 0 || !confirming_)
    return std::nullopt;
  const auto end = unsettled_.begin() + static_cast<std::ptrdiff_t>(next_);
  const auto at = std::find_if(unsettled_.begin(), end, [now](const slot& s) {
    return s.at == stage::rests && s.due <= now;
  });
  if (at == end)
    return std::nullopt;
  at->at = stage::last;
  --resting_;
  ++in_target_;
  return submission{at->what, at->sequence, 0,
                    static_cast<std::uint32_t>(at->what->invalidations()), at->what->later};
}

std::optional<steady_time> range_window::next_due() const noexcept {
  std::optional<steady_time> next;
  if (resting_ > 0 && confirming_)
    for (const auto& s : unsettled_)
      if (s.at == stage::rests && (!next || s.due < *next))
        next = s.due;
  return next;
}

range_window::turn_end range_window::finish(ack_tracker::sequence s, turn_loss lost) {
  const auto at = std::lower_bound(unsettled_.begin(), unsettled_.end(), s,
                                   [](const slot& a, auto b) { return a.sequence < b; });
  if (at == unsettled_.end() || at->sequence != s
      || (at->at != stage::first && at->at != stage::last))
    return {};
  at->lost.undeliverable += lost.undeliverable;
  at->lost.dead_lettered += lost.dead_lettered;
  turn_end end{at->what, !std::exchange(at->had_turn, true), at->at == stage::last, at->lost};
  --in_target_;
  if (!end.last) {
    at->at = stage::rests;
    ++resting_;
    return end;
  }
  const auto messages = end.what->size();
  tracker_.settle(s, messages);
  keys_ -= messages;
  bytes_ -= end.what->footprint();
  --next_;
  unsettled_.erase(at);
  return end;
}

std::uint32_t range_window::changes() const noexcept {
  std::uint32_t sum = 0;
  for (const auto& s : unsettled_)
    for (const auto& m : s.what->messages)
      sum += m.changes;
  return sum;
}

namespace {

std::int64_t time_of(const batch& b) {
  if (b.oldest_ts != 0 || b.messages.empty())
    return b.oldest_ts;
  return std::chrono::floor<std::chrono::seconds>(b.origin.read.time_since_epoch()).count();
}

} // namespace

std::int64_t range_window::oldest_ts() const noexcept {
  std::int64_t oldest = 0;
  for (const auto& s : unsettled_)
    if (const auto ts = time_of(*s.what); !s.had_turn && ts != 0 && (oldest == 0 || ts < oldest))
      oldest = ts;
  return oldest;
}

} // namespace feedcast
