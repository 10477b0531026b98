#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace feedcast {

/// One lease as balancing sees it.
struct lease_share {
  std::string range_id;
  std::string owner; ///< whoever the document names; empty = nobody
  bool expired = false;
  bool away = false; ///< its owner holds it only for want of a nearer instance
};

/// All leases of one processor at one moment.
struct balance_view {
  std::string processor;
  bool near =
      true; ///< this instance is where the processor's target is, or nobody said where that is
  std::vector<lease_share> leases;
};

struct balance_decision {
  std::vector<std::string> take; ///< range ids: free ones, expired ones and those taken from others
  bool look_soon =
      false; ///< free leases are left to the others for a moment: look again in a few seconds
};

/// Shares the leases of all processors of this instance with the other instances: which ones to
/// take now. Nobody is told to give: who has too little takes. Pure but for its lock: no clock, no
/// I/O; randomness from the seed. One per process, used by all processors; what one of them decides
/// to take counts at once for the next one, so that equal shares hold over all of them.
///
/// Rules, per processor (P leases, W instances that own any of them, this one included):
///  1. every instance gets between floor(P/W) and ceil(P/W); a shortage against floor is taken at
///     once and whole, from those who have most, never below floor; what somebody has above ceil
///     goes to those who are at floor;
///  2. the remainder goes to those who own least over all processors; it moves only if that makes
///     the totals more equal by more than one;
///  3. free leases are taken up to floor, and what is still free at the next look up to ceil, by
///     those who own least first; at the look after that by anybody who is below it;
///  4. an instance that is not near takes only what was free for longer than a look, and marks it;
///     one that is near takes marked leases as if they were free.
/// With instances of the official libraries (ceil(P/W) each, one steal a tick) this comes to rest.
class balancer {
 public:
  balancer(std::string instance, std::uint64_t seed);

  balance_decision decide(const balance_view& view);

  /// Between two views: the lease was got, or could not be got, or was lost.
  void owns(const std::string& processor, const std::string& range_id);
  void owns_not(const std::string& processor, const std::string& range_id);
  /// The processor is no longer run here.
  void forget(const std::string& processor);

  /// Instances that own leases of the processor, this one included. 1 before the first view.
  std::size_t instances(const std::string& processor) const;

 private:
  struct processor_state {
    std::map<std::string, std::string> owner; ///< range -> owner, unexpired ones only
    std::map<std::string, unsigned> free;     ///< range -> looks at which it could be had so far
  };

  struct table; ///< one view, sorted

  std::size_t total(const std::string& owner) const;
  std::uint64_t order(const std::string& text) const noexcept;
  table sorted(const balance_view& view);
  std::size_t rank(const table& t) const;
  std::size_t position(const table& t) const;
  void take(table& t, balance_decision& d, const std::string& range_id);
  void take_shortage(table& t, balance_decision& d);
  void take_remainder(table& t, balance_decision& d);

  const std::string instance_;
  const std::uint64_t seed_;
  mutable std::mutex mutex_; ///< guards what follows
  std::map<std::string, processor_state> processors_;
};

} // namespace feedcast
