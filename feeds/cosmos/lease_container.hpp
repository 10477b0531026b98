#pragma once

#include "feeds/cosmos/account.hpp"
#include "feeds/cosmos/lease_choice.hpp"
#include "feeds/cosmos/resources.hpp"
#include "leases/lease_store.hpp"

#include <memory>
#include <string>

namespace feedcast::cosmos {

/// The feed whose leases are kept, and what their ids begin with.
struct monitored_feed {
  std::shared_ptr<account> server; ///< of the feed, which may be another than that of its leases
  collection_ref collection;
  std::string prefix;
  std::string host; ///< of the feed's account, without port
  settings::feed_mode mode = settings::feed_mode::latest;
};

struct lease_container_options {
  lease_format format = lease_format::automatic;
  std::uint32_t throughput = 400; ///< RU/s, if the container has to be created
  milliseconds deadline{10'000};  ///< of one request
  /// A new store beside leases of another host name is made without a question. For the command
  /// that adopts those.
  bool ignore_siblings = false;
};

/// The leases of one processor in a Cosmos DB container, in the form that is found there, or else
/// that of Java's leases of partition key ranges, which KEDA reads, too (see choose_leases).
/// Everything goes to one region, the account's (first) write region, because only there
/// compare-and-swap is one order for all. `open` creates the container if it is missing; the
/// database must exist. Other calls before `open` succeeded are `rejected`. `open` is `rejected`,
/// too, if the store is new but leases of the feed under another host name are there: starting
/// beside them would pass over what they had not read.
class lease_container final : public lease_store {
 public:
  lease_container(std::shared_ptr<account> at, collection_ref container, monitored_feed feed,
                  lease_container_options options = {});
  ~lease_container() override;
  lease_container(const lease_container&) = delete;
  lease_container& operator=(const lease_container&) = delete;

  void open(callback<lease_store_state> done) override;
  void list(callback<lease_listing> done) override;
  void lock(callback<milliseconds> done) override;
  void unlock(callback<bool> done) override;
  void create(lease l, callback<lease> done) override;
  void replace(lease l, callback<lease> done) override;
  void read(std::string range_id, callback<lease> done) override;
  /// True if this call removed it.
  void remove(lease l, callback<bool> done) override;
  /// True if this call wrote the marker.
  void mark_initialised(wall_time started_at, callback<bool> done) override;
  /// Of answers that were successes: others don't say what they cost.
  lease_costs costs() const override;

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace feedcast::cosmos
