#pragma once

#include "app/common_options.hpp"
#include "app/cost/cost.hpp"

namespace feedcast::app {

/// `feedcast cost` on the command line. Outlives the parsing.
class cost_command {
 public:
  void add_to(CLI::App& app, std::string& output, log_options& logging);

  bool parsed() const;

  int run(bool json);

 private:
  cost_options options_;
  CLI::App* command_ = nullptr;
};

} // namespace feedcast::app
