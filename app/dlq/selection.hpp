#pragma once

#include "app/dlq/dlq.hpp"
#include "app/dlq/records.hpp"
#include "settings/loader.hpp"

#include <functional>
#include <string>
#include <vector>

namespace feedcast::app {

/// The targets that a dlq command is about.
struct dlq_selection {
  settings::load_outcome loaded;
  std::vector<std::string> targets;
  std::uint64_t unreadable = 0; ///< lines that were no dead letters, so far
  int code = 0;                 ///< exit code of what went wrong, which was told; 0 if nothing did
};

/// Loads the configuration and finds the targets. Complains on stderr.
dlq_selection select_targets(const dlq_options& options);

/// Reads all of them. Complains on stderr; false if one can't be read.
bool read_all(dlq_selection& selection, const std::function<void(found_dead_letter)>& visit);

} // namespace feedcast::app
