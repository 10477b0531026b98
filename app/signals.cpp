#include "app/signals.hpp"

#include "core/log.hpp"

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <thread>
#include <unistd.h>

namespace feedcast::app {

namespace {

sigset_t the_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

} // namespace

termination_signals::termination_signals() {
  const auto set = the_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A peer that closes its end must be an error code, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
}

int termination_signals::wait() const {
  const auto set = the_set();
  int number = 0;
  while (sigwait(&set, &number) != 0) {
  }
  return number;
}

int termination_signals::wait_for(long milliseconds) const {
  const auto set = the_set();
  const timespec limit{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
  const auto number = sigtimedwait(&set, nullptr, &limit);
  return number > 0 ? number : 0;
}

void termination_signals::ask_to_end() {
  kill(getpid(), SIGTERM); // blocked in every thread, so it waits for the one that waits for it
}

void termination_signals::quit_on_next(int exit_code) const {
  std::thread([exit_code, this] {
    wait();
    log::warn("second signal, quitting at once");
    std::_Exit(exit_code);
  }).detach();
}

} // namespace feedcast::app
