#pragma once

#include "core/result.hpp"
#include "tests/simulation/judge.hpp"
#include "tests/simulation/time.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace feedcast::simulation {

/// What is wrong, and until when.
struct weather {
  moment outage = 0;       ///< nothing gets through
  moment store_outage = 0; ///< likewise, but feed and target can be reached
  moment throttled = 0;    ///< a part of the calls is answered with 429
  moment lossy = 0;        ///< a part of the calls or of their answers is lost
  moment slow = 0;         ///< calls take seconds
  moment acks = 0;         ///< the target takes nothing
  std::int64_t throttled_permille = 0;
  std::int64_t lossy_permille = 0;
};

/// Between one host and the servers: delays, throttles and loses calls as the weather is.
class network {
 public:
  network(timeline& time, const weather& everywhere, judge& court, std::uint64_t seed)
      : time_{time}, everywhere_{everywhere}, court_{court}, random_{seed} {}

  weather here;

  dice& random() noexcept { return random_; }

  bool over(moment weather::*until) const noexcept {
    return time_.now() >= here.*until && time_.now() >= everywhere_.*until;
  }

  /// Does `apply` at the server, then tells `done` its result; or not, and `done` learns of an
  /// error. `alive` ends with the host: then nobody is told.
  template <class T>
  void call(const std::weak_ptr<bool>& alive, std::function<result<T>(moment)> apply,
            std::function<void(result<T>)> done) {
    const auto answer = [this, alive, done = std::move(done)](moment wait, result<T> r) {
      time_.after(wait, [alive, done, r = std::move(r)] {
        if (alive.lock())
          done(r);
      });
    };
    if (!over(&weather::outage) || !over(&weather::store_outage)) {
      ++court_.seen["fault: outage"];
      if (random_.chance(500))
        return answer(5, make_error(errc::unavailable, "connection refused"));
      return answer(timeout, make_error(errc::timeout, "no answer"));
    }
    if (!over(&weather::throttled) && random_.chance(permille(&weather::throttled_permille))) {
      ++court_.seen["fault: 429"];
      auto e = make_error(errc::throttled, "429");
      e.retry_after = milliseconds{random_.between(10, 3'000)};
      return answer(latency(), std::move(e));
    }
    if (!over(&weather::lossy) && random_.chance(permille(&weather::lossy_permille)))
      return lose<T>(std::move(apply), answer);
    const auto there = latency();
    const auto back = latency();
    time_.after(there, [this, apply = std::move(apply), answer, back] {
      answer(back, apply(time_.now()));
    });
  }

  moment latency() {
    if (!over(&weather::slow))
      return random_.between(100, 2'400);
    return random_.chance(20) ? random_.between(20, 600) : random_.between(1, 20);
  }

  static constexpr moment timeout = 5'000;

 private:
  std::int64_t permille(std::int64_t weather::*part) const {
    return std::max(here.*part, everywhere_.*part);
  }

  template <class T, class Answer>
  void lose(std::function<result<T>(moment)> apply, const Answer& answer) {
    switch (random_.below(4)) {
    case 0:
      ++court_.seen["fault: call lost"];
      break;
    case 1: // done after the caller has given up
      ++court_.seen["fault: call late"];
      time_.after(random_.between(timeout, timeout + 8'000), [this, apply = std::move(apply)] {
        court_.late = true;
        apply(time_.now());
        court_.late = false;
      });
      break;
    default:
      ++court_.seen["fault: reply lost"];
      time_.after(latency(), [this, apply = std::move(apply)] { apply(time_.now()); });
    }
    answer(timeout, make_error(errc::timeout, "no answer"));
  }

  timeline& time_;
  const weather& everywhere_;
  judge& court_;
  dice random_;
};

} // namespace feedcast::simulation
