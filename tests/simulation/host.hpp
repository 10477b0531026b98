#pragma once

#include "tests/simulation/environment.hpp"
#include "tests/simulation/partition.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace feedcast::simulation {

struct host_options {
  std::string name;
  std::uint64_t seed = 1;
  std::int64_t clock_offset = 0;
  std::int64_t drift_ppm = 0;
  std::vector<std::size_t> processors; ///< that it runs
  std::set<std::size_t> away;          ///< of these it is not near
};

/// A process of feedcast: a real lease_keeper per processor, a real balancer, and a model of all
/// else. The world owns it and keeps it to the end; a dead one does nothing more.
class host {
 public:
  host(environment& world, host_options options);
  ~host();
  host(const host&) = delete;
  host& operator=(const host&) = delete;

  void kill();
  /// As SIGTERM: what is in flight is waited for, then the leases are given back.
  void drain();

  bool alive() const noexcept { return alive_ != nullptr; }

  /// It met another process of its name and went.
  bool stopped_as_twin() const noexcept { return twin_; }

  bool draining() const noexcept { return drain_until_.has_value(); }

  const host_options& options() const noexcept { return options_; }

  weather& around() noexcept { return net_.here; }

  void step_wall(std::int64_t by) { clock_.step_wall(by); }

  bool runs(std::size_t processor) const;
  /// Ranges that it reads now.
  std::set<std::string> reads(std::size_t processor) const;
  std::optional<moment> first_start(std::size_t processor) const;
  moment last_ack(std::size_t processor, const std::string& range) const;
  const lease_keeper* keeper(std::size_t processor) const;

 private:
  struct run; ///< of one processor

  void tick();
  void drain_step();

  environment& world_;
  const host_options options_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  skewed_clock clock_;
  network net_;
  writer identity_;
  balancer shares_;
  std::vector<std::unique_ptr<run>> runs_;
  std::optional<moment> drain_until_;
  bool giving_back_ = false;
  bool twin_ = false;
};

} // namespace feedcast::simulation
