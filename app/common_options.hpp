#pragma once

#include "app/configuration.hpp"

#include <string>

namespace CLI {
class App;
}

namespace feedcast::app {

struct log_options {
  std::string level = "info";
  std::string format = "auto";

  void apply() const;
};

// The options that several commands share. What they fill in outlives the parsing.

/// -c, --profile, --set
void add_configuration(CLI::App& command, configuration_options& o);
/// --log-level, --log-format
void add_logging(CLI::App& command, log_options& o);
/// --output and, short for `--output json`, --json
void add_output(CLI::App& command, std::string& output);

} // namespace feedcast::app
