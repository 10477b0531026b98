#pragma once

#include "core/clock.hpp"

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace feedcast::simulation {

/// True time: milliseconds since the simulation began. Nobody in it can read this clock but the
/// servers, whose wall clock is right.
using moment = std::int64_t;

inline wall_time server_wall(moment t) {
  return wall_time{milliseconds{1'767'225'600'000 + t}};
}

inline moment moment_of(wall_time t) {
  return std::chrono::duration_cast<milliseconds>(t.time_since_epoch()).count() - 1'767'225'600'000;
}

/// Cosmos DB tells the time in whole seconds.
inline wall_time whole_seconds(wall_time t) {
  return std::chrono::floor<std::chrono::seconds>(t);
}

/// Seeded random numbers (splitmix64).
class dice {
 public:
  explicit dice(std::uint64_t seed) : state_{seed} {}

  std::uint64_t next() noexcept {
    auto z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  std::size_t below(std::size_t n) noexcept { return n == 0 ? 0 : next() % n; }

  std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    return low + static_cast<std::int64_t>(below(static_cast<std::size_t>(high - low + 1)));
  }

  bool chance(std::int64_t permille) noexcept { return between(0, 999) < permille; }

 private:
  std::uint64_t state_;
};

/// What will happen when, in order; equal moments in the order of their announcement.
class timeline {
 public:
  moment now() const noexcept { return now_; }

  void at(moment t, std::function<void()> what) {
    events_.push({std::max(t, now_), ++count_, std::move(what)});
  }

  void after(moment wait, std::function<void()> what) { at(now_ + wait, std::move(what)); }

  /// Lets the next event happen; false if there is none up to `limit`.
  bool step(moment limit) {
    if (events_.empty() || events_.top().when > limit) {
      now_ = std::max(now_, limit);
      return false;
    }
    auto what = std::move(const_cast<event&>(events_.top()).what); // is popped at once
    now_ = events_.top().when;
    events_.pop();
    what();
    return true;
  }

  std::uint64_t steps() const noexcept { return count_; }

 private:
  struct event {
    moment when;
    std::uint64_t number;
    std::function<void()> what;

    bool operator<(const event& other) const noexcept {
      return std::pair{other.when, other.number} < std::pair{when, number};
    }
  };

  moment now_ = 0;
  std::uint64_t count_ = 0;
  std::priority_queue<event> events_;
};

/// The clock of one machine: an offset, a drift, and steps of its wall clock.
class skewed_clock final : public clock_source {
 public:
  skewed_clock(const timeline& time, std::int64_t offset, std::int64_t drift_ppm)
      : time_{time}, offset_{offset}, drift_{drift_ppm} {}

  steady_time steady() const override {
    return steady_time{std::chrono::microseconds{own(time_.now()) + 1'000'000'000}};
  }

  wall_time wall() const override {
    return server_wall(0) + milliseconds{offset_} + std::chrono::microseconds{own(time_.now())};
  }

  void step_wall(std::int64_t by) noexcept { offset_ += by; }

  std::int64_t offset() const noexcept { return offset_; }

 private:
  std::int64_t own(moment t) const noexcept { return t * 1'000 + t * drift_ / 1'000; }

  const timeline& time_;
  std::int64_t offset_;
  std::int64_t drift_;
};

} // namespace feedcast::simulation
