#pragma once

#include "core/clock.hpp"
#include "leases/lease.hpp"
#include "leases/tiling.hpp"

#include <cstdint>
#include <string>

namespace feedcast {

enum class lease_event : std::uint8_t {
  acquired,    ///< taken: free, expired, created or our own of an earlier life
  stolen_in,   ///< taken from an instance that is alive
  stolen_out,  ///< another instance took it
  split,       ///< the range was split or merged
  shutdown,    ///< given back
  stored,      ///< a position was written
  conflict,    ///< a position was not written: somebody else wrote the lease first
  store_error, ///< a position was not written for another reason
};

/// Carries out what a lease_keeper decides. Implemented by actors/collection, and by the simulator
/// under virtual time. Every question is answered once, by the keeper's method that it names, with
/// the question's number; answers may come in any order, late ones do no harm. Calls come from
/// inside the keeper's own methods and must not call back into it.
class keeper_port {
 public:
  using ticket = std::uint64_t;

  virtual ~keeper_port() = default;

  // Questions to the lease store.
  virtual void open(ticket t) = 0;                       ///< on_opened
  virtual void list(ticket t) = 0;                       ///< on_listed
  virtual void lock(ticket t) = 0;                       ///< on_locked
  virtual void unlock(ticket t) = 0;                     ///< on_done
  virtual void mark(ticket t, wall_time anchor) = 0;     ///< on_done
  virtual void create(ticket t, lease l) = 0;            ///< on_lease
  virtual void replace(ticket t, lease l) = 0;           ///< on_lease
  virtual void read(ticket t, std::string range_id) = 0; ///< on_lease
  virtual void remove(ticket t, lease l) = 0;            ///< on_done

  // Questions to the feed.
  virtual void read_ranges(ticket t) = 0; ///< on_ranges
  /// The position that `now` stands for in these keys.
  virtual void resolve_now(ticket t, const planned_lease& range) = 0; ///< on_resolved

  // Orders.
  /// Read these keys from there, until `stop`. `l` is ours and its position is stored.
  virtual void start(const lease& l, const range_start& from) = 0;
  /// Read it no more: somebody else does, or its range is no more.
  virtual void stop(const std::string& range_id) = 0;

  // News.
  virtual void tell(lease_event what, const std::string& range_id, const std::string& detail) = 0;
  /// A question of the way to the first page, or of a look, failed and is asked again after `wait`.
  virtual void trouble(const std::string& step, const error& e, milliseconds wait) = 0;
  /// Another process runs under this instance's name; it began later, so this one has to go.
  virtual void twin(const std::string& range_id, const std::string& their_boot) = 0;
};

} // namespace feedcast
