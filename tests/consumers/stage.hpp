#pragma once

#include "core/clock.hpp"
#include "metrics/health_board.hpp"
#include "metrics/processor_probe.hpp"
#include "metrics/registry.hpp"
#include "metrics/service_probe.hpp"
#include "metrics/target_probe.hpp"
#include "tests/consumers/agenda.hpp"
#include "tests/consumers/names.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <array>
#include <memory>

namespace feedcast::consumers {

/// Where actors run without threads, under virtual time, and what they need to be watched. Making
/// one is dear, so that runs follow each other on it: each begins with `clear`, and finds time at
/// zero.
class stage final : public clock_source {
 public:
  stage();
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  // Both count from the last `clear`, but for a whole number of days on the steady clock.
  steady_time steady() const override { return actors_.clock().current_time; }

  wall_time wall() const override;

  moment now() const;

  caf::actor_system& system() noexcept { return system_; }

  metrics::processor_probe& processor(std::size_t cluster) { return *processors_.at(cluster); }

  metrics::target_probe& target(std::size_t cluster) { return *targets_.at(cluster); }

  metrics::service_probe& service() noexcept { return service_; }

  metrics::health_board& health() noexcept { return *health_; }

  /// What is to happen besides actors.
  agenda& plans() noexcept { return agenda_; }

  /// Lets everything happen that is due up to `until`.
  void run_until(moment until);
  /// Handles every message there is, without time passing.
  void run();
  /// No actor may run any more. Forgets timers and plans.
  void clear();

 private:
  struct config : caf::actor_system_config {
    config();
  };

  config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& actors_;
  agenda agenda_;
  steady_time began_{};
  metrics::registry registry_;
  std::array<std::unique_ptr<metrics::processor_probe>, cluster_count> processors_;
  std::array<std::unique_ptr<metrics::target_probe>, cluster_count> targets_;
  metrics::service_probe service_{registry_, {}};
  std::unique_ptr<metrics::health_board> health_;
};

} // namespace feedcast::consumers
