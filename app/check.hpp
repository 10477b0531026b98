#pragma once

#include "app/configuration.hpp"

namespace feedcast::app {

struct check_options {
  configuration_options configuration;
  bool connect = false; ///< try accounts, collections, leases, brokers and topics
  bool produce = false; ///< with `connect`: also send each target an invalidation of no entity
  bool print = false;   ///< show the effective configuration with the origin of each value
  bool json = false;
};

/// `feedcast check`. Returns the exit code: 0, 78, and with `connect` 69 or 77 for the first thing
/// that failed.
int check(const check_options& options);

} // namespace feedcast::app
