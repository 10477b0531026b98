#pragma once

#include "emulator/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace feedcast::emulator {

/// The least throughput that a container has, in request units a second.
inline constexpr std::int64_t least_throughput = 400;

/// What a container was promised. It is told and may be replaced, and has no effect: limits are set
/// on demand.
struct offer {
  std::int64_t throughput = least_throughput;  ///< request units a second; of autoscale, the lowest
  std::optional<std::int64_t> autoscale_limit; ///< nothing = fixed throughput
};

/// From the headers of a create request; empty = they are not there. 400 for a number that the
/// service does not sell.
answer<offer> read_offer_headers(std::string_view throughput, std::string_view autoscale);

/// From the body of a replace request, in which `content` counts.
answer<offer> read_offer(std::string_view json);

/// {"offerThroughput":400,...}: the member `content` of an offer.
std::string content_of(const offer& o);

/// Resource id of the offer of that number: three bytes, unlike those of anything else.
std::string offer_rid(std::uint32_t number);

} // namespace feedcast::emulator
