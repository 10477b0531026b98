#pragma once

#include "tests/simulation/world.hpp"

#include <cstdint>
#include <vector>

namespace feedcast::simulation {

constexpr moment default_tick = 500;

outcome run_seed(std::uint64_t seed);
outcome run_events(const setup& s, const std::vector<scheduled>& events, bool trace = false);

/// Drops events while what is left still breaks a rule of the same name.
std::vector<scheduled> shrink(const setup& s, std::vector<scheduled> events);

/// Of many seeds.
struct summary {
  std::uint64_t seeds = 0;
  double hours = 0; ///< of virtual time
  std::uint64_t moves = 0;
  counters seen;
  std::vector<std::uint64_t> failed;

  void add(std::uint64_t seed, const outcome& o);
  void add(const summary& other);
  /// Faults and outcomes that a long run has to meet, and did not.
  std::vector<std::string> never_met() const;
};

} // namespace feedcast::simulation
