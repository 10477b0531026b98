#pragma once

#include "feeds/cosmos/account.hpp"
#include "feeds/cosmos/lease_document.hpp"
#include "leases/lease_store.hpp"

#include <memory>

namespace feedcast::cosmos {

struct lease_container_options {
  std::uint32_t throughput = 400; ///< RU/s, if the container has to be created
  milliseconds deadline{10'000};  ///< of one request
};

/// The leases of one processor in a Cosmos DB container, in the form that the replaced service
/// (Java SDK 3.x, leases of partition key ranges) and KEDA read. Everything goes to the account's
/// write region, because only there compare-and-swap is one order for all. `open` creates the
/// container if it is missing; the database must exist. While another library's initialisation lock
/// is young, `open` answers `throttled` with the time to wait.
class lease_container final : public lease_store {
 public:
  lease_container(std::shared_ptr<account> at, collection_ref container, lease_ids ids,
                  lease_container_options options = {});
  ~lease_container() override;
  lease_container(const lease_container&) = delete;
  lease_container& operator=(const lease_container&) = delete;

  void open(callback<lease_store_state> done) override;
  void list(callback<std::vector<lease>> done) override;
  void create(lease l, callback<lease> done) override;
  void replace(lease l, callback<lease> done) override;
  void read(std::string range_id, callback<lease> done) override;
  /// True if this call removed it.
  void remove(lease l, callback<bool> done) override;
  /// True if this call wrote the marker.
  void mark_initialised(wall_time started_at, callback<bool> done) override;

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace feedcast::cosmos
