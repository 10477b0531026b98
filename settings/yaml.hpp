#pragma once

#include "settings/diagnostic.hpp"
#include "settings/node.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace feedcast::settings {

/// Larger files are refused unread.
inline constexpr std::size_t max_file_bytes = std::size_t{1} << 20U;
/// Deeper nesting is refused.
inline constexpr std::size_t max_depth = 32;

/// Reads one YAML document whose root is a map. Stricter than YAML: no anchors, aliases, tags,
/// duplicate keys or second document, so that what is read is what is seen. `source` gives layer
/// and name of every origin. Complains to `complaints` and answers nothing if the text can't be
/// used.
std::optional<node> parse_yaml(std::string_view text, const origin& source,
                               diagnostic_list& complaints);

/// The same for a file of at most `max_file_bytes`.
std::optional<node> read_yaml_file(const std::filesystem::path& file, diagnostic_list& complaints);

} // namespace feedcast::settings
