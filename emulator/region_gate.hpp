#pragma once

#include "emulator/operation.hpp"
#include "http/server.hpp"

#include <cstddef>
#include <optional>

namespace feedcast::emulator {

struct call;

/// The region that serves a request: that of its endpoint; the write region for the account's own.
std::size_t serving_region(const call& c);

/// The answer of a region that does not serve a request: what its outage says, 403/1008 if it is no
/// longer part of the account, 403/3 for writes elsewhere than in the write region. The account's
/// own endpoint tells about the account as long as any region works.
std::optional<http::server_response> region_refusal(const call& c, operation what);

} // namespace feedcast::emulator
