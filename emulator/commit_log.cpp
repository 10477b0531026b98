#include "emulator/commit_log.hpp"

#include "emulator/regions.hpp"

#include <algorithm>

namespace feedcast::emulator {
namespace {

// Whoever is further behind is moved on.
constexpr std::size_t most_commits = 200'000;
constexpr std::size_t most_bytes = std::size_t{256} << 20;

std::size_t size_of(const commit_log::commit& c) noexcept {
  return c.before ? c.before->footprint() : 0;
}

} // namespace

void commit_log::record(std::uint64_t lsn, document_ptr before, document_ptr after) {
  if (account_ == nullptr)
    return;
  const milliseconds keep = account_->keep();
  if (keep.count() == 0) {
    commits_.clear();
    bytes_ = 0;
    return;
  }
  const steady_time now = clock_->steady();
  const bool together = !commits_.empty() && commits_.back().lsn == lsn; // committed at once
  commits_.push_back(
      {lsn, together ? commits_.back().when : now, std::move(before), std::move(after)});
  bytes_ += size_of(commits_.back());
  const bool forever = keep == milliseconds::max();
  while (commits_.size() > most_commits || bytes_ > most_bytes
         || (!forever && commits_.front().when < now - keep))
    forget_oldest();
}

void commit_log::forget_oldest() {
  bytes_ -= size_of(commits_.front());
  commits_.pop_front();
}

std::deque<commit_log::commit>::const_iterator commit_log::above(std::uint64_t lsn) const {
  return std::upper_bound(commits_.begin(), commits_.end(), lsn,
                          [](std::uint64_t l, const commit& c) { return l < c.lsn; });
}

std::uint64_t commit_log::position(steady_time when, std::uint64_t now) const {
  const auto later = std::upper_bound(commits_.begin(), commits_.end(), when,
                                      [](steady_time t, const commit& c) { return t < c.when; });
  return later == commits_.end() ? now : later->lsn - 1;
}

std::optional<steady_time> commit_log::committed(std::uint64_t lsn) const {
  const auto at = above(lsn - 1);
  return at == commits_.end() || at->lsn != lsn ? std::nullopt : std::optional(at->when);
}

std::map<std::uint64_t, document_ptr> commit_log::changed_since(std::uint64_t lsn) const {
  std::map<std::uint64_t, document_ptr> all;
  for (auto at = above(lsn); at != commits_.end(); ++at)
    // The first change since then undoes all later ones.
    all.emplace((at->before ? at->before : at->after)->address.item, at->before);
  return all;
}

std::vector<document_ptr> commit_log::replaced_since(std::uint64_t lsn, std::uint64_t after) const {
  std::vector<document_ptr> all;
  for (auto& [item, version] : changed_since(lsn))
    if (version && version->lsn > after)
      all.push_back(version);
  std::sort(all.begin(), all.end(),
            [](const document_ptr& a, const document_ptr& b) { return a->lsn < b->lsn; });
  return all;
}

document_ptr commit_log::version_at(std::uint64_t lsn,
                                    const std::function<bool(const document&)>& is_it,
                                    document_ptr now) const {
  for (auto at = above(lsn); at != commits_.end(); ++at) {
    const document_ptr& named = at->before ? at->before : at->after;
    if (named && is_it(*named))
      return at->before; // the first change since then undoes all later ones
  }
  return now;
}

std::vector<commit_log::commit> commit_log::cut(std::uint64_t lsn) {
  std::vector<commit> undone;
  while (!commits_.empty() && commits_.back().lsn > lsn) {
    bytes_ -= size_of(commits_.back());
    undone.push_back(std::move(commits_.back()));
    commits_.pop_back();
  }
  return undone;
}

} // namespace feedcast::emulator
