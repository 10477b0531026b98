#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace feedcast::cosmos {

/// The LSN in a session token: "0:-1#25#3=24" and "0:1#25" (version, global LSN, regions), "0:25"
/// (old form). Of several tokens, comma-separated, the one of `range_id`. nullopt if there is none
/// that can be read.
std::optional<std::uint64_t> session_lsn(std::string_view token,
                                         std::string_view range_id) noexcept;

/// The number in a continuation of a change feed, quoted ("\"123\"") or bare; nullopt for anything
/// else.
std::optional<std::uint64_t> continuation_lsn(std::string_view etag) noexcept;

} // namespace feedcast::cosmos
