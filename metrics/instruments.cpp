#include "metrics/instruments.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <algorithm>
#include <vector>

namespace feedcast::metrics {

void counter::add(double amount) const noexcept {
  if (series_ != nullptr)
    series_->Increment(amount);
}

double counter::value() const noexcept {
  return series_ != nullptr ? series_->Value() : 0;
}

void gauge::set(double value) const noexcept {
  if (series_ != nullptr)
    series_->Set(value);
}

void gauge::add(double amount) const noexcept {
  if (series_ != nullptr)
    series_->Increment(amount);
}

double gauge::value() const noexcept {
  return series_ != nullptr ? series_->Value() : 0;
}

void histogram::observe(double value, std::uint32_t times) const {
  if (series_ == nullptr || times == 0)
    return;
  if (times == 1) {
    series_->Observe(value);
    return;
  }
  // The same rule as the library's own: a value belongs to the first bucket whose upper bound is
  // not below it.
  const auto bucket = std::lower_bound(buckets_.begin(), buckets_.end(), value) - buckets_.begin();
  std::vector<double> increments(buckets_.size() + 1, 0.0);
  increments[static_cast<std::size_t>(bucket)] = times;
  series_->ObserveMultiple(increments, value * times);
}

} // namespace feedcast::metrics
