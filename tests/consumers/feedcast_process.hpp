#pragma once

#include "actors/service.hpp"
#include "tests/consumers/cloud.hpp"
#include "tests/consumers/journal.hpp"
#include "tests/consumers/lease_shelf.hpp"
#include "tests/consumers/topic.hpp"
#include "tests/consumers/wire.hpp"

#include <array>
#include <memory>

namespace feedcast::consumers {

/// What may be switched off, to see that the test notices.
struct switches {
  bool confirm = true;
  bool rewind = true; ///< a target that comes home goes back to where it left
  bool own_region = true;
  bool tombstones = true;
};

inline constexpr milliseconds confirm_after{2'000};

/// The one process of feedcast: a target for each cluster, each with the feed of its own region.
/// Lives several lives; what stays between them is leases and topics.
class feedcast_process {
 public:
  feedcast_process(stage& time, dice& luck, tally& seen, journal& notes, cloud& far,
                   std::array<std::unique_ptr<topic>, cluster_count>& topics, switches on);
  ~feedcast_process();
  feedcast_process(const feedcast_process&) = delete;
  feedcast_process& operator=(const feedcast_process&) = delete;

  void start();
  /// As SIGKILL does.
  void kill();

  wire& way(std::size_t cluster) { return *wires_.at(cluster); }

  lease_shelf& leases(std::size_t cluster) { return *shelves_.at(cluster); }

 private:
  target_arguments target_of(std::size_t cluster);
  collection_arguments collection_of(std::size_t cluster);
  std::shared_ptr<change_source> open_source(std::size_t cluster);

  stage& time_;
  std::array<std::unique_ptr<topic>, cluster_count>& topics_;
  const switches on_;
  std::array<std::unique_ptr<wire>, cluster_count> wires_;
  std::array<std::unique_ptr<lease_shelf>, cluster_count> shelves_;
  service_actor root_;
};

} // namespace feedcast::consumers
