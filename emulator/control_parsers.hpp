#pragma once

#include "emulator/refusal.hpp"
#include "emulator/regions.hpp"
#include "emulator/throughput.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Bodies of control requests, so that a script is checked before it begins. All refuse with 400
/// what they do not know, by name. Fault rules: see fault_rules.hpp.
namespace feedcast::emulator {

struct failover_wish {
  std::string to; ///< region
  bool planned = true;
};

struct account_change {
  std::optional<consistency_level> consistency;
  std::optional<milliseconds> session_wait;
};

struct container_order {
  std::uint32_t ranges = 0; ///< 0 = the default
  std::string key_path = "/id";
};

struct throughput_order {
  std::string container; ///< empty = all that have no limit of their own
  throughput_limit limit;
};

answer<region_change> parse_region_change(std::string_view body);
answer<failover_wish> parse_failover(std::string_view body);
answer<account_change> parse_account_change(std::string_view body);
answer<throughput_order> parse_throughput(std::string_view body);
answer<container_order> parse_container_order(std::string_view body);

} // namespace feedcast::emulator
