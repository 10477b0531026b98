#include "emulator/change_history.hpp"

#include <algorithm>

namespace feedcast::emulator {

std::size_t change::footprint() const noexcept {
  // An image is counted in full by each change that holds it, though several share it.
  return sizeof(change) + version->footprint() + (previous ? previous->footprint() : 0);
}

std::size_t change::text_size() const noexcept {
  constexpr std::size_t metadata = 192; // envelope, LSNs, time
  return metadata + (is_removal() ? version->id.size() : version->feed_text.size())
         + (previous ? previous->feed_text.size() : 0);
}

void change_history::append(change c) {
  bytes_ += c.footprint();
  changes_.push_back(std::move(c));
}

change_history::iterator change_history::after(std::uint64_t lsn) const {
  return std::upper_bound(changes_.begin(), changes_.end(), lsn,
                          [](std::uint64_t l, const change& c) { return l < c.lsn; });
}

void change_history::drop_newest() {
  bytes_ -= changes_.back().footprint();
  changes_.pop_back();
}

void change_history::drop_oldest() {
  bytes_ -= changes_.front().footprint();
  changes_.pop_front();
}

} // namespace feedcast::emulator
