#pragma once

#include "actors/service.hpp"
#include "core/clock.hpp"

#include <memory>
#include <string>

namespace feedcast::app {

/// Runs the actor tree: owns the CAF system and the root. Used by one thread, but
/// for restart_target.
class actor_runtime {
 public:
  explicit actor_runtime(unsigned worker_threads);
  ~actor_runtime(); ///< kills what still runs
  actor_runtime(const actor_runtime&) = delete;
  actor_runtime& operator=(const actor_runtime&) = delete;

  void start(service_arguments args);
  /// Stops reading, waits for acknowledgements, stores positions, gives leases back. False if the
  /// deadline cut it short.
  bool drain(milliseconds deadline);
  /// Starts a target's actors anew. From any thread; does nothing while there is no tree.
  void restart_target(const std::string& name);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace feedcast::app
