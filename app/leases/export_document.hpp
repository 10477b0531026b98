#pragma once

#include "core/result.hpp"
#include "leases/lease.hpp"
#include "leases/lease_store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace feedcast::app {

/// Which feed positions are good for, and whose they were.
struct processor_identity {
  std::string target;
  std::string feed;
  std::string host; ///< of the feed's account
  std::string database;
  std::string collection;
  std::string collection_rid; ///< empty = not known
  std::string prefix;         ///< of the lease ids
};

/// The leases of one processor at one moment, without owners' claims: what `leases export` writes.
struct lease_export {
  processor_identity processor;
  wall_time exported_at{};
  lease_store_state state;
  std::vector<lease> leases; ///< versions and raw documents are not kept
};

/// Indented JSON, a line end behind it.
std::string write_export(const lease_export& e);

/// `rejected` for anything but a whole export of a version that we know.
result<lease_export> read_export(std::string_view text);

/// `rejected` if positions of `from` mean nothing in the feed of `to`; the text names both.
result<bool> check_same_feed(const processor_identity& from, const processor_identity& to);

} // namespace feedcast::app
