#pragma once

#include "core/result.hpp"
#include "pipeline/feed.hpp"
#include "settings/service_config.hpp"

#include <string>
#include <vector>

namespace feedcast::app {

/// What `check --connect` says about the throughput of one processor's feed.
struct offer_report {
  std::string text;                  ///< what there is, and what reading may take of it
  std::vector<std::string> warnings; ///< each names the setting to change
};

/// Holds the forecast at rest, of all targets, against what the database provides for the feed.
offer_report compare_with_offer(const settings::service_config& config, const std::string& target,
                                const std::string& feed, const result<feed_throughput>& offer);

} // namespace feedcast::app
