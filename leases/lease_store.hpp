#pragma once

#include "core/result.hpp"
#include "leases/lease.hpp"

#include <optional>
#include <string>
#include <vector>

namespace feedcast {

/// What a store knows about its processor.
struct lease_store_state {
  bool initialised = false; ///< the first set of leases was completed once (marker document)
  std::optional<wall_time> started_at; ///< when that was; the anchor for repairing a missing lease
};

/// The leases of one processor. Implemented by feeds/cosmos (a container) and leases/file_store (a
/// local file). Thread-safe; calls never block; answers come on the store's own threads. After
/// destruction no answer comes.
class lease_store {
 public:
  virtual ~lease_store() = default;

  /// Creates what is missing (container or file). `forbidden` names the missing right.
  virtual void open(callback<lease_store_state> done) = 0;
  virtual void list(callback<std::vector<lease>> done) = 0;
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
};

} // namespace feedcast
