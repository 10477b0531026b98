#pragma once

#include "app/leases/surgery.hpp"

#include <string>
#include <vector>

namespace feedcast::app {

/// What a command about leases did, would do, or refused to do.
struct surgery_report {
  std::string subject; ///< which leases, for people
  const lease_surgery& surgery;
  std::vector<std::string> objections; ///< why it needs --steal
  bool plan = false;
  bool refused = false;                     ///< for its objections, nothing was written
  const surgery_outcome* outcome = nullptr; ///< nullptr = nothing was tried
};

/// On standard output, errors on standard error.
void print(const surgery_report& report, bool json);

/// "lease 0 is owned by host-a, which wrote it 3 s ago", for each.
std::vector<std::string> objections_of(const std::vector<owned_lease>& owned);

/// Text that may come from a store, so that it can't act upon a terminal.
std::string inert(std::string_view text);

} // namespace feedcast::app
