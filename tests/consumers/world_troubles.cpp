// What happens to regions. One trouble at a time, and none while a controller reads from a region
// that is not its own: a controller that has to go elsewhere must not find there less than its own
// region had, or it caches what no feed will ever mention again. How far regions may be apart when
// one of them drops out is for `confirm_after` to cover, as docs/reliability.md says.
#include "tests/consumers/world.hpp"

#include <algorithm>

namespace feedcast::consumers {

using emulator::outage_kind;

void world::region_is_well() {
  later(500, 5'000, [this] { disturb_region(); });
}

void world::disturb_region() {
  const bool all_at_home = std::all_of(controllers_.begin(), controllers_.end(),
                                       [](const auto& c) { return c->at_home(); });
  if (!all_at_home)
    return later(200, 1'000, [this] { disturb_region(); });
  const auto writes = cloud_.write_region();
  const auto region = (writes + 1 + luck_.below(cluster_count - 1)) % cluster_count;
  switch (luck_.below(9)) {
  case 0:
    return hold(region);
  case 1:
    return slow_down(region);
  case 2:
    return remove(region);
  case 3:
  case 4:
    return remove_and_hold(region);
  case 5:
    return slow_down_and_remove(region);
  case 6:
    return cut_off(region, outage_kind::reset, met::region_reset);
  case 7:
    return luck_.chance(500) ? cut_off(region, outage_kind::unavailable, met::region_unavailable)
                             : cut_off(region, outage_kind::silent, met::region_silent);
  default:
    return fail_over(region);
  }
}

void world::hold(std::size_t region) {
  seen_(met::region_held);
  tell(std::string{region_names[region]} + " is held");
  cloud_.hold(region);
  later(1'000, 10'000, [this, region] {
    tell(std::string{region_names[region]} + " is released");
    cloud_.release(region);
    region_is_well();
  });
}

void world::slow_down(std::size_t region) {
  seen_(met::region_slow);
  const auto delay = luck_.between(2'500, 8'000);
  tell(std::string{region_names[region]} + " is " + std::to_string(delay) + " ms behind");
  cloud_.slow_down(region, delay);
  later(delay, delay + 6'000, [this, region] {
    tell(std::string{region_names[region]} + " is no longer behind");
    cloud_.speed_up(region);
    region_is_well();
  });
}

void world::remove(std::size_t region) {
  seen_(met::region_removed);
  tell(std::string{region_names[region]} + " is removed");
  cloud_.remove(region, true);
  later(1'000, 8'000, [this, region] {
    tell(std::string{region_names[region]} + " is back");
    cloud_.remove(region, false);
    region_is_well();
  });
}

void world::remove_and_hold(std::size_t region) {
  seen_(met::region_removed);
  tell(std::string{region_names[region]} + " is removed and held");
  cloud_.remove(region, true);
  cloud_.hold(region);
  later(1'000, 8'000, [this, region] {
    seen_(met::region_back_while_behind);
    tell(std::string{region_names[region]} + " is back, and held");
    cloud_.remove(region, false);
    later(500, 8'000, [this, region] {
      tell(std::string{region_names[region]} + " is released");
      cloud_.release(region);
      region_is_well();
    });
  });
}

void world::slow_down_and_remove(std::size_t region) {
  seen_(met::region_slow);
  const auto delay = luck_.between(2'500, 8'000);
  tell(std::string{region_names[region]} + " is " + std::to_string(delay) + " ms behind");
  cloud_.slow_down(region, delay);
  later(500, delay, [this, region] {
    seen_(met::region_removed);
    tell(std::string{region_names[region]} + " is removed");
    cloud_.remove(region, true);
    later(1'000, 8'000, [this, region] {
      seen_(met::region_back_while_behind);
      tell(std::string{region_names[region]} + " is back");
      cloud_.remove(region, false);
      later(500, 5'000, [this, region] {
        tell(std::string{region_names[region]} + " is no longer behind");
        cloud_.speed_up(region);
        region_is_well();
      });
    });
  });
}

void world::cut_off(std::size_t region, outage_kind kind, met what) {
  seen_(what);
  tell(std::string{region_names[region]} + " is out");
  cloud_.set_outage(region, kind);
  later(500, 5'000, [this, region] {
    tell(std::string{region_names[region]} + " is back");
    cloud_.set_outage(region, outage_kind::none);
    region_is_well();
  });
}

void world::fail_over(std::size_t region) {
  if (cloud_.fail_over(region)) {
    seen_(met::planned_failover);
    tell("writes move to " + std::string{region_names[region]});
  }
  region_is_well();
}

} // namespace feedcast::consumers
