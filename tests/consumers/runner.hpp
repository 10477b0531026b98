#pragma once

#include "tests/consumers/world.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace feedcast::consumers {

/// Of many seeds.
struct summary {
  std::uint64_t seeds = 0;
  double hours = 0; ///< of virtual time
  std::uint64_t stale_keys = 0;
  tally seen;
  std::vector<std::uint64_t> with_stale_keys;
  std::vector<std::uint64_t> never_at_rest;

  void add(std::uint64_t seed, const outcome& o);
  void add(const summary& other);
  /// What a long run with everything switched on has to meet, and did not.
  std::vector<std::string> never_met() const;
};

/// Depends on nothing but the seed: whatever ran before.
outcome run_seed(std::uint64_t seed, switches on);

/// What happened in the run of a seed to the first key that was stale, or to all.
std::string history_of(std::uint64_t seed, switches on, bool all);

/// All seeds from `first` to `last`, on so many threads.
summary run_seeds(std::uint64_t first, std::uint64_t last, std::size_t jobs, switches on);

} // namespace feedcast::consumers
