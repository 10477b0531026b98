#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "feeds/cosmos/credential.hpp"
#include "feeds/cosmos/transport.hpp"
#include "settings/service_config.hpp"

#include <memory>
#include <string>

namespace feedcast::cosmos {

/// An identity of Microsoft Entra ID, with tokens by client credentials (a secret, or the token
/// file of a workload identity) or from the endpoint of a managed identity. Tokens are for the
/// account itself, whose host is `account_host`, or for Cosmos DB as such where the tenant does not
/// know the account (AADSTS500011). Secrets are read from their files for every token.
/// `servers` reaches the token endpoint; `clock` outlives the credential. `rejected` with the
/// setting that is wrong.
result<std::shared_ptr<credential>> aad_credential(const settings::aad_config& config,
                                                   const std::string& account_host,
                                                   const transport_factory& servers,
                                                   const clock_source& clock);

} // namespace feedcast::cosmos
