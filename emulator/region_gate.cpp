#include "emulator/region_gate.hpp"

#include "emulator/access.hpp"
#include "emulator/call.hpp"
#include "emulator/reply.hpp"

#include <algorithm>

namespace feedcast::emulator {
namespace {

/// Longer than any client waits; the connection is cut then.
constexpr milliseconds silence{3'600'000};

http::server_response outage(const region_state& region) {
  if (region.outage == outage_kind::unavailable)
    return send_refusal(refuse(503, "region " + region.name + " has an outage"));
  http::server_response nothing;
  nothing.cut_after = 0;
  nothing.reset = true;
  if (region.outage == outage_kind::silent)
    nothing.delay = silence;
  return nothing;
}

bool works(const region_state& region) {
  return region.outage == outage_kind::none && !region.removed;
}

} // namespace

std::size_t serving_region(const call& c) {
  return c.region ? *c.region : c.state.account.write_region();
}

std::optional<http::server_response> region_refusal(const call& c, operation what) {
  const regions& account = c.state.account;
  const bool moved = c.region && is_write(c, what) && *c.region != account.write_region();
  if (!account.any_trouble() && !moved)
    return std::nullopt; // as it is nearly always
  const std::vector<region_state> all = account.states();
  if (!c.region && what == operation::account && std::any_of(all.begin(), all.end(), works))
    return std::nullopt;
  const region_state& here = all[serving_region(c)];
  if (here.outage != outage_kind::none)
    return outage(here);
  if (here.removed)
    return send_refusal(refuse(403, "the account has no region " + here.name + " any more",
                               substatus::no_such_account));
  if (!here.writes && is_write(c, what))
    return send_refusal(refuse(403,
                               "The requested operation cannot be performed at this region: "
                               "writes go to "
                                   + account.name(account.write_region()),
                               substatus::write_forbidden));
  return std::nullopt;
}

} // namespace feedcast::emulator
