#pragma once

#include "app/configuration.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace feedcast::app {

/// What `dlq list` and `dlq retry` are told.
struct dlq_options {
  configuration_options configuration;
  std::string target;           ///< empty = all that keep dead letters
  std::vector<std::string> ids; ///< retry: only these; empty = all
  std::uint32_t limit = 100;    ///< list: the newest so many; 0 = all
  bool plan = false;            ///< retry: send nothing
  bool json = false;
};

/// Shows dead letters, oldest first. Returns the exit code.
int dlq_list(const dlq_options& options);

/// Sends the invalidation of each dead letter whose id is known to its target once more, and waits
/// for the acknowledgements. Exit code 1 if there is one that can't be sent.
int dlq_retry(const dlq_options& options);

} // namespace feedcast::app
