#pragma once

#include "core/result.hpp"
#include "pipeline/feed.hpp"
#include "settings/service_config.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace feedcast::cosmos {

/// A position in mode all-versions. The feed of all versions can be read from a continuation of its
/// own only; whatever is to be read from before that comes from the feed of latest versions first,
/// which is the bridge.
struct bridge_position {
  std::string at; ///< where all versions are read from, once the bridge is; empty = not known yet
  std::optional<read_position> bridge; ///< in the latest versions; nullopt = nothing left to read
  /// Everything before this time was read when the position was taken; whole minutes, so that an
  /// idle range's position seldom changes. nullopt = not known.
  std::optional<wall_time> since;
  bool operator==(const bridge_position&) const = default;
};

/// Reads a stored position: one of all versions is a JSON text,
/// `{"at":"\"123\"","mode":"ff","bridge":"\"100\"","since":1767225600}`, the bridge a continuation
/// or "@" and a start time in seconds, 0 for the beginning. Any other text is a position of latest
/// versions, from which the bridge goes on; with `"mode":"latest"` that is its `at`. `rejected` if
/// it is marked as one of all versions, but lacks what one needs.
result<bridge_position> parse_bridge_position(std::string_view token);

/// The text to store; `at` is known.
std::string to_token(const bridge_position& position);

/// A plain continuation with the mark of the mode that it is of; what is empty or a JSON text
/// already stays as it is. For leases, in which other libraries keep plain ones of either mode.
std::string marked_position(std::string_view token, settings::feed_mode of);

} // namespace feedcast::cosmos
