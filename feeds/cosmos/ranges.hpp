#pragma once

#include "core/result.hpp"
#include "pipeline/feed.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace feedcast::cosmos {

/// Appends the ranges of one page of a pkranges answer. `malformed` if a range lacks its id or
/// bounds, or its id could not be sent in a header.
result<bool> append_ranges(std::string_view body, std::vector<feed_range>& out);

/// Of all ranges read, those that exist now: split and merged parents dropped, sorted by key.
/// `malformed` unless they cover every key exactly once, which they may fail to do for a moment
/// while a split completes.
result<std::vector<feed_range>> current_ranges(std::vector<feed_range> all);

} // namespace feedcast::cosmos
