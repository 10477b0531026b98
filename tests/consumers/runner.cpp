#include "tests/consumers/runner.hpp"

#include "core/log.hpp"

#include <atomic>
#include <thread>

namespace feedcast::consumers {

void summary::add(std::uint64_t seed, const outcome& o) {
  ++seeds;
  hours += static_cast<double>(o.length) / 3'600'000;
  stale_keys += o.stale.size();
  seen.add(o.seen);
  if (!o.stale.empty())
    with_stale_keys.push_back(seed);
  if (!o.drained)
    never_at_rest.push_back(seed);
}

void summary::add(const summary& other) {
  seeds += other.seeds;
  hours += other.hours;
  stale_keys += other.stale_keys;
  seen.add(other.seen);
  with_stale_keys.insert(with_stale_keys.end(), other.with_stale_keys.begin(),
                         other.with_stale_keys.end());
  never_at_rest.insert(never_at_rest.end(), other.never_at_rest.begin(), other.never_at_rest.end());
}

std::vector<std::string> summary::never_met() const {
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < met_names.size(); ++i)
    if (const auto what = static_cast<met>(i); seen.of(what) == 0 && what != met::hard_delete)
      missing.emplace_back(met_names[i]);
  return missing;
}

outcome run_seed(std::uint64_t seed, switches on) {
  stage time;
  journal notes{time, false};
  return world{time, seed, on, notes}.run();
}

std::string history_of(std::uint64_t seed, switches on, bool all) {
  stage time;
  journal notes{time, true};
  const auto o = world{time, seed, on, notes}.run();
  std::string text = notes.text(all ? "" : o.first_key);
  for (const auto& s : o.stale)
    text += "  stale: " + s + '\n';
  if (!o.drained)
    text += "  never came to rest\n";
  return text;
}

summary run_seeds(std::uint64_t first, std::uint64_t last, std::size_t jobs, switches on) {
  log::configure(log::level::off, log::format::logfmt);
  std::vector<summary> parts(jobs);
  std::vector<std::thread> threads;
  std::atomic<std::uint64_t> next{first};
  for (std::size_t j = 0; j < jobs; ++j)
    threads.emplace_back([&, j] {
      for (auto seed = next++; seed <= last; seed = next++) {
        const auto o = run_seed(seed, on);
        parts[j].add(seed, o);
      }
    });
  for (auto& t : threads)
    t.join();
  summary all;
  for (const auto& p : parts)
    all.add(p);
  return all;
}

} // namespace feedcast::consumers
