#include "pipeline/request_budget.hpp"

#include <algorithm>
#include <cmath>

namespace feedcast {

namespace {

/// The look at a feed costs a unit by itself: in a page of so many it is of no account.
constexpr double least_page = 20;
/// No answer costs more: what says so is damaged.
constexpr double most_charged = 1e6;

double seconds(std::chrono::nanoseconds t) {
  return std::chrono::duration<double>(t).count();
}

double believable(double units) {
  return std::isfinite(units) && units > 0 ? std::min(units, most_charged) : 0;
}

} // namespace

void request_budget::flow(steady_time now) {
  const auto passed =
      std::max(std::chrono::nanoseconds{0}, std::chrono::nanoseconds{now - flowed_});
  flowed_ = std::max(flowed_, now);
  if (!rate_) {
    level_ = 0;
    return;
  }
  level_ = std::clamp(level_ + seconds(passed) * *rate_, -seconds(longest_wait) * *rate_,
                      seconds(saved) * *rate_);
}

void request_budget::limit(std::optional<double> units_per_second, steady_time now) {
  flow(now);
  rate_ = units_per_second;
  flow(now);
}

void request_budget::charge(double units, steady_time now) {
  flow(now);
  level_ -= believable(units);
  flow(now);
}

void request_budget::note_page(std::uint64_t documents, double units) {
  if (documents > 0 && believable(units) > 0)
    document_ = believable(units) / static_cast<double>(documents);
}

milliseconds request_budget::wait(steady_time now) {
  flow(now);
  constexpr double rounding = 1e-9; // what adding up the waits leaves
  if (!rate_ || level_ >= -rounding)
    return milliseconds{0};
  const auto debt = std::min(-level_ / *rate_, seconds(longest_wait));
  return milliseconds{std::llround(std::ceil(debt * 1000))};
}

std::uint32_t request_budget::page_size(std::uint32_t most) const {
  if (!rate_)
    return most;
  const auto documents = std::floor(std::max(*rate_, least_page) / document_);
  return static_cast<std::uint32_t>(
      std::clamp(documents, 1.0, std::max(1.0, static_cast<double>(most))));
}

} // namespace feedcast
