#pragma once

#include "settings/diagnostic.hpp"
#include "settings/node.hpp"
#include "settings/service_config.hpp"
#include "settings/substitute.hpp"

namespace feedcast::settings {

/// Reads a secret written as `{from_file: PATH}`, `{from_env: NAME}` or, with a warning, as it is.
/// Line ends after it are cut off. Complaints name the file or the variable, never the content.
/// Empty after a complaint.
secret read_secret(const node& value, const key_path& path, const environment_map& environment,
                   diagnostic_list& complaints);

/// What the file that `known` was read from holds now, so that a changed password or key needs no
/// restart; `known` itself if it came from elsewhere, or if the file can't be read or is empty.
secret read_again(const secret& known);

} // namespace feedcast::settings
