#pragma once

namespace feedcast::app {

/// SIGTERM and SIGINT, taken synchronously: blocked in every thread, waited for by one. Construct
/// before any other thread starts.
class termination_signals {
 public:
  termination_signals();

  /// Blocks until one of them comes; returns its number.
  int wait() const;
  /// Blocks up to `milliseconds`; 0 if none came.
  int wait_for(long milliseconds) const;
  /// From now on the next one ends the process at once, with this exit code. For use while
  /// draining.
  void quit_on_next(int exit_code) const;
  /// As if SIGTERM had come; from any thread.
  static void ask_to_end();
};

} // namespace feedcast::app
