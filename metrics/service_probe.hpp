#pragma once

#include "metrics/labels.hpp"
#include "metrics/registry.hpp"

#include <string>

namespace feedcast::metrics {

/// What never changes while the process runs.
struct service_facts {
  std::string version;
  std::string revision;
  std::string config_hash; ///< of the effective configuration without secrets
};

/// The series of the process: make it once. The process_* series are read from /proc at each
/// scrape. The instruments may be used from any thread.
struct service_probe {
  service_probe(registry& r, const service_facts& facts);

  gauge clock_skew; ///< seconds, ours minus theirs

  const counter& restarts(actor_kind kind, restart_reason reason) const {
    return restarts_[static_cast<std::size_t>(kind)][reason];
  }

 private:
  std::array<by_label<restart_reason, counter>, label_values(actor_kind{}).size()> restarts_;
};

} // namespace feedcast::metrics
