#pragma once

#include "core/clock.hpp"
#include "http/detail/net.hpp"

#include <functional>
#include <memory>

namespace feedcast::http::detail {

/// A deadline that is moved far more often than it is hit: moving it later only stores a number,
/// the timer looks again when it fires. Used and destroyed on the thread of its executor.
class watchdog {
 public:
  /// `bark` is called when a deadline passes; never after the watchdog is destroyed.
  watchdog(const executor& ex, std::function<void()> bark);
  ~watchdog();
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

  void set(steady_time deadline);

  void set(milliseconds wait) { set(from_now(wait)); }

  void clear();
  /// True if it barked since the last set() or clear().
  bool barked() const noexcept;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace feedcast::http::detail
