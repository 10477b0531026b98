#include "emulator/feed_index.hpp"

#include <algorithm>
#include <iterator>

namespace feedcast::emulator {

void feed_index::append(document_ptr version) {
  slots_.push_back({version->lsn, version->ts, version});
}

void feed_index::restore(document_ptr version) {
  const auto at = after(version->lsn);
  slots_.insert(at, {version->lsn, version->ts, version});
}

void feed_index::erase(const document& version) {
  auto at = std::lower_bound(slots_.begin(), slots_.end(), version.lsn,
                             [](const slot& s, std::uint64_t lsn) { return s.lsn < lsn; });
  while (at != slots_.end() && at->lsn == version.lsn && at->version.get() != &version)
    ++at;
  if (at == slots_.end() || at->version.get() != &version)
    return;
  at->version = nullptr;
  ++holes_;
  constexpr std::size_t worth_it = 64;
  if (holes_ >= worth_it && holes_ * 2 >= slots_.size()) {
    std::erase_if(slots_, [](const slot& s) { return !s.version; });
    holes_ = 0;
  }
}

void feed_index::close_after(std::uint64_t lsn) {
  const auto first = after(lsn);
  holes_ -= static_cast<std::size_t>(slots_.cend() - first);
  slots_.erase(first, slots_.cend());
}

feed_index join(const feed_index& one, const feed_index& other) {
  feed_index all;
  all.slots_.reserve(one.size() + other.size());
  std::merge(one.slots_.begin(), one.slots_.end(), other.slots_.begin(), other.slots_.end(),
             std::back_inserter(all.slots_),
             [](const feed_index::slot& a, const feed_index::slot& b) { return a.lsn < b.lsn; });
  std::erase_if(all.slots_, [](const feed_index::slot& s) { return !s.version; });
  return all;
}

feed_index::iterator feed_index::after(std::uint64_t lsn) const {
  return std::upper_bound(slots_.begin(), slots_.end(), lsn,
                          [](std::uint64_t l, const slot& s) { return l < s.lsn; });
}

feed_index::iterator feed_index::modified_after(std::int64_t ts) const {
  return std::upper_bound(slots_.begin(), slots_.end(), ts,
                          [](std::int64_t t, const slot& s) { return t < s.ts; });
}

} // namespace feedcast::emulator
