#include "tests/simulation/host.hpp"

#include "tests/simulation/host_run.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace feedcast::simulation {

namespace {

constexpr moment drain_deadline = 10'000;

std::string boot_of(const skewed_clock& clock, std::uint64_t seed) {
  const auto ms = std::chrono::duration_cast<milliseconds>(clock.wall().time_since_epoch()).count();
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%013lld-%08x", static_cast<long long>(ms),
                static_cast<unsigned>(dice{seed}.next()));
  return text.data();
}

} // namespace

host::host(environment& world, host_options options)
    : world_{world}
    , options_{std::move(options)}
    , clock_{world.time, options_.clock_offset, options_.drift_ppm}
    , net_{world.time, world.everywhere, world.court, options_.seed}
    , identity_{options_.name, boot_of(clock_, options_.seed), false}
    , shares_{options_.name, options_.seed} {
  for (const auto p : options_.processors)
    runs_.push_back(std::make_unique<run>(*this, p));
  for (auto& r : runs_)
    r->keeper.begin();
  tick();
}

host::~host() = default;

void host::kill() {
  alive_.reset();
}

void host::drain() {
  if (!alive() || draining())
    return;
  drain_until_ = world_.time.now() + drain_deadline;
  for (auto& r : runs_)
    r->keeper.drain();
}

void host::tick() {
  for (auto& r : runs_)
    if (alive())
      r->step(!draining());
  if (alive() && draining())
    drain_step();
  if (!alive())
    return;
  world_.time.after(world_.tick + net_.random().between(0, world_.tick / 8),
                    [this, life = std::weak_ptr<bool>{alive_}] {
                      if (life.lock())
                        tick();
                    });
}

void host::drain_step() {
  const bool late = world_.time.now() >= *drain_until_;
  const auto all = [this](auto what) { return std::all_of(runs_.begin(), runs_.end(), what); };
  if (!giving_back_ && (late || all([](const auto& r) { return r->idle(); }))) {
    giving_back_ = true;
    drain_until_ = world_.time.now() + drain_deadline;
    for (auto& r : runs_) {
      r->partitions.clear();
      r->keeper.give_back();
    }
  } else if (giving_back_ && (late || all([](const auto& r) { return r->keeper.given_back(); }))) {
    ++world_.court.seen[late ? "drain cut short" : "drained"];
    kill();
  }
}

bool host::runs(std::size_t processor) const {
  return std::find(options_.processors.begin(), options_.processors.end(), processor)
         != options_.processors.end();
}

std::set<std::string> host::reads(std::size_t processor) const {
  std::set<std::string> ids;
  for (const auto& r : runs_)
    if (r->processor == processor)
      for (const auto& [id, p] : r->partitions)
        ids.insert(id);
  return ids;
}

std::optional<moment> host::first_start(std::size_t processor) const {
  for (const auto& r : runs_)
    if (r->processor == processor)
      return r->first_start;
  return std::nullopt;
}

moment host::last_ack(std::size_t processor, const std::string& range) const {
  for (const auto& r : runs_)
    if (r->processor == processor)
      if (const auto at = r->partitions.find(range); at != r->partitions.end())
        return at->second.last_ack();
  return 0;
}

const lease_keeper* host::keeper(std::size_t processor) const {
  for (const auto& r : runs_)
    if (r->processor == processor)
      return &r->keeper;
  return nullptr;
}

} // namespace feedcast::simulation
