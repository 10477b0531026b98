#pragma once

#include "leases/tiling.hpp"
#include "tests/simulation/model_feed.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace feedcast::simulation {

/// How often something really happened, by name.
using counters = std::map<std::string, std::uint64_t>;

/// Who writes into a store.
struct writer {
  std::string instance;
  std::string boot;
  bool official = false;
};

/// Sees everything that is done to the leases and to the changes, at the moment at which it is
/// done, and knows what must never be.
class judge {
 public:
  judge(const timeline& time, const model_feed& feed, std::size_t processors,
        configured_start start);

  /// The feed has new changes.
  void feed_grew();
  /// The change reached the processor's target.
  void acked(std::size_t processor, std::uint32_t change);

  using lease_map = std::map<std::string, lease>;
  void created(std::size_t processor, const writer& w, const lease& l, const lease_map& others);
  void replaced(std::size_t processor, const writer& w, const lease& before, const lease& after);
  void removed(std::size_t processor, const writer& w, const lease& l, const lease_map& rest);
  void marked(std::size_t processor, const writer& w, const lease_map& leases);
  /// The schedule took a lease away, behind everybody's back.
  void stolen_from_store(std::size_t processor, const lease& l);
  /// A host begins to read a range.
  void started(std::size_t processor, const std::string& who, const lease& l,
               const range_start& from);

  void fail(const std::string& rule, const std::string& what);

  bool initialised(std::size_t processor) const { return of_[processor].marked; }

  std::uint64_t moves(std::size_t processor) const { return of_[processor].moves; }

  std::size_t unacked(std::size_t processor) const { return of_[processor].unacked.size(); }

  /// Keys that none of the leases has.
  std::vector<bounds> missing(const lease_map& leases, const bounds& in) const;
  bounds keys_of(const lease& l) const;

  const std::vector<std::string>& violations() const noexcept { return violations_; }

  counters seen;
  bool late = false; ///< what happens now was asked long ago, by somebody who gave it up since

 private:
  struct per_processor {
    std::vector<std::uint32_t> unacked; ///< changes that have to be told and were not, oldest first
    std::vector<bounds> anchored;       ///< keys whose `now` was fixed
    std::vector<bounds> holes;          ///< keys whose lease the schedule took away
    std::set<std::string> ever;         ///< ids of all leases so far
    bool marked = false;
    std::uint64_t moves = 0;
  };

  void must_not_pass(std::size_t processor, const std::string& rule, const std::string& who,
                     const lease& l, std::int64_t position);
  void anchor(per_processor& p, const bounds& keys, std::int64_t position, moment before);

  const timeline& time_;
  const model_feed& feed_;
  const configured_start start_;
  std::size_t known_changes_ = 0;
  std::vector<per_processor> of_;
  std::vector<std::string> violations_;
};

/// A position is the number of the last settled change; none is 0.
std::int64_t lsn_of(const std::string& position);

} // namespace feedcast::simulation
