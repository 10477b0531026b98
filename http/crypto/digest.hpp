#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>

namespace feedcast::http::crypto {

/// HMAC-SHA256, 32 raw bytes.
std::string hmac_sha256(std::string_view key, std::string_view message);
/// SHA-256, 32 raw bytes.
std::string sha256(std::string_view message);
std::string to_hex(std::string_view raw);
std::string base64_encode(std::string_view raw);
/// `rejected` for anything but canonical base64 with padding (surrounding whitespace is trimmed).
result<std::string> base64_decode(std::string_view text);
/// Same length and content, in time that does not depend on where they differ.
bool equal_constant_time(std::string_view a, std::string_view b) noexcept;

} // namespace feedcast::http::crypto
