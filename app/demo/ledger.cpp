#include "app/demo/ledger.hpp"

#include <algorithm>
#include <numeric>

namespace feedcast::app {

namespace {

constexpr std::size_t latency_limit_ms = 60'000;

std::int64_t unix_ms(wall_time t) {
  return std::chrono::duration_cast<milliseconds>(t.time_since_epoch()).count();
}

} // namespace

ledger::ledger(const std::map<std::string, std::string>& clusters) {
  for (const auto& [target, cluster] : clusters) {
    auto& book = targets_[target];
    book.cluster = cluster;
    book.latencies.resize(latency_limit_ms + 1);
  }
}

void ledger::write_begins(const std::string& key, std::string_view cluster, wall_time at) {
  const std::lock_guard lock{mutex_};
  ++written_;
  const auto ms = unix_ms(at);
  for (auto& [name, book] : targets_) {
    if (book.cluster == cluster) {
      ++book.sums.own;
      continue;
    }
    ++book.sums.expected;
    ++book.sums.open;
    auto& o = book.keys[key];
    if (o.open++ == 0)
      o.oldest_ms = ms;
    o.newest_ms = std::max(o.newest_ms, ms);
  }
}

void ledger::message(const std::string& target, const std::string& key, std::int64_t produced_ms,
                     wall_time read) {
  const std::lock_guard lock{mutex_};
  auto& book = targets_.at(target);
  ++book.sums.delivered;
  const auto at = book.keys.find(key);
  if (at == book.keys.end()) {
    ++book.sums.unknown;
    return;
  }
  auto& o = at->second;
  if (o.open == 0 || produced_ms < o.oldest_ms) {
    ++book.sums.duplicates;
    return;
  }
  // A message older than the newest write settles some of the writes; which ones can't be told, so
  // it settles none: the newest write will bring another.
  if (produced_ms < o.newest_ms)
    return;
  const auto waited = std::clamp<std::int64_t>(unix_ms(read) - o.oldest_ms, 0, latency_limit_ms);
  ++book.latencies[static_cast<std::size_t>(waited)];
  book.sums.open -= o.open;
  o.open = 0;
}

double ledger::percentile(const std::vector<std::uint32_t>& counts, double share) {
  const auto total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  const auto wanted = static_cast<double>(total) * share;
  std::uint64_t seen = 0;
  for (std::size_t ms = 0; ms < counts.size(); ++ms) {
    seen += counts[ms];
    if (seen > 0 && static_cast<double>(seen) >= wanted)
      return static_cast<double>(ms);
  }
  return 0;
}

ledger::account ledger::of(const std::string& target) const {
  const std::lock_guard lock{mutex_};
  const auto& book = targets_.at(target);
  auto sums = book.sums;
  sums.p50_ms = percentile(book.latencies, 0.50);
  sums.p99_ms = percentile(book.latencies, 0.99);
  return sums;
}

std::uint64_t ledger::written() const {
  const std::lock_guard lock{mutex_};
  return written_;
}

bool ledger::settled() const {
  const std::lock_guard lock{mutex_};
  return std::all_of(targets_.begin(), targets_.end(),
                     [](const auto& t) { return t.second.sums.open == 0; });
}

std::vector<std::string> ledger::owed(const std::string& target, std::size_t at_most) const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> keys;
  for (const auto& [key, o] : targets_.at(target).keys)
    if (o.open > 0 && keys.size() < at_most)
      keys.push_back(key);
  return keys;
}

} // namespace feedcast::app
