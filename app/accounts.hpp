#pragma once

#include "app/platform.hpp"
#include "core/result.hpp"
#include "feeds/cosmos/account.hpp"
#include "settings/service_config.hpp"

#include <memory>
#include <string>
#include <vector>

namespace feedcast::app {

/// The account of that name as a target with these regions sees it. Asks nobody yet. `rejected`
/// naming the setting. `shared` outlives the account.
result<std::shared_ptr<cosmos::account>> open_account(const settings::service_config& config,
                                                      const std::string& name,
                                                      const std::vector<std::string>& regions,
                                                      platform& shared);

} // namespace feedcast::app
