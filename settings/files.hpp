#pragma once

#include "core/result.hpp"

#include <filesystem>
#include <string>

namespace feedcast::settings {

/// The whole content of a regular file or pipe of at most `limit` bytes. Never reads more than
/// that, whatever the file claims about itself. Errors say why, but neither path nor content:
/// `not_found`, `forbidden`, `too_large`, `rejected`.
result<std::string> read_small_file(const std::filesystem::path& file, std::size_t limit);

} // namespace feedcast::settings
