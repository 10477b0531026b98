#include "tests/simulation/world.hpp"

#include <algorithm>

namespace feedcast::simulation {

std::vector<host*> world::living(std::size_t processor) {
  std::vector<host*> all;
  for (auto& s : seats_)
    if (s.process->alive() && s.process->runs(processor))
      all.push_back(s.process.get());
  return all;
}

/// Somebody must be left for each processor, or nothing can come to rest.
void world::ensure_runners() {
  for (std::size_t p = 0; p < setup_.processors; ++p)
    if (const auto all = living(p);
        std::all_of(all.begin(), all.end(), [](const auto* h) { return h->draining(); })) {
      host_options o;
      o.name = "last-" + std::to_string(p);
      o.seed = setup_.seed + 999 + p;
      for (std::size_t i = 0; i < setup_.processors; ++i)
        o.processors.push_back(i);
      seats_.push_back({100 + static_cast<std::int64_t>(p), std::make_unique<host>(env_, o)});
    }
}

std::set<std::string> world::living_names(std::size_t processor) {
  std::set<std::string> names;
  for (const auto* h : living(processor))
    names.insert(h->options().name);
  for (const auto& o : officials_)
    if (o->alive() && o->processor() == processor)
      names.insert(o->name());
  return names;
}

/// Why not all leases are owned; empty if they are.
std::string world::unowned(std::size_t processor) {
  const auto& store = *env_.stores[processor];
  const auto names = living_names(processor);
  if (!store.state().initialised)
    return "there is no marker";
  for (const auto& b : env_.court.missing(store.leases(), {}))
    return "no lease has the keys " + to_string(to_span(b));
  for (const auto& [id, l] : store.leases()) {
    const auto age = env_.time.now() - store.written(id);
    if (!names.contains(l.owner) || age >= env_.expiry)
      return "lease " + id + " of '" + l.owner + "' was written " + std::to_string(age) + " ms ago";
  }
  return {};
}

std::size_t world::owned_by(std::size_t processor, const std::string& name) const {
  const auto& all = env_.stores[processor]->leases();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const auto& l) { return l.second.owner == name; }));
}

bool world::balanced(std::size_t processor) {
  const auto runners = living(processor);
  const bool any_near = std::any_of(runners.begin(), runners.end(), [&](const auto* h) {
    return !h->options().away.contains(processor);
  });
  std::vector<std::size_t> counts;
  for (const auto* h : runners)
    if (!any_near || !h->options().away.contains(processor))
      counts.push_back(owned_by(processor, h->options().name));
  for (const auto& o : officials_)
    if (o->alive() && o->processor() == processor)
      counts.push_back(owned_by(processor, o->name()));
  const auto leases = env_.stores[processor]->leases().size();
  return !counts.empty() && std::all_of(counts.begin(), counts.end(), [&](std::size_t n) {
    return n >= leases / counts.size() && n <= (leases + counts.size() - 1) / counts.size();
  });
}

std::uint64_t world::moves() const {
  std::uint64_t n = 0;
  for (std::size_t p = 0; p < setup_.processors; ++p)
    n += env_.court.moves(p);
  return n;
}

void world::check_twins() {
  for (const auto& [one, other] : twins_) {
    const auto& name = one->options().name;
    const auto of_name = [&](const auto* h) { return h->options().name == name; };
    std::size_t lives = 0;
    for (const auto& s : seats_)
      lives += of_name(s.process.get()) && s.process->alive() ? 1 : 0;
    std::size_t leases = 0;
    for (std::size_t p = 0; p < setup_.processors; ++p)
      leases += owned_by(p, name);
    if (lives == 0 && std::none_of(killed_.begin(), killed_.end(), of_name))
      env_.court.fail("twins", "all processes named " + name + " stopped");
    // Without a lease of that name nobody can know.
    if (one->alive() && other->alive() && leases > 0)
      env_.court.fail("twins", "two processes named " + name + " run on");
  }
}

void world::check_at_rest(std::size_t processor) {
  const auto name = "processor " + std::to_string(processor);
  const auto& store = *env_.stores[processor];
  if (!balanced(processor)) {
    std::string loads;
    for (const auto& n : living_names(processor))
      loads += " " + n + "=" + std::to_string(owned_by(processor, n));
    env_.court.fail("I20", "loads of " + name + " differ:" + loads);
  }
  std::vector<bounds> seen;
  // An official host may make leases of a range that was split or merged again meanwhile, and
  // nobody but itself can take them away.
  for (const auto& [id, l] : store.leases()) {
    if (setup_.official != setup::officials::none)
      break;
    const auto keys = env_.court.keys_of(l);
    for (const auto& o : seen)
      if (o.overlaps(keys))
        env_.court.fail("I6", "lease " + id + " of " + name + " has keys of another at rest");
    seen.push_back(keys);
  }
  for (auto* h : living(processor))
    for (const auto& id : h->reads(processor))
      if (const auto l = store.leases().find(id);
          l == store.leases().end() || l->second.owner != h->options().name)
        env_.court.fail("owner", h->options().name + " reads " + id + " of " + name
                                     + " at rest, which is not its own");
  for (const auto& [id, l] : store.leases())
    for (auto* h : living(processor))
      if (h->options().name == l.owner && !h->reads(processor).contains(id))
        env_.court.fail("I19", h->options().name + " owns " + id + " of " + name
                                   + " and does not read it");
}

} // namespace feedcast::simulation
