#pragma once

#include "pipeline/change.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace feedcast {

/// Makes the best of a page of one document that is no JSON: every text that follows an `"id"`
/// becomes a change. If one of these can't be read, or there is none, the document is listed as
/// unusable as well. `ids` owns what `out` points to. `subjects`: see page_decoder::options.
void salvage_page(std::string_view page, bool subjects, std::vector<std::string>& ids,
                  decoded_page& out);

} // namespace feedcast
