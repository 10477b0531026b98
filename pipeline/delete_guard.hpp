#pragma once

#include "core/clock.hpp"
#include "pipeline/feed.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast {

/// What may make a processor miss deletes.
enum class delete_finding : std::uint8_t {
  deletes_invisible,       ///< latest versions only, and nothing says that deletes leave tombstones
  tombstone_ttl_unknown,   ///< tombstones go away, nobody knows when
  tombstone_ttl_too_short, ///< tombstones may be gone before they are read
  tombstones_never_expire, ///< no loss, but they stay in the database for ever
  all_versions_refused,    ///< the database does not tell what is asked of it
  retention_unknown,       ///< all versions are told, nobody knows for how long
  retention_too_short,     ///< former versions may be gone before they are read
};

inline constexpr std::size_t delete_finding_count = 7;

/// "deletes_invisible", ...
std::string_view to_string(delete_finding f) noexcept;

/// What is known of the deletes of one processor's feed.
struct delete_facts {
  feed_traits feed;
  milliseconds declared_ttl{0};    ///< of tombstones; 0 = not declared
  std::int64_t seen_ttl = 0;       ///< seconds, the shortest of the tombstones seen; 0 = none
  std::uint64_t tombstones = 0;    ///< seen since the start
  std::uint64_t untimed = 0;       ///< of them, those without a ttl of their own
  milliseconds declared_outage{0}; ///< for how long the feed may have to go unread
  milliseconds worst_lag{0};       ///< seen since the start
};

struct named_finding {
  delete_finding what;
  bool harmless = false; ///< worth knowing, nothing is lost
  std::string detail;    ///< for people: what is wrong and how to mend it
};

/// Judges what is known: are deletes visible at all, and for longer than the longest time for which
/// the feed goes unread? Each finding at most once, in the order above. Pure.
std::vector<named_finding> judge_deletes(const delete_facts& facts);

} // namespace feedcast
