#pragma once

#include "leases/tiling.hpp"
#include "tests/simulation/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace feedcast::simulation {

/// What a simulation begins with. All of it follows from the seed.
struct setup {
  std::uint64_t seed = 0;
  std::size_t ranges = 4;
  std::size_t processors = 1;
  configured_start start;
  enum class officials : std::uint8_t { none, dotnet, java } official = officials::none;
  bool regions = false; ///< hosts are near some targets only
  bool partial = false; ///< hosts run some processors only
  bool hour = false;    ///< a quiet hour at the end instead of a minute
  moment writes_every = 500;
};

enum class happening : std::uint8_t {
  start,          ///< a = slot; does nothing if it runs
  kill,           ///< a = slot
  drain,          ///< a = slot
  twin,           ///< a = slot: another process of its name
  split,          ///< a = pick
  merge,          ///< a = pick
  outage,         ///< a = slot, -1 = all; b = how long
  throttle,       ///< a = slot, -1 = all; b = how long; c = how many in 1000
  lossy,          ///< likewise
  slow,           ///< a = slot, -1 = all; b = how long
  no_acks,        ///< likewise
  wall_step,      ///< a = slot, b = by how much
  lose_lease,     ///< a = processor, b = pick
  lose_all,       ///< a = processor
  burst,          ///< a = how many changes
  official_start, ///< a = slot
  official_kill,  ///< a = slot
  official_stop,  ///< a = slot
};

struct scheduled {
  moment at = 0;
  happening what = happening::start;
  std::int64_t a = 0;
  std::int64_t b = 0;
  std::int64_t c = 0;
};

setup setup_of(std::uint64_t seed);
/// In order of time. A host's own accidents follow from the seed and its slot, so that dropping an
/// event changes little else.
std::vector<scheduled> schedule_of(const setup& s);

/// "12340 ms: kill host 2"
std::string to_string(const scheduled& e);
std::string to_string(const setup& s);
const char* name_of(happening h);

/// When the last of them is over.
moment end_of(const std::vector<scheduled>& events);

} // namespace feedcast::simulation
