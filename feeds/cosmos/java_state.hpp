#pragma once

#include "core/key_span.hpp"
#include "core/result.hpp"
#include "settings/service_config.hpp"

#include <string>
#include <string_view>

namespace feedcast::cosmos {

/// The continuation in a base64 state as the Java SDK keeps it in leases of key spans; "" if the
/// state holds none yet. `malformed` if it is no such state, or one of several continuations;
/// `rejected` for a state of the other mode, which is another feed.
result<std::string> read_java_state(std::string_view text,
                                    settings::feed_mode mode = settings::feed_mode::latest);

/// A state that goes on from `continuation`. With a state that was read before, only its
/// continuation is replaced; everything else is kept. `before` is "" or passes read_java_state.
/// A new state is of the collection `rid` and these keys, and starts from the beginning if a reader
/// ignores its continuation.
result<std::string> write_java_state(std::string_view before, const std::string& continuation,
                                     const key_span& keys, const std::string& rid,
                                     settings::feed_mode mode = settings::feed_mode::latest);

} // namespace feedcast::cosmos
