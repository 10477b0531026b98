#pragma once

#include "core/clock.hpp"
#include "emulator/operation.hpp"
#include "emulator/refusal.hpp"
#include "http/server.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace feedcast::emulator {

class container;
class regions;
struct call;
struct range_info;

/// What a read sees of a container.
struct read_view {
  std::optional<std::uint64_t> up_to; ///< LSN; nothing = all there is
  bool may_step_back = false;         ///< may an empty feed page say less than the client had?
  milliseconds wait{0};               ///< until the replica shows it
};

/// One range's part of a session token.
struct session_progress {
  std::int64_t version = -1;
  std::uint64_t lsn = 0;
};

/// From "0:-1#25,1:1#30#3=29": the part of the range, or of one that it came from. Nothing if it
/// has none, or one that can't be read.
std::optional<session_progress> session_of(std::string_view token, const range_info& range);

/// True if replicas of the account differ, or did before a failover.
bool must_look(const regions& account) noexcept;

/// True for what a replica answers from what it has.
bool reads_documents(operation what) noexcept;

/// Puts the version of an account that lost writes into the session token of an answer.
void tell_session_version(http::server_response& response, std::int64_t version);

/// Lets a replica of the serving region answer a read of documents, see docs/adr/0007. 404/1002 if
/// none has reached the session token and none will in time.
answer<read_view> choose_view(const call& c, const container& owner);

} // namespace feedcast::emulator
