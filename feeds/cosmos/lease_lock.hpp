#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "feeds/cosmos/lease_ids.hpp"
#include "feeds/cosmos/lease_query.hpp"
#include "feeds/cosmos/resources.hpp"

#include <functional>
#include <mutex>
#include <string>

namespace feedcast::cosmos {

/// The document under which the official processors, and we, make the first set of leases. The
/// server removes it after 30 s; where it does not, a lock of twice that age is taken over. Part of
/// a lease_container, which lets no answer through after its end. Thread-safe.
class lease_lock {
 public:
  /// `now` is the server's clock as far as it is known, for answers without one.
  lease_lock(collection_ref container, call_sender send, std::function<wall_time()> now);

  /// Zero if it is ours now, else how long to wait. A lock that we took is known again, also if the
  /// answer was lost.
  void take(const lease_ids& ids, callback<milliseconds> done);
  /// True if it was ours.
  void give_back(const lease_ids& ids, callback<bool> done);

 private:
  void create(const lease_ids& ids, bool again, const callback<milliseconds>& done);
  void examine(const lease_ids& ids, bool again, const callback<milliseconds>& done);
  void take_over(const lease_ids& ids, const std::string& version,
                 const callback<milliseconds>& done);
  void remember(const http::response& r);
  std::string body(const lease_ids& ids) const;

  const collection_ref container_;
  const call_sender send_;
  const std::function<wall_time()> now_;
  const std::string mark_; ///< tells our lock from others'

  std::mutex mutex_;    ///< guards what follows
  std::string version_; ///< of our lock; empty = we have none
};

} // namespace feedcast::cosmos
