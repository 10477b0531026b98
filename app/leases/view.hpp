#pragma once

#include "core/clock.hpp"
#include "core/key_span.hpp"
#include "leases/lease_store.hpp"
#include "pipeline/feed.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::app {

/// The keys of a feed's current ranges, by range id.
using range_keys = std::map<std::string, key_span>;

range_keys keys_of(const std::vector<feed_range>& ranges);

/// A lease as it is shown.
struct lease_view {
  lease shown;
  std::optional<key_span> keys; ///< of the document, or of the current range of that id
  milliseconds age{0};          ///< since its last write, by the store's clock
  bool expired = false;         ///< it has an owner who did not renew it in time
  bool range_gone = false;      ///< its range was split or merged

  /// Somebody reads it.
  bool owned() const noexcept { return !shown.owner.empty() && !expired; }

  /// "owned", "expired", "free" or "gone"
  std::string_view state() const noexcept;
};

/// All leases by their keys, those of unknown keys last. `ranges` = nullopt: the feed could not be
/// asked. `expiry`: how long an owner may be silent.
std::vector<lease_view> view_of(const lease_listing& listing,
                                const std::optional<range_keys>& ranges, milliseconds expiry);

struct owner_count {
  std::size_t leases = 0;
  std::size_t expired = 0;
};

/// By owner; "" = nobody.
std::map<std::string, owner_count> owners_of(const std::vector<lease_view>& leases);

struct key_coverage {
  double share = 0; ///< of the key space, 0 to 1
  std::vector<key_span> gaps;
  std::size_t unknown = 0; ///< leases whose keys nobody knows
};

key_coverage coverage_of(const std::vector<lease_view>& leases);

/// "3 s", "2 min", "5 h", "4 d"
std::string spell_age(milliseconds age);

} // namespace feedcast::app
