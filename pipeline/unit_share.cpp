#include "pipeline/unit_share.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace feedcast {

namespace {

/// Throughput changes when somebody changes it, which may be a program that follows the load.
constexpr milliseconds ask_interval{300'000};
constexpr milliseconds retry_interval{10'000};
constexpr milliseconds unreadable_interval{60'000}; // a key may be rotated, a right granted

std::string spell(double units) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", units);
  return text;
}

} // namespace

bool unit_share::due(steady_time now) {
  if (options_.share <= 0 || now < next_)
    return false;
  next_ = now + ask_interval;
  return true;
}

unit_share::news unit_share::learn(const result<feed_throughput>& answer, steady_time now) {
  if (answer) {
    const bool same = known_ && *known_ == *answer;
    known_ = *answer;
    unreadable_.clear();
    return same ? news::none : news::known;
  }
  if (is_transient(answer.error().code) || answer.error().code == errc::canceled) {
    next_ = std::min(next_, now + retry_interval);
    return news::none;
  }
  next_ = std::min(next_, now + unreadable_interval);
  known_.reset();
  const bool first = unreadable_.empty();
  unreadable_ = answer.error().detail;
  return first ? news::unreadable : news::none;
}

std::optional<double> unit_share::per_reader(std::size_t readers) const {
  const auto units = known_ ? known_->units : options_.declared;
  if (options_.share <= 0 || !std::isfinite(units) || units <= 0)
    return std::nullopt;
  // Readers of parts of a range share it; right after a split there are more ranges than readers.
  const auto parts = std::max<std::size_t>({readers, known_ ? known_->ranges : 1, 1});
  return options_.share * units / static_cast<double>(parts);
}

std::string unit_share::why() const {
  if (options_.share <= 0)
    return "off";
  const auto share = spell(options_.share * 100) + " % of ";
  if (known_)
    return share + spell(known_->units) + " RU/s (" + known_->source + ')';
  if (options_.declared > 0)
    return share + spell(options_.declared) + " RU/s (the feed's `throughput`)";
  return unreadable_.empty() ? "the database was not asked yet"
                             : "no limit is known: " + unreadable_;
}

} // namespace feedcast
