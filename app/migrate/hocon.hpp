#pragma once

#include "app/migrate/upstream_settings.hpp"

namespace feedcast::app {

/// Reads the part of HOCON that settings are usually written in: `a.b = "text"`, `a { b : text }`,
/// lists of texts, `#` and `//` comments, and `${?NAME}` or `${NAME}` as a whole value, which is
/// taken from the environment. Later values win; blocks are laid over each other. All else
/// (`include`, joined values, `+=`, texts of several lines, references to other settings) is
/// `rejected` with file and line, never guessed at.
result<upstream_settings> read_hocon(std::string_view text, const std::string& name,
                                     const settings::environment_map& environment);

} // namespace feedcast::app
