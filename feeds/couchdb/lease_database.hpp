#pragma once

#include "feeds/couchdb/server.hpp"
#include "leases/lease_store.hpp"

#include <memory>
#include <string>

namespace feedcast::couchdb {

struct lease_database_options {
  std::string database;  ///< where the leases are kept
  std::string prefix;    ///< of the processor's document ids
  std::string feed_host; ///< of the feed that they are for
  std::string feed_database;
  milliseconds deadline{10'000}; ///< of one request
};

/// Leases as documents of a database of their own, each write with the `_rev` that was read: a
/// stale one is a conflict (`_local` documents have no such check). Expiry is judged by the
/// server's clock, of which each writer notes what its last answer said. A write that less than a
/// quorum of a cluster has stored (202) is `unavailable`, and read again by the caller; of copies
/// that a split cluster let differ the winning one counts, and the others are removed with the next
/// write.
class lease_database final : public lease_store {
 public:
  lease_database(std::shared_ptr<server> at, lease_database_options options,
                 const clock_source& clock = system_clock_source());
  ~lease_database() override;
  lease_database(const lease_database&) = delete;
  lease_database& operator=(const lease_database&) = delete;

  void open(callback<lease_store_state> done) override;
  void list(callback<lease_listing> done) override;
  void lock(callback<milliseconds> done) override;
  void unlock(callback<bool> done) override;
  void create(lease l, callback<lease> done) override;
  void replace(lease l, callback<lease> done) override;
  void read(std::string range_id, callback<lease> done) override;
  void remove(lease l, callback<bool> done) override;
  void mark_initialised(wall_time started_at, callback<bool> done) override;
  lease_costs costs() const override;

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace feedcast::couchdb
