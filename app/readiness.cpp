#include "app/readiness.hpp"

#include <algorithm>

namespace feedcast::app {

namespace {

constexpr std::uint32_t most_wedges = 3;
constexpr std::chrono::seconds longest_silence{60};

bool running(const metrics::health_snapshot& now, const std::string& path) {
  const auto at = now.actors.find(path);
  return at != now.actors.end() && at->second.state == "running";
}

} // namespace

std::string judge_liveness(const metrics::health_snapshot& now, steady_time at) {
  for (const auto& [path, a] : now.actors)
    if (a.wedges >= most_wedges)
      return path + " wedged " + std::to_string(a.wedges) + " times in a row: " + a.last_error;
  const auto silent = [&](const std::string& path, steady_time beat) {
    return running(now, path) && at - beat > longest_silence;
  };
  for (const auto& [target, beat] : now.beats)
    if (const auto path = "target " + target + " / delivery"; silent(path, beat))
      return path + " shows no sign of life";
  for (const auto& [key, p] : now.processors)
    if (const auto path = "target " + key.target + " / collection " + key.feed;
        silent(path, p.beat))
      return path + " shows no sign of life";
  return {};
}

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
    if (const auto& d = t.dead_letters; d && !d->up && !d->reason.empty())
      r.problems.push_back("target " + name + " can't write dead letters, "
                           + std::to_string(d->waiting) + " wait: " + d->reason);
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
