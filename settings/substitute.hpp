#pragma once

#include "settings/diagnostic.hpp"
#include "settings/node.hpp"

#include <map>
#include <string>

namespace feedcast::settings {

using environment_map = std::map<std::string, std::string>;

/// Replaces `${VAR}`, `${VAR:-default}` (also when VAR is empty), `${VAR:?message}` and `$$` inside
/// the scalars of `tree` that were read from files. It runs on the finished tree, so a variable can
/// never add structure. What stands in the environment or in `--set` is taken as it is.
void substitute(node& tree, const environment_map& environment, diagnostic_list& complaints);

} // namespace feedcast::settings
