#pragma once

#include "core/result.hpp"
#include "leases/lease.hpp"
#include "leases/lease_store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace feedcast::cosmos {

/// The ids of one processor's documents in a lease container, as the Java SDK's change feed
/// processor writes them: stem = prefix, host, "_", database, "_", collection; then "..RANGE",
/// ".info" or ".lock".
class lease_ids {
 public:
  /// `host`, `database`, `collection` are those of the feed, not of the lease container; `host`
  /// without port. `rejected` if an id made of them would be none: too long, forbidden characters,
  /// not ASCII.
  static result<lease_ids> make(std::string_view prefix, std::string_view host,
                                std::string_view database, std::string_view collection);

  std::string lease(std::string_view range_id) const {
    return stem_ + ".." + std::string{range_id};
  }

  /// What the ids of all leases start with.
  std::string lease_prefix() const { return stem_ + ".."; }

  std::string marker() const { return stem_ + ".info"; }

  std::string lock() const { return stem_ + ".lock"; }

 private:
  explicit lease_ids(std::string stem) : stem_{std::move(stem)} {}

  std::string stem_;
};

/// Reads a lease as .NET V2, .NET v3 and Java write it: the token is `LeaseToken` or `PartitionId`;
/// null and missing are the same; without `timestamp` the server's `_ts` counts. `malformed` if it
/// is no lease, has no `_etag`, is over 64 KiB or its token does not fit its id; `rejected` for
/// leases of key ranges (version 1), which are not ours to read.
result<lease> read_lease(std::string_view document, const lease_ids& ids);

/// The leases of one page of a query answer. The first bad one makes an error that names it.
result<std::vector<lease>> read_leases(std::string_view query_answer, const lease_ids& ids);

/// The document to store: members that we don't know are kept from `l.raw`, the timestamp is ISO
/// 8601 in UTC with `Z`.
result<std::string> write_lease(const lease& l, const lease_ids& ids);

/// The marker, with the time that a missing lease is repaired from as a member of our own.
std::string write_marker(wall_time started_at, const lease_ids& ids);
/// A marker of another library has no such time.
result<lease_store_state> read_marker(std::string_view document);

} // namespace feedcast::cosmos
