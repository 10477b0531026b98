#pragma once

#include "settings/loader.hpp"

#include <string>
#include <vector>

namespace feedcast::app {

/// The options that run, check and demo share.
struct configuration_options {
  std::vector<std::string> files;
  std::string profile;
  std::vector<std::string> sets;
};

/// Loads all layers with this process's environment. `FEEDCAST_CONFIG` names a file if -c does not.
settings::load_outcome load_configuration(const configuration_options& options);

/// Writes every complaint to stderr, one line each.
void print_diagnostics(const settings::load_outcome& outcome);

} // namespace feedcast::app
