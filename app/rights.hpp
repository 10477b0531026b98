#pragma once

#include "app/platform.hpp"
#include "core/result.hpp"
#include "feeds/cosmos/rights.hpp"
#include "settings/service_config.hpp"

#include <string>
#include <vector>

namespace feedcast::app {

/// What a processor needs of its accounts.
struct processor_rights {
  std::vector<cosmos::right_probe> feed;
  std::vector<cosmos::right_probe> leases; ///< empty where they are kept in files
};

/// Opens the accounts of one processor, and asks nothing yet. `rejected` naming the setting.
/// `shared` outlives the probes.
result<processor_rights> rights_of(const settings::service_config& config,
                                   const std::string& target, const std::string& feed,
                                   platform& shared);

/// What to do about a probe's failure: the error's own words, and, if a right is missing, which one
/// and a role that gives it.
std::string explain_refusal(const cosmos::right_probe& probe, const error& why);

} // namespace feedcast::app
