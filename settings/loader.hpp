#pragma once

#include "settings/diagnostic.hpp"
#include "settings/node.hpp"
#include "settings/service_config.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace feedcast::settings {

/// What the command line says about the configuration.
struct load_request {
  std::vector<std::filesystem::path> files; ///< -c, in order; later ones win
  std::string profile;                      ///< --profile; "" = balanced
  std::vector<std::string> sets;            ///< --set, `path=value` each
  std::map<std::string, std::string> environment;
};

struct load_outcome {
  std::optional<service_config> config; ///< only if there was no error
  std::vector<diagnostic> diagnostics;  ///< errors and warnings in the order found
  node effective;                       ///< all layers merged: where each value came from

  bool ok() const noexcept { return config.has_value(); }
};

/// Merges the layers (defaults < profile < files < environment < --set) and checks everything that
/// can be known without a connection. Reads files, never the process environment. Without any file
/// and account, the variables of the replaced service are read instead (drop_in.hpp). Never throws
/// for bad input.
load_outcome load(const load_request& request);

/// The environment of this process, for `load_request`.
std::map<std::string, std::string> process_environment();

} // namespace feedcast::settings
