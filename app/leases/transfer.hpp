#pragma once

#include "app/leases/surgery.hpp"

namespace feedcast::app {

/// Positions from elsewhere: of another family of leases, or of an export.
struct lease_source {
  std::string name; ///< for people
  std::vector<lease_view> leases;
  lease_store_state state;
};

/// Where positions are to be put.
struct lease_destination {
  std::vector<lease_view> leases;
  lease_store_state state;
  lease_form range_form = lease_form::pk;      ///< of new leases of ranges
  lease_form span_form = lease_form::java_epk; ///< of new leases of key spans
  wall_time now{};
};

/// Each lease of the destination gets the position of the lease of the same range, or of the one
/// that covers its keys: ranges that were split since go on from their parent's position. What the
/// destination has no lease for is created, without an owner. `conflict` if a lease of the
/// destination lies across several of the source: which of their positions it should get can't be
/// told, because positions are opaque. New leases are in the forms of the destination, which may
/// need keys that nobody knows: `conflict`, too.
result<lease_surgery> plan_transfer(const lease_source& from, const lease_destination& to);

} // namespace feedcast::app
