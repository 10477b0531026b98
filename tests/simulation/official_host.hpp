#pragma once

#include "tests/simulation/environment.hpp"
#include "tests/support/official_balance.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>

namespace feedcast::simulation {

/// A host of an official Change Feed Processor, as far as its leases are concerned: expiry by its
/// own clock and the leases' timestamps, owner checks and If-Match, one page at a time, a
/// checkpoint after each. Starts from the beginning where a lease has no position. The world owns
/// it.
class official_host {
 public:
  official_host(environment& world, testing::official_library library, std::string name,
                std::size_t processor, std::uint64_t seed, std::int64_t clock_offset);

  void kill() { alive_.reset(); }

  /// Gives its leases back and ends.
  void stop();

  bool alive() const noexcept { return alive_ != nullptr; }

  const std::string& name() const noexcept { return identity_.instance; }

  std::size_t processor() const noexcept { return processor_; }

 private:
  struct worker {
    lease known;
    std::int64_t read = 0;
    moment next = 0;
    moment next_renewal = 0;
    bool busy = false; ///< an answer is waited for
  };

  using change_of_lease = std::function<bool(lease&)>; ///< false: the lease is lost
  using outcome = std::function<void(result<lease>)>;

  void tick();
  void balance();
  void take(const lease& seen);
  void own(lease l);
  void work(const std::string& id, worker& w);
  void checkpoint(const std::string& id, std::int64_t position);
  void renew(const std::string& id, worker& w);
  void follow(const std::string& id, lease parent);

  void lost(const std::string& id) { workers_.erase(id); }

  /// Reads (if `first_read`), changes, writes by compare-and-swap; after a 412 all over again.
  void update(lease known, change_of_lease change, bool first_read, int tries, outcome done);
  void write(lease l, change_of_lease change, int tries, outcome done);

  environment& world_;
  const testing::official_library library_;
  const std::size_t processor_;
  model_store& store_;
  writer identity_;
  skewed_clock clock_;
  network net_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::map<std::string, worker> workers_;
  moment next_balance_ = 0;
};

} // namespace feedcast::simulation
