#pragma once

#include "tests/consumers/controller.hpp"
#include "tests/consumers/feedcast_process.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace feedcast::consumers {

/// How one schedule ended.
struct outcome {
  std::vector<std::string> stale; ///< each cached entry that its region would not serve any more
  std::string first_key;          ///< of the first of them
  bool drained = false;           ///< all came to rest in time; else `stale` says nothing
  moment length = 0;              ///< until the judgement
  tally seen;
};

/// Three regions with a cluster each, for the length of one schedule, all of it from a seed: what
/// controllers do, what goes wrong, and when. Then quiet: nothing goes wrong any more, nobody asks
/// anything, until every invalidation has arrived; and every cache is held against its region.
class world {
 public:
  /// `time` is clear, and outlives it.
  world(stage& time, std::uint64_t seed, switches on, journal& notes);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  outcome run();

 private:
  // What goes on by itself: each does something, and plans its next turn.
  void act(controller& c);
  void disturb_replicas();
  void disturb_region();
  void disturb_feed(std::size_t cluster);
  void disturb_broker(std::size_t cluster);
  void disturb_process();
  void disturb_controller();

  // world_troubles.cpp: what happens to a region; each ends by itself, then calls region_is_well.
  void hold(std::size_t region);
  void slow_down(std::size_t region);
  void remove(std::size_t region);
  void remove_and_hold(std::size_t region);
  void slow_down_and_remove(std::size_t region);
  void cut_off(std::size_t region, emulator::outage_kind kind, met what);
  void fail_over(std::size_t region);
  void region_is_well();

  void later(moment from, moment to, std::function<void()> what);

  bool active() const { return time_.now() < end_; }

  const std::string& some_key();
  void quieten();
  bool at_rest() const;
  void judge(outcome& o);

  void tell(std::string what) { notes_.note("", std::move(what)); }

  stage& time_;
  journal& notes_;
  const switches on_;
  dice luck_;
  tally seen_;
  const std::uint32_t ranges_;
  const moment end_; ///< of all trouble
  cloud cloud_;
  std::vector<std::string> keys_;
  common shared_;
  std::array<std::unique_ptr<topic>, cluster_count> topics_;
  std::vector<std::unique_ptr<controller>> controllers_;
  std::unique_ptr<feedcast_process> process_;
};

} // namespace feedcast::consumers
