#include "app/readiness.hpp"

#include <algorithm>

namespace feedcast::app {

readiness judge(const metrics::health_snapshot& now, std::string_view target) {
  readiness r;
  const auto wanted = [&](const std::string& name) { return target.empty() || name == target; };
  std::size_t targets = 0;
  std::size_t up = 0;
  for (const auto& [name, t] : now.targets) {
    if (!wanted(name))
      continue;
    ++targets;
    if (t.up)
      ++up;
    else
      r.problems.push_back("target " + name + " can't be delivered to"
                           + (t.reason.empty() ? std::string{} : ": " + t.reason));
  }
  if (targets == 0)
    r.problems.push_back(target.empty() ? "no target has been started yet"
                                        : "no such target: " + std::string{target});
  bool reading = true;
  for (const auto& [key, p] : now.processors) {
    if (!wanted(key.target))
      continue;
    const auto who = "target " + key.target + ", feed " + key.feed;
    if (!p.summary.leases_known) {
      reading = false;
      r.problems.push_back(who + " has no leases yet"
                           + (p.summary.reason.empty() ? std::string{} : ": " + p.summary.reason));
    }
    for (const auto& [id, range] : p.ranges)
      if (!range.polled_once) {
        reading = false;
        r.problems.push_back(who + ", range " + id + " was never polled");
      }
  }
  reading &= std::any_of(now.processors.begin(), now.processors.end(),
                         [&](const auto& p) { return wanted(p.first.target); });
  r.ready = reading && (target.empty() ? up > 0 : targets > 0 && up == targets);
  r.degraded = r.ready && !r.problems.empty();
  return r;
}

} // namespace feedcast::app
