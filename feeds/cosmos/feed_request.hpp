#pragma once

#include "core/result.hpp"
#include "http/message.hpp"
#include "pipeline/feed.hpp"
#include "settings/service_config.hpp"

#include <string_view>

namespace feedcast::cosmos {

/// True if it can be the value of a header.
bool header_safe(std::string_view text);

/// Sets the headers that say where to start; a time is taken 10 s early. `rejected` for a
/// continuation that can't be a header value: stored positions come from a container that others
/// may write.
result<bool> set_position(http::header_list& headers, const read_position& from);

/// Sets the headers that say what is read: the latest versions, or all and deletes.
void set_mode(http::header_list& headers, settings::feed_mode mode);

} // namespace feedcast::cosmos
