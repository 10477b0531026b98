#pragma once

#include "emulator/operation.hpp"
#include "emulator/refusal.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>

namespace feedcast::emulator {

struct call;

/// The bearer token that an account accepts unless told another. Public knowledge.
inline constexpr std::string_view well_known_token = "feedcast-emulator-token";

/// Who may do what in an account.
struct access_rules {
  std::string token{well_known_token}; ///< the one bearer token (of Microsoft Entra ID) that counts
  std::string read_only_key;           ///< another account key, for reading only; raw bytes
  std::string resource_token;          ///< "type=resource&ver=1&sig=...", for reading only
  bool aad_only = false;               ///< the account keys are refused
  bool no_control_plane = false; ///< databases and containers can't be changed with the account key
  bool serverless = false;       ///< no throughput can be set or read
};

/// True for what changes databases or containers.
bool changes_metadata(const call& c, operation what) noexcept;

/// True for what only the write region does.
bool is_write(const call& c, operation what) noexcept;

/// Checks signature or bearer token and what they allow. 401 for who is not let in, 401/5202 for
/// the key of an account that takes tokens only, 403/5300 for a token that asks to change a
/// database or container, 403 for a key that may not (a read-only one, or a resource token, to
/// write), 400 for throughput without servers.
answer<void> check_access(const call& c, operation what);

} // namespace feedcast::emulator
