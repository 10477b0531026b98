#pragma once

#include "metrics/labels.hpp"
#include "metrics/registry.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace feedcast::metrics {

/// Makes the series of one probe: all share the base labels. Used by the probes' constructors only.
class series_maker {
 public:
  series_maker(registry& r, label_set base) : registry_(r), base_(std::move(base)) {}

  counter counter_of(const family& f) const { return registry_.make_counter(f, base_); }

  gauge gauge_of(const family& f) const { return registry_.make_gauge(f, base_); }

  histogram histogram_of(const family& f) const { return registry_.make_histogram(f, base_); }

  /// One series per value of `Enum`, which is the label `name`.
  template <class Enum>
  by_label<Enum, counter> counters_of(const family& f, const char* name) const {
    return by_label<Enum, counter>{
        [&](std::string_view value) { return registry_.make_counter(f, with(name, value)); }};
  }

  template <class Enum>
  by_label<Enum, gauge> gauges_of(const family& f, const char* name) const {
    return by_label<Enum, gauge>{
        [&](std::string_view value) { return registry_.make_gauge(f, with(name, value)); }};
  }

  template <class Enum>
  by_label<Enum, histogram> histograms_of(const family& f, const char* name) const {
    return by_label<Enum, histogram>{
        [&](std::string_view value) { return registry_.make_histogram(f, with(name, value)); }};
  }

  label_set with(const char* name, std::string_view value) const {
    auto labels = base_;
    labels.emplace(name, value);
    return labels;
  }

 private:
  registry& registry_;
  label_set base_;
};

} // namespace feedcast::metrics
