#pragma once

#include "core/result.hpp"
#include "leases/lease.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace feedcast {

/// What a store knows about its processor.
struct lease_store_state {
  bool initialised = false; ///< the first set of leases was completed once (marker document)
  /// When that was; the anchor for repairing a missing lease. For a marker that another library
  /// wrote: a moment before it was written, by the store's clock.
  std::optional<wall_time> started_at;
};

struct lease_listing {
  std::vector<lease> leases;
  wall_time now{}; ///< the store's clock when it answered: what expiry is judged by
  lease_form range_form = lease_form::pk; ///< the form for new leases of whole ranges in this store
  lease_form span_form = lease_form::java_epk; ///< and for parts of ranges
};

/// What the calls of a store cost so far.
struct lease_costs {
  struct tally {
    std::uint64_t calls = 0;
    double units = 0; ///< request units
  };

  tally reads; ///< single documents and the container
  tally lists;
  tally writes;
};

/// The leases of one processor. Implemented by feeds/cosmos (a container) and leases/file_store (a
/// local file). Thread-safe; calls never block; answers come on the store's own threads. After
/// destruction no answer comes.
class lease_store {
 public:
  virtual ~lease_store() = default;

  /// Creates what is missing (container or file), finds out in which form the leases are kept.
  /// `forbidden` names the missing right; `rejected` if what is there must not be used.
  virtual void open(callback<lease_store_state> done) = 0;
  virtual void list(callback<lease_listing> done) = 0;
  /// Takes the lock under which the first set of leases is made. Zero if it is ours now; else how
  /// long to wait before opening again, because somebody else is at it. A lock that is too old to
  /// be anybody's is taken over.
  virtual void lock(callback<milliseconds> done) = 0;
  /// Gives the lock back; true if it was ours. Without the call it ends by itself.
  virtual void unlock(callback<bool> done) = 0;
  /// `conflict` if it exists already. Answers the stored lease with its version.
  virtual void create(lease l, callback<lease> done) = 0;
  /// Compare-and-swap on `l.version`: `conflict` if somebody else wrote it since, `not_found` if it
  /// was removed.
  virtual void replace(lease l, callback<lease> done) = 0;
  /// Reads one again, after a conflict.
  virtual void read(std::string range_id, callback<lease> done) = 0;
  /// Succeeds if it is gone already.
  virtual void remove(lease l, callback<bool> done) = 0;
  /// Writes the marker: all leases of the first start exist. Succeeds if it is there already.
  virtual void mark_initialised(wall_time started_at, callback<bool> done) = 0;

  virtual lease_costs costs() const = 0;
};

} // namespace feedcast
