#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>

namespace feedcast::file {

/// Appends to the file, which is made with mode 0600 if it is missing, and returns once the disk
/// has it all. If the file does not end with a line's end, one is put in between;
/// while somebody else appends, that may be an empty line too many. Errors:
/// `forbidden` without the right, `rejected` if it is no plain file, else `unavailable`; some of
/// the bytes may then be there.
result<bool> append_durably(const std::string& path, std::string_view lines);

} // namespace feedcast::file
