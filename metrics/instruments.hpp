#pragma once

#include <cstdint>
#include <span>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
} // namespace prometheus

/// Handles to single series, resolved once and then used without a lookup. Copies mean the same
/// series; the registry that made them outlives them. All calls are thread-safe and cheap. A
/// default-constructed handle records nothing.
namespace feedcast::metrics {

class counter {
 public:
  counter() = default;
  /// Negative amounts are ignored: a counter never falls.
  void add(double amount = 1) const noexcept;
  double value() const noexcept;

 private:
  friend class registry;

  explicit counter(prometheus::Counter& series) : series_(&series) {}

  prometheus::Counter* series_ = nullptr;
};

class gauge {
 public:
  gauge() = default;
  void set(double value) const noexcept;
  void add(double amount) const noexcept; ///< may be negative
  double value() const noexcept;

 private:
  friend class registry;

  explicit gauge(prometheus::Gauge& series) : series_(&series) {}

  prometheus::Gauge* series_ = nullptr;
};

class histogram {
 public:
  histogram() = default;
  /// Records `times` observations of one value, at the price of one.
  void observe(double value, std::uint32_t times = 1) const;

 private:
  friend class registry;

  histogram(prometheus::Histogram& series, std::span<const double> buckets)
      : series_(&series), buckets_(buckets) {}

  prometheus::Histogram* series_ = nullptr;
  std::span<const double> buckets_; ///< upper bounds, those of the family
};

} // namespace feedcast::metrics
