#pragma once

#include "app/common_options.hpp"

#include <string>
#include <vector>

namespace feedcast::app {

/// `feedcast migrate openwhisk`.
class migrate_command {
 public:
  void add_to(CLI::App& app, log_options& logging);
  bool parsed() const;
  int run() const;

 private:
  CLI::App* openwhisk_ = nullptr;
  std::vector<std::string> files_;
  std::string output_ = "-";
};

} // namespace feedcast::app
