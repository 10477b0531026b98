#include "tests/simulation/schedule.hpp"

#include <algorithm>
#include <array>

namespace feedcast::simulation {

namespace {

constexpr moment last_event = 200'000;
constexpr std::int64_t slots = 5;

struct kind {
  happening what;
  const char* name;
  int weight;
};

constexpr std::array kinds{
    kind{happening::start, "start host", 22},
    kind{happening::kill, "kill host", 12},
    kind{happening::drain, "drain host", 8},
    kind{happening::twin, "start a twin of host", 3},
    kind{happening::split, "split range", 10},
    kind{happening::merge, "merge ranges", 7},
    kind{happening::outage, "outage for host", 6},
    kind{happening::throttle, "429 for host", 5},
    kind{happening::lossy, "losses for host", 8},
    kind{happening::slow, "slow calls for host", 4},
    kind{happening::no_acks, "no acknowledgements for host", 4},
    kind{happening::wall_step, "wall clock step of host", 3},
    kind{happening::lose_lease, "lease deleted of processor", 4},
    kind{happening::lose_all, "all leases deleted of processor", 1},
    kind{happening::burst, "burst of changes", 8},
    kind{happening::official_start, "start official host", 0},
    kind{happening::official_kill, "kill official host", 0},
    kind{happening::official_stop, "stop official host", 0},
};

happening pick(dice& d) {
  std::size_t all = 0;
  for (const auto& k : kinds)
    all += static_cast<std::size_t>(k.weight);
  auto n = d.below(all);
  for (const auto& k : kinds) {
    if (n < static_cast<std::size_t>(k.weight))
      return k.what;
    n -= static_cast<std::size_t>(k.weight);
  }
  return happening::burst;
}

scheduled draw(dice& d, const setup& s) {
  scheduled e{d.between(0, last_event), pick(d), d.between(0, slots - 1), 0, 0};
  const auto official = s.official != setup::officials::none;
  switch (e.what) {
  case happening::split:
  case happening::merge:
    e.a = d.between(0, 63);
    break;
  case happening::outage:
  case happening::throttle:
  case happening::lossy:
  case happening::slow:
  case happening::no_acks:
    e.a = d.chance(400) ? -1 : e.a;
    e.b = d.chance(300) ? 120'000 : d.between(2'000, 60'000);
    e.c = d.between(100, 800);
    break;
  case happening::wall_step:
    e.b = official ? 0 : d.between(-3'600'000, 3'600'000);
    break;
  case happening::lose_lease:
  case happening::lose_all:
    e.a = static_cast<std::int64_t>(d.below(s.processors));
    e.b = d.between(0, 63);
    break;
  case happening::burst:
    e.a = d.between(5, 60);
    break;
  default:
    break;
  }
  // The Java library can't follow a merge, and no official one repairs a lease that was deleted.
  if (official && (e.what == happening::lose_lease || e.what == happening::lose_all))
    e.what = happening::burst;
  if (s.official == setup::officials::java && e.what == happening::merge)
    e.what = happening::split;
  return e;
}

} // namespace

setup setup_of(std::uint64_t seed) {
  dice d{seed * 2 + 1};
  setup s;
  s.seed = seed;
  s.ranges = 1 + d.below(8);
  s.processors = d.chance(300) ? 2 + d.below(2) : 1;
  s.start.from = d.chance(600)   ? settings::start_kind::now
                 : d.chance(700) ? settings::start_kind::beginning
                                 : settings::start_kind::time;
  s.start.at = server_wall(d.between(-5'000, 20'000));
  if (d.chance(200))
    s.official = d.chance(500) ? setup::officials::dotnet : setup::officials::java;
  s.regions = d.chance(200) && s.official == setup::officials::none;
  s.partial = d.chance(300) && s.processors > 1;
  s.hour = d.chance(10);
  s.writes_every = d.between(200, 1'500);
  return s;
}

std::vector<scheduled> schedule_of(const setup& s) {
  dice d{s.seed * 2};
  std::vector<scheduled> all;
  const auto hosts = d.between(1, 3);
  for (std::int64_t i = 0; i < hosts; ++i)
    all.push_back({d.between(0, 4'000), happening::start, i, 0, 0});
  const auto events = d.between(2, 14);
  for (std::int64_t i = 0; i < events; ++i)
    all.push_back(draw(d, s));
  if (s.official != setup::officials::none)
    for (auto n = d.between(1, 4); n > 0; --n) {
      const auto slot = d.between(0, 1);
      const auto what = n % 2 == 1      ? happening::official_start
                        : d.chance(500) ? happening::official_kill
                                        : happening::official_stop;
      all.push_back({d.between(5'000, last_event), what, slot, 0, 0});
    }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& x, const auto& y) { return x.at < y.at; });
  return all;
}

const char* name_of(happening h) {
  return kinds[static_cast<std::size_t>(h)].name;
}

std::string to_string(const scheduled& e) {
  auto text = std::to_string(e.at) + " ms: " + name_of(e.what) + " " + std::to_string(e.a);
  if (e.b != 0)
    text += " (" + std::to_string(e.b) + (e.c != 0 ? ", " + std::to_string(e.c) : "") + ")";
  return text;
}

std::string to_string(const setup& s) {
  constexpr std::array starts{"now", "beginning", "time"};
  constexpr std::array libraries{"none", ".NET", "Java"};
  return std::to_string(s.ranges) + " ranges, " + std::to_string(s.processors)
         + " processors, start " + starts[static_cast<std::size_t>(s.start.from)]
         + ", official hosts: " + libraries[static_cast<std::size_t>(s.official)]
         + (s.regions ? ", regions" : "") + (s.partial ? ", partial" : "")
         + (s.hour ? ", quiet hour" : "");
}

moment end_of(const std::vector<scheduled>& events) {
  moment end = 0;
  for (const auto& e : events)
    end = std::max(end, e.at + (e.what == happening::wall_step || e.b < 64 ? 0 : e.b));
  return end;
}

} // namespace feedcast::simulation
