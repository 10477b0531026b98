#include "metrics/registry.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <sstream>
#include <utility>
#include <vector>

namespace feedcast::metrics {

struct registry::impl {
  prometheus::Registry series;
  /// Nobody may set a passing series while it is being dropped.
  std::mutex passing_mutex;
  /// Held while hooks run: two scrapes must not add the same CPU seconds twice.
  std::mutex hooks_mutex;
  std::vector<std::function<void()>> hooks;

  template <class Builder>
  auto& register_family(Builder builder, const family& f) {
    return builder.Name(std::string{f.name}).Help(std::string{f.help}).Register(series);
  }
};

registry::registry() : impl_(std::make_unique<impl>()) {}

registry::~registry() = default;

counter registry::make_counter(const family& f, const label_set& labels) {
  return counter{impl_->register_family(prometheus::BuildCounter(), f).Add(labels)};
}

gauge registry::make_gauge(const family& f, const label_set& labels) {
  return gauge{impl_->register_family(prometheus::BuildGauge(), f).Add(labels)};
}

histogram registry::make_histogram(const family& f, const label_set& labels) {
  auto& all = impl_->register_family(prometheus::BuildHistogram(), f);
  return histogram{all.Add(labels, std::vector<double>(f.buckets.begin(), f.buckets.end())),
                   f.buckets};
}

void registry::set_gauge(const family& f, const label_set& labels, double value) {
  const std::lock_guard lock{impl_->passing_mutex};
  impl_->register_family(prometheus::BuildGauge(), f).Add(labels).Set(value);
}

void registry::drop_gauge(const family& f, const label_set& labels) {
  const std::lock_guard lock{impl_->passing_mutex};
  auto& all = impl_->register_family(prometheus::BuildGauge(), f);
  if (all.Has(labels))
    all.Remove(&all.Add(labels));
}

void registry::on_scrape(std::function<void()> refresh) {
  const std::lock_guard lock{impl_->hooks_mutex};
  impl_->hooks.push_back(std::move(refresh));
}

std::string registry::serialize() const {
  {
    const std::lock_guard lock{impl_->hooks_mutex};
    for (const auto& hook : impl_->hooks)
      hook();
  }
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, impl_->series.Collect());
  return std::move(out).str();
}

} // namespace feedcast::metrics
