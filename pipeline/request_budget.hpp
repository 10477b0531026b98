#pragma once

#include "core/clock.hpp"

#include <cstdint>
#include <optional>

namespace feedcast {

/// What the reader of one range may spend: so many request units a second. A token bucket that may
/// go into debt, because what a request costs is known only from its answer. A request is allowed
/// while there is no debt, and the time that it is under way pays for it like any other: round
/// trips cost nothing as long as a page costs more than flows in meanwhile, so pages are asked for
/// that are worth a second. Pure: the caller passes the time in. Owned by one range; not
/// thread-safe.
class request_budget {
 public:
  /// Without a limit.
  request_budget() = default;

  /// So many from now on; nullopt = no limit. What was saved or is owed is kept.
  void limit(std::optional<double> units_per_second, steady_time now);

  /// The answer to a request cost so many units. Charges that can't be (negative, not a number)
  /// cost nothing.
  void charge(double units, steady_time now);

  /// A page of so many documents cost so many units: what page size follows from.
  void note_page(std::uint64_t documents, double units);

  /// How long until the next request is allowed; zero = now. Never longer than `longest_wait`.
  milliseconds wait(steady_time now);

  /// How many documents to ask for, at most `most`.
  std::uint32_t page_size(std::uint32_t most) const;

  std::optional<double> units_per_second() const noexcept { return rate_; }

  /// What is not spent is kept for so long, for the burst after a quiet time.
  static constexpr milliseconds saved{1'000};
  /// No debt, and no error in a figure, stops a range for longer.
  static constexpr milliseconds longest_wait{300'000};

 private:
  void flow(steady_time now);

  std::optional<double> rate_; ///< units a second
  double level_ = 0;           ///< units; negative = owed
  steady_time flowed_{};       ///< when `level_` was true
  double document_ = 1;        ///< units that a document of a page costs, as far as is known
};

} // namespace feedcast
