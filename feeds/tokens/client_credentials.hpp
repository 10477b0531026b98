#pragma once

#include "core/clock.hpp"
#include "feeds/tokens/token_request.hpp"
#include "feeds/tokens/token_source.hpp"
#include "settings/service_config.hpp"

#include <string>

namespace feedcast::tokens {

/// Who asks a token endpoint, and for what (RFC 6749, 4.4).
struct oauth_client {
  token_endpoint endpoint;
  std::string client_id;
  settings::secret client_secret; ///< read again from its file for every token
  std::string scope;              ///< may be empty
};

/// Fetches tokens by client credentials; id and secret go in the head, as every server must take
/// them. `send` reaches the endpoint's server; `clock` outlives the fetch.
token_fetch client_credentials(oauth_client client, request_sender send,
                               const clock_source& clock = system_clock_source());

} // namespace feedcast::tokens
