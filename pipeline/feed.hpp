#pragma once

#include "core/clock.hpp"
#include "core/padded_buffer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace feedcast {

/// A position in one range of a feed, as the database wrote it: opaque, never compared, given back
/// verbatim (quotes included).
struct continuation {
  std::string token;
  bool operator==(const continuation&) const = default;
};

/// Where to start a range that has no stored position.
struct start_point {
  enum class kind : std::uint8_t { beginning, now, time };
  kind from = kind::now;
  wall_time at{}; ///< only for `time`
  bool operator==(const start_point&) const = default;
};

using read_position = std::variant<start_point, continuation>;

/// What a database says of how long a feed tells of a delete.
struct feed_traits {
  bool known = false;        ///< false: the source can't tell
  bool all_versions = false; ///< it is read in that mode: hard deletes and expiries are in the feed
  /// How long documents live, by default: seconds, -1 = until they say otherwise themselves;
  /// nullopt = for ever, whatever they say.
  std::optional<std::int64_t> default_ttl{};
  /// How far back a feed of all versions goes, as far as that can be known.
  std::optional<std::chrono::seconds> retention{};
  std::string refused{}; ///< why the database refuses to tell all versions; empty if it does not
  bool deletes_stay = false; ///< each delete is in the feed, for as long as the feed is
};

/// One feed partition. Ranges tile the key space; after a split or merge the new ranges name the
/// old ones as parents.
struct feed_range {
  std::string id;
  std::vector<std::string> parents;
  std::string min_key; ///< effective partition key, inclusive; "" is the lowest
  std::string max_key; ///< exclusive; "FF" is the highest
};

/// Why a source went back behind the position that it was asked for: changes are repeated.
enum class rewind_reason : std::uint8_t {
  none,
  home_is_back,         ///< the target's own region can be read again
  write_region_changed, ///< writes may have been lost, and their positions used again
  feed_replaced,        ///< the position is of another feed, or of none: read from the beginning
};

/// Between these times hard deletes and expiries may have happened that no feed tells any more.
struct lost_deletes {
  wall_time from{}; ///< the epoch = not known
  wall_time to{};
};

/// One answer of a feed. Immutable once it left its source.
struct feed_page {
  padded_buffer body;     ///< the documents as they came; empty if nothing changed
  bool envelopes = false; ///< each comes as {"current":...,"metadata":...}: all versions, deletes
  continuation next;      ///< the position behind this page; valid for unchanged pages too
  bool unchanged =
      false; ///< the source proved that nothing lies behind the position that was asked
  std::optional<std::uint64_t>
      item_count; ///< what the source says it sent; decode holds the body against it
  std::optional<std::uint64_t> session_lsn; ///< the range's newest LSN; for lag only
  std::optional<std::uint64_t> behind;      ///< changes behind this page; for lag only
  bool waited = false; ///< an unchanged page: the source has waited for changes, ask again at once
  double request_charge = 0; ///< request units
  milliseconds elapsed{0};   ///< from sending the request to the last byte
  std::optional<wall_time> server_time;
  std::string region;                          ///< that it was read from; empty = unknown
  bool away = false;                           ///< not the target's own region
  rewind_reason rewound = rewind_reason::none; ///< before this page
  std::optional<lost_deletes> lost; ///< the position that was asked was too old: what that cost
};

using feed_page_ptr = std::shared_ptr<const feed_page>;

/// What the database provides for a feed.
struct feed_throughput {
  double units = 0; ///< request units a second of all ranges together; of autoscale the most
  std::uint32_t ranges = 1; ///< that share them, each an equal part
  std::string source;       ///< for people: "the container's offer"
  bool operator==(const feed_throughput&) const = default;
};

} // namespace feedcast
