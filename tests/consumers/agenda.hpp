#pragma once

#include "tests/simulation/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

namespace feedcast::consumers {

using simulation::dice;
using simulation::moment;

/// What is planned for later, by time; equal moments in the order in which they were planned. Does
/// not know what time it is.
class agenda {
 public:
  void at(moment when, std::function<void()> what) {
    plans_.push({when, ++count_, std::move(what)});
  }

  std::optional<moment> next() const {
    return plans_.empty() ? std::nullopt : std::optional(plans_.top().when);
  }

  /// Takes out the next one.
  std::function<void()> take() {
    auto what = std::move(const_cast<plan&>(plans_.top()).what); // is popped at once
    plans_.pop();
    return what;
  }

  void clear() {
    plans_ = {};
    count_ = 0;
  }

 private:
  struct plan {
    moment when;
    std::uint64_t number;
    std::function<void()> what;

    bool operator<(const plan& other) const noexcept {
      return std::pair{other.when, other.number} < std::pair{when, number};
    }
  };

  std::uint64_t count_ = 0;
  std::priority_queue<plan> plans_;
};

} // namespace feedcast::consumers
