#pragma once

#include "app/common_options.hpp"
#include "app/leases/leases.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace feedcast::app {

/// `feedcast leases ...` on the command line. Outlives the parsing.
class leases_commands {
 public:
  void add_to(CLI::App& app, std::string& output, log_options& logging);

  bool parsed() const;

  /// One of them was given --log-level.
  bool log_level_given() const;

  int run(bool json);

 private:
  using action = int (*)(const leases_options&);

  CLI::App* add(CLI::App& leases, const char* name, const char* help, action what);

  leases_options options_;
  std::vector<std::pair<CLI::App*, action>> commands_;
};

} // namespace feedcast::app
