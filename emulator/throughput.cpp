#include "emulator/throughput.hpp"

#include <algorithm>
#include <cmath>

namespace feedcast::emulator {
namespace {

constexpr std::size_t most_buckets = 100'000;

/// What the competitor leaves, a second.
double share_of(const throughput_limit& limit) noexcept {
  return limit.units * (1 - limit.competitor);
}

} // namespace

void throughput::limit(std::string_view container, throughput_limit wanted) {
  const std::lock_guard lock(mutex_);
  limits_.insert_or_assign(std::string(container), wanted);
  buckets_.clear();
  any_ = std::any_of(limits_.begin(), limits_.end(),
                     [](const auto& limit) { return limit.second.units > 0; });
}

throughput::bucket_key throughput::key_of(const unit_payee& payee) {
  return bucket_key(payee.path, payee.range, payee.region);
}

void throughput::refill(bucket& b) const {
  const steady_time now = clock_.steady();
  const double seconds = std::chrono::duration<double>(now - b.filled).count();
  const throughput_limit& limit = b.figures.limit;
  b.balance = std::min(share_of(limit), b.balance + seconds * share_of(limit));
  b.figures.eaten += seconds * limit.units * limit.competitor;
  b.filled = now;
}

std::optional<milliseconds> throughput::refuse_for(const unit_payee& payee) {
  const std::lock_guard lock(mutex_);
  auto limit = limits_.find(payee.container);
  if (limit == limits_.end())
    limit = limits_.find(std::string_view());
  if (limit == limits_.end() || limit->second.units <= 0)
    return std::nullopt;
  auto at = buckets_.find(key_of(payee));
  if (at == buckets_.end()) {
    if (buckets_.size() >= most_buckets) // ids that clients make up
      return std::nullopt;
    bucket fresh;
    fresh.figures.container = payee.path;
    fresh.figures.range = payee.range;
    fresh.figures.region = payee.region;
    fresh.figures.limit = limit->second;
    fresh.balance = share_of(limit->second);
    fresh.filled = clock_.steady();
    at = buckets_.emplace(key_of(payee), std::move(fresh)).first;
  }
  bucket& b = at->second;
  refill(b);
  if (b.balance > 0) {
    ++b.figures.served;
    return std::nullopt;
  }
  ++b.figures.throttled;
  // At least one, so that whoever waits as told does not come exactly at the end of the debt.
  return milliseconds(1 + std::llround(std::ceil(-b.balance / share_of(limit->second) * 1000)));
}

void throughput::charge(const unit_payee& payee, double units) {
  const std::lock_guard lock(mutex_);
  if (const auto at = buckets_.find(key_of(payee)); at != buckets_.end()) {
    at->second.balance -= units;
    at->second.figures.charged += units;
  }
}

std::vector<throughput_figures> throughput::figures() const {
  const std::lock_guard lock(mutex_);
  std::vector<throughput_figures> all;
  for (const auto& [key, b] : buckets_)
    all.push_back(b.figures);
  return all;
}

} // namespace feedcast::emulator
