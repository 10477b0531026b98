#pragma once

#include "metrics/instruments.hpp"
#include "metrics/names.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace feedcast::metrics {

using label_set = std::map<std::string, std::string>;

/// Owns all series of a process. Thread-safe. Outlives every handle and probe made of it.
class registry {
 public:
  registry();
  ~registry();
  registry(const registry&) = delete;
  registry& operator=(const registry&) = delete;

  /// Asking twice for the same family and labels gives the same series. Throws
  /// std::invalid_argument if a label name is not allowed: a programming error, labels come from
  /// our own code.
  counter make_counter(const family& f, const label_set& labels);
  gauge make_gauge(const family& f, const label_set& labels);
  histogram make_histogram(const family& f, const label_set& labels);
  /// For series that come and go: sets one without leaving a handle that could outlive it, and
  /// drops it.
  void set_gauge(const family& f, const label_set& labels, double value);
  void drop_gauge(const family& f, const label_set& labels);

  /// Called at the start of each serialize(), one at a time, to refresh what is only read on
  /// demand.
  void on_scrape(std::function<void()> refresh);

  /// Prometheus text exposition, version 0.0.4.
  std::string serialize() const;
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace feedcast::metrics
