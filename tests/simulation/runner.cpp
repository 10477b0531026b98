#include "tests/simulation/runner.hpp"

#include <array>

namespace feedcast::simulation {

namespace {

std::string rule_of(const outcome& o) {
  return o.violations.empty() ? "" : o.violations.front().substr(0, o.violations.front().find(':'));
}

} // namespace

outcome run_events(const setup& s, const std::vector<scheduled>& events, bool trace) {
  world w{s, default_tick};
  w.env().trace = trace;
  return w.run(events);
}

outcome run_seed(std::uint64_t seed) {
  const auto s = setup_of(seed);
  return run_events(s, schedule_of(s));
}

std::vector<scheduled> shrink(const setup& s, std::vector<scheduled> events) {
  const auto rule = rule_of(run_events(s, events));
  for (auto size = events.size() / 2; size > 0; size /= 2)
    for (std::size_t from = 0; from < events.size();) {
      auto fewer = events;
      const auto first = fewer.begin() + static_cast<std::ptrdiff_t>(from);
      fewer.erase(first, first + static_cast<std::ptrdiff_t>(std::min(size, events.size() - from)));
      if (rule_of(run_events(s, fewer)) == rule)
        events = std::move(fewer);
      else
        from += size;
    }
  return events;
}

void summary::add(std::uint64_t seed, const outcome& o) {
  ++seeds;
  hours += static_cast<double>(o.length) / 3'600'000;
  moves += o.moves;
  for (const auto& [name, n] : o.seen)
    seen[name] += n;
  if (!o.violations.empty())
    failed.push_back(seed);
}

void summary::add(const summary& other) {
  seeds += other.seeds;
  hours += other.hours;
  moves += other.moves;
  for (const auto& [name, n] : other.seen)
    seen[name] += n;
  failed.insert(failed.end(), other.failed.begin(), other.failed.end());
}

std::vector<std::string> summary::never_met() const {
  constexpr std::array must{"412",
                            "drained",
                            "duplicate",
                            "fault: 429",
                            "fault: call late",
                            "fault: call lost",
                            "fault: drain",
                            "fault: join",
                            "fault: kill",
                            "fault: lease deleted",
                            "fault: merge",
                            "fault: outage",
                            "fault: reply lost",
                            "fault: restart",
                            "fault: slow calls",
                            "fault: split",
                            "fault: target takes nothing",
                            "fault: twin",
                            "fault: wall clock step",
                            "lease removed",
                            "lock found taken",
                            "now resolved",
                            "official host met a split",
                            "official host started",
                            "official host took a lease",
                            "took a free lease",
                            "took a lease from the living",
                            "took an expired lease",
                            "twin stopped"};
  std::vector<std::string> missing;
  for (const auto* name : must)
    if (!seen.contains(name))
      missing.emplace_back(name);
  return missing;
}

} // namespace feedcast::simulation
