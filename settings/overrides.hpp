#pragma once

#include "settings/diagnostic.hpp"
#include "settings/node.hpp"
#include "settings/substitute.hpp"

#include <string>
#include <vector>

namespace feedcast::settings {

/// The layer of `FEEDCAST_TARGETS__EU__KAFKA__TOPIC=...`: `__` nests, case is ignored. Names that
/// exist in `base` are met however they are spelt (`eu-west` answers to EU_WEST); a new name is
/// taken in lower case. In `properties` a single `_` is a dot. Not ours and left alone:
/// FEEDCAST_CONFIG, FEEDCAST_LOG_LEVEL, FEEDCAST_LOG_FORMAT, what the tests use, and what
/// Kubernetes sets in every container for a service named feedcast.
node environment_layer(const environment_map& environment, const node& base,
                       diagnostic_list& complaints);

/// The layer of `--set 'targets.eu.kafka.properties."security.protocol"=SSL'`.
node command_line_layer(const std::vector<std::string>& sets, diagnostic_list& complaints);

} // namespace feedcast::settings
