#include "http/detail/watchdog.hpp"

#include <utility>

namespace feedcast::http::detail {

namespace {

constexpr auto never = steady_time::max();

} // namespace

struct watchdog::state : std::enable_shared_from_this<state> {
  state(const executor& ex, std::function<void()> f) : clock(ex), bark(std::move(f)) {}

  void wait_until(steady_time t) {
    armed = t;
    clock.expires_at(t); // cancels the wait before, whose handler then does nothing
    clock.async_wait([me = shared_from_this()](error_code failure) {
      if (!failure)
        me->look();
    });
  }

  void look() {
    armed = never;
    if (deadline == never)
      return;
    if (std::chrono::steady_clock::now() < deadline) {
      wait_until(deadline);
      return;
    }
    deadline = never;
    barked = true;
    if (bark)
      bark();
  }

  steady_timer clock;
  std::function<void()> bark;
  steady_time deadline = never;
  steady_time armed = never; ///< when the timer fires
  bool barked = false;
};

watchdog::watchdog(const executor& ex, std::function<void()> bark)
    : state_(std::make_shared<state>(ex, std::move(bark))) {}

watchdog::~watchdog() {
  state_->deadline = never;
  state_->bark = nullptr;
  state_->clock.cancel();
}

void watchdog::set(steady_time deadline) {
  state_->barked = false;
  state_->deadline = deadline;
  if (deadline < state_->armed)
    state_->wait_until(deadline);
}

void watchdog::clear() {
  state_->barked = false;
  state_->deadline = never;
}

bool watchdog::barked() const noexcept {
  return state_->barked;
}

} // namespace feedcast::http::detail
