#include "core/backoff.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace feedcast {

namespace {
constexpr std::chrono::milliseconds longest_honoured_wait{60'000};
}

backoff::backoff(backoff_options options, std::uint64_t seed)
    : options_(options), state_(seed != 0 ? seed : std::random_device{}() | 1ULL) {}

double backoff::random_unit() noexcept {
  // xorshift64*: plenty for spreading retries, and cheap to keep per range.
  state_ ^= state_ >> 12U;
  state_ ^= state_ << 25U;
  state_ ^= state_ >> 27U;
  return static_cast<double>((state_ * 0x2545F4914F6CDD1DULL) >> 11U) / 9007199254740992.0;
}

std::chrono::milliseconds backoff::next(std::chrono::milliseconds at_least) {
  const auto cap = static_cast<double>(options_.cap.count());
  const auto full = std::min(cap, static_cast<double>(options_.first.count())
                                      * std::pow(options_.factor, std::min(attempts_, 64U)));
  ++attempts_;
  const auto delay = full * (1.0 - options_.jitter * random_unit());
  const std::chrono::milliseconds rounded{static_cast<std::int64_t>(delay)};
  return std::max(rounded, std::min(at_least, longest_honoured_wait));
}

} // namespace feedcast
