#pragma once

#include <string>
#include <string_view>

namespace feedcast::log {

/// Longer values are cut, so that no input can fill a disk with one line.
constexpr std::size_t max_value_bytes = 4096;

/// Appends `text` as the inside of a JSON string (which logfmt takes as well), so that one event is
/// one line of text and nothing but text: control characters, line and paragraph separators and
/// marks that change the direction of writing become \u escapes, invalid UTF-8 becomes \ufffd.
void append_escaped(std::string& out, std::string_view text);

/// Appends `text` to a line for people: as append_escaped, but quotes and backslashes stay as they
/// are, and nothing is cut.
void append_inert(std::string& out, std::string_view text);

/// True if logfmt can't show `text` as it is.
bool needs_quotes(std::string_view text);

} // namespace feedcast::log
