#pragma once

#include "http/server.hpp"

#include <string>
#include <string_view>

namespace feedcast::http::detail {

/// The bytes of the body that `r` sends.
std::string_view body_of(const server_response& r) noexcept;

/// The head of an answer, up to and with the empty line. Line breaks within field values become
/// spaces.
std::string write_head(const server_response& r, const std::string& server_name, bool keep_alive);

/// False for the statuses that never have a body (1xx, 204, 304).
bool may_have_body(unsigned status) noexcept;

} // namespace feedcast::http::detail
