#pragma once

#include "tests/simulation/environment.hpp"
#include "tests/simulation/host.hpp"
#include "tests/simulation/official_host.hpp"
#include "tests/simulation/schedule.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace feedcast::simulation {

struct outcome {
  std::vector<std::string> violations;
  counters seen;
  moment length = 0;
  std::uint64_t moves = 0;
};

/// Everything together: lets a schedule happen, then waits for rest and sees whether it comes in
/// time and nothing was lost.
class world {
 public:
  world(const setup& s, moment tick);

  /// Lets the schedule happen and the time after it pass. Ends at the first violation.
  outcome run(const std::vector<scheduled>& events);

  // For scenarios, which make their own schedule.
  void happen(const scheduled& e);
  /// Lets time pass; false if a rule was broken.
  bool pass(moment until);
  void write_until(moment t);
  outcome report();

  environment& env() noexcept { return env_; }

  /// The newest process of that slot; null if there never was one.
  host* newest(std::int64_t slot);
  std::vector<host*> living(std::size_t processor);
  std::string unowned(std::size_t processor);

  bool all_owned(std::size_t processor) { return unowned(processor).empty(); }

  bool balanced(std::size_t processor);
  std::uint64_t moves() const;
  std::size_t owned_by(std::size_t processor, const std::string& name) const;

 private:
  struct seat {
    std::int64_t slot;
    std::unique_ptr<host> process;
  };

  void start(std::int64_t slot, bool twin);
  void start_official(std::int64_t slot);
  weather* weather_of(std::int64_t slot);
  void bad_weather(const scheduled& e);
  void write();
  void ensure_runners();
  void check_twins();
  void check_at_rest(std::size_t processor);
  std::set<std::string> living_names(std::size_t processor);

  const setup setup_;
  environment env_;
  dice random_;
  std::vector<seat> seats_;
  std::vector<std::unique_ptr<official_host>> officials_;
  std::vector<std::pair<host*, host*>> twins_;
  std::vector<host*> killed_;
  moment writes_end_ = 0;
  std::uint64_t processes_ = 0;
};

} // namespace feedcast::simulation
