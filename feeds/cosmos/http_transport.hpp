#pragma once

#include "feeds/cosmos/transport.hpp"
#include "http/client.hpp"

namespace feedcast::cosmos {

/// Transports over http::client, all with the same options. `io` outlives the transports.
transport_factory http_transports(http::runtime& io, http::client_options options);

} // namespace feedcast::cosmos
