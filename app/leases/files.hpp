#pragma once

#include "core/result.hpp"

#include <string>

namespace feedcast::app {

/// A whole file, or standard input for "-"; refused above 64 MiB.
result<std::string> read_text(const std::string& path);

/// Replaces the file durably, or writes to standard output for "-".
result<bool> write_text(const std::string& path, const std::string& text);

} // namespace feedcast::app
