#pragma once

#include "app/leases/view.hpp"
#include "leases/lease_store.hpp"

#include <string>
#include <utility>

namespace feedcast::app {

inline wall_time at(const char* text) {
  return *parse_iso8601(text);
}

inline const wall_time store_now = at("2026-01-01T12:00:00Z");
constexpr milliseconds minute{60'000};

/// A lease of a partition key range that was written `age` ago by the store's clock.
inline lease pk_lease(std::string range, std::string owner, std::string position,
                      milliseconds age = milliseconds{3'000}) {
  lease l;
  l.range_id = std::move(range);
  l.owner = std::move(owner);
  l.boot = l.owner.empty() ? "" : "0000000000001-00000000";
  l.continuation = std::move(position);
  l.stored_at = l.timestamp = store_now - age;
  l.version = "v1";
  return l;
}

/// Of a key span.
inline lease span_lease(key_span keys, std::string owner, std::string position) {
  auto l = pk_lease(to_string(keys), std::move(owner), std::move(position));
  l.form = lease_form::java_epk;
  l.keys = std::move(keys);
  return l;
}

/// Ranges 1 and 2, which 0 was split into.
inline range_keys two_ranges() {
  return {{"1", {"", "7F"}}, {"2", {"7F", "FF"}}};
}

inline std::vector<lease_view> views(std::vector<lease> leases,
                                     const std::optional<range_keys>& ranges = two_ranges()) {
  lease_listing listing;
  listing.leases = std::move(leases);
  listing.now = store_now;
  return view_of(listing, ranges, minute);
}

} // namespace feedcast::app
