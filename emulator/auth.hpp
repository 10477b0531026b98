#pragma once

#include "core/clock.hpp"
#include "emulator/refusal.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>

namespace feedcast::emulator {

/// What a request is signed for.
struct signed_resource {
  std::string type; ///< "docs"; empty for the account
  std::string link;
};

/// From the path. A path of names is signed as it is ("dbs/db1/colls/c1", decoded, case kept; of a
/// list: its owner), a path of resource ids by the last id alone, in lower case.
signed_resource resource_of_path(std::string_view path);

/// Base64 HMAC-SHA256 of the five lines that a request is signed by. `key` is the raw key; exactly
/// one of the dates is normally set.
std::string sign(std::string_view key, std::string_view method, std::string_view type,
                 std::string_view link, std::string_view x_ms_date, std::string_view date);

/// 401 for a missing, unreadable or wrong signature or date; 403 if the date is more than 15
/// minutes off.
answer<void> check_signature(const http::request& request, const signed_resource& resource,
                             std::string_view key, wall_time now);

} // namespace feedcast::emulator
