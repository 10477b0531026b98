#pragma once

#include "emulator/fault_rules.hpp"
#include "http/server.hpp"

#include <string_view>

namespace feedcast::emulator {

/// The body that a response sends, whoever holds it.
std::string_view body_of(const http::server_response& r) noexcept;

/// What a client gets instead of the answer of a request that is not carried out.
http::server_response injected(const fault_rule& rule);

/// Does to a finished answer what the rule says.
void spoil(http::server_response& response, const fault_rule& rule);

} // namespace feedcast::emulator
