#pragma once

#include "emulator/refusal.hpp"
#include "http/server.hpp"

#include <string_view>
#include <vector>

namespace feedcast::emulator {

struct call;

/// One of the emulator's own requests, under /_emulator.
struct control_route {
  std::string_view method;
  std::string_view pattern; ///< as http::router takes it
  http::server_response (*serve)(const call&) = nullptr;
  /// Refuses a body that `serve` would refuse whatever the state; null = any body is taken.
  answer<void> (*check)(std::string_view body) = nullptr;
};

/// All of them; docs/emulator-control.openapi.yaml describes each.
const std::vector<control_route>& control_routes();

/// 400 for a method and target that no route has, or a body that its route would refuse.
answer<void> check_control_request(std::string_view method, std::string_view target,
                                   std::string_view body);

} // namespace feedcast::emulator
