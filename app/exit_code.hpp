#pragma once

#include "core/error.hpp"

namespace feedcast::app {

/// What the process answers (sysexits where they fit).
enum exit_code : int {
  exit_ok = 0,
  exit_failure = 1,        ///< it ran and found something wrong
  exit_usage = 64,         ///< wrong command line
  exit_unavailable = 69,   ///< something it depends on can't be reached
  exit_bug = 70,           ///< a broken assumption of ours
  exit_deadline = 75,      ///< the drain deadline cut it short; safe to start again
  exit_permission = 77,    ///< a right is missing
  exit_configuration = 78, ///< the configuration is wrong
};

/// For a step of a command that failed.
constexpr exit_code exit_code_of(errc code) noexcept {
  switch (code) {
  case errc::unauthorized:
  case errc::forbidden:
    return exit_permission;
  case errc::rejected:
    return exit_configuration;
  default:
    return exit_unavailable;
  }
}

} // namespace feedcast::app
