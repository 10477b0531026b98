#include "tests/simulation/world.hpp"

#include <algorithm>

namespace feedcast::simulation {

namespace {

constexpr moment look = 13'000;
/// Calls, retries with back-off, and whole seconds.
constexpr moment slack = 12'000;

lease_form span_form_of(const setup& s) {
  return s.official == setup::officials::dotnet ? lease_form::dotnet_epk : lease_form::java_epk;
}

} // namespace

world::world(const setup& s, moment tick)
    : setup_{s}, env_{s.ranges, s.processors, s.start, span_form_of(s)}, random_{s.seed * 7 + 3} {
  env_.tick = tick;
}

bool world::pass(moment until) {
  while (env_.court.violations().empty()) {
    if (!env_.time.step(until))
      return true;
    if (!env_.court.violations().empty())
      break;
  }
  return false;
}

void world::write() {
  std::vector<std::uint32_t> keys{static_cast<std::uint32_t>(random_.below(bounds::end))};
  if (random_.chance(100)) // a transaction
    keys.push_back(keys.front() + 1);
  env_.feed.write(keys, env_.time.now());
  env_.court.feed_grew();
}

void world::write_until(moment t) {
  writes_end_ = std::max(writes_end_, t);
  env_.time.after(setup_.writes_every, [this] {
    write();
    if (env_.time.now() < writes_end_)
      write_until(writes_end_);
  });
}

host* world::newest(std::int64_t slot) {
  const auto at =
      std::find_if(seats_.rbegin(), seats_.rend(), [&](const auto& s) { return s.slot == slot; });
  return at == seats_.rend() ? nullptr : at->process.get();
}

void world::start(std::int64_t slot, bool twin) {
  auto* before = newest(slot);
  const bool runs = before != nullptr && before->alive();
  if (runs != twin)
    return;
  dice of_slot{setup_.seed * 131 + static_cast<std::uint64_t>(slot)};
  host_options o;
  o.name = "h" + std::to_string(slot);
  o.seed = setup_.seed * 1'000 + static_cast<std::uint64_t>(slot) * 50 + ++processes_;
  const auto skew = setup_.official != setup::officials::none ? 3'000
                    : of_slot.chance(400)                     ? 2'000
                                                              : 600'000;
  o.clock_offset = of_slot.between(-skew, skew);
  o.drift_ppm = of_slot.between(-100, 100);
  for (std::size_t p = 0; p < setup_.processors; ++p) {
    if (!setup_.partial || of_slot.chance(700))
      o.processors.push_back(p);
    if (setup_.regions && of_slot.chance(500))
      o.away.insert(p);
  }
  if (o.processors.empty())
    o.processors.push_back(0);
  ++env_.court.seen[before == nullptr ? "fault: join" : twin ? "fault: twin" : "fault: restart"];
  seats_.push_back({slot, std::make_unique<host>(env_, std::move(o))});
  if (twin)
    twins_.emplace_back(before, seats_.back().process.get());
}

void world::start_official(std::int64_t slot) {
  const auto name = "official-" + std::to_string(slot);
  for (const auto& o : officials_)
    if (o->name() == name && o->alive())
      return;
  ++env_.court.seen["official host started"];
  const auto library = setup_.official == setup::officials::java
                           ? testing::official_library::java
                           : testing::official_library::dotnet;
  officials_.push_back(std::make_unique<official_host>(
      env_, library, name, 0, setup_.seed * 77 + ++processes_, random_.between(-3'000, 3'000)));
}

weather* world::weather_of(std::int64_t slot) {
  if (slot < 0)
    return &env_.everywhere;
  auto* h = newest(slot);
  return h == nullptr ? nullptr : &h->around();
}

void world::bad_weather(const scheduled& e) {
  auto* w = weather_of(e.a);
  if (w == nullptr)
    return;
  const auto until = env_.time.now() + e.b;
  const auto extend = [&](moment& m) { m = std::max(m, until); };
  switch (e.what) {
  case happening::outage:
    return extend(w->outage);
  case happening::throttle:
    w->throttled_permille = e.c;
    return extend(w->throttled);
  case happening::lossy:
    w->lossy_permille = e.c;
    return extend(w->lossy);
  case happening::slow:
    ++env_.court.seen["fault: slow calls"];
    return extend(w->slow);
  default:
    ++env_.court.seen["fault: target takes nothing"];
    return extend(w->acks);
  }
}

void world::happen(const scheduled& e) {
  switch (e.what) {
  case happening::start:
    return start(e.a, false);
  case happening::twin:
    return start(e.a, true);
  case happening::kill:
  case happening::drain:
    for (auto& s : seats_)
      if (s.slot == e.a && s.process->alive()) {
        ++env_.court.seen[e.what == happening::kill ? "fault: kill" : "fault: drain"];
        killed_.push_back(s.process.get());
        e.what == happening::kill ? s.process->kill() : s.process->drain();
      }
    return;
  case happening::split:
    if (env_.feed.size() < 16 && env_.feed.split(static_cast<std::size_t>(e.a), random_))
      ++env_.court.seen["fault: split"];
    return;
  case happening::merge:
    if (env_.feed.merge(static_cast<std::size_t>(e.a)))
      ++env_.court.seen["fault: merge"];
    return;
  case happening::wall_step:
    for (auto& s : seats_)
      if (s.slot == e.a && s.process->alive()) {
        ++env_.court.seen["fault: wall clock step"];
        s.process->step_wall(e.b);
      }
    return;
  case happening::lose_lease:
  case happening::lose_all: {
    auto& store = *env_.stores[static_cast<std::size_t>(e.a)];
    if (!store.state().initialised)
      return;
    std::vector<std::string> ids;
    for (const auto& [id, l] : store.leases())
      ids.push_back(id);
    if (ids.empty())
      return;
    if (e.what == happening::lose_lease)
      ids = {ids[static_cast<std::size_t>(e.b) % ids.size()]};
    for (const auto& id : ids)
      store.lose(id);
    return;
  }
  case happening::burst:
    ++env_.court.seen["burst"];
    for (std::int64_t i = 0; i < e.a; ++i)
      write();
    return;
  case happening::official_start:
    return start_official(e.a);
  case happening::official_kill:
  case happening::official_stop:
    for (auto& o : officials_)
      if (o->alive() && o->name() == "official-" + std::to_string(e.a))
        e.what == happening::official_kill ? o->kill() : o->stop();
    return;
  default:
    return bad_weather(e);
  }
}

outcome world::run(const std::vector<scheduled>& events) {
  for (const auto& e : events)
    env_.time.at(e.at, [this, e] { happen(e); });
  const auto end = end_of(events);
  write_until(end + 15'000);
  const auto settle = env_.expiry + 2 * look + slack;
  auto rebalance = 2 * look + slack;
  for (const auto& e : events)
    if (e.what == happening::official_start) // which takes one lease at a time
      rebalance = 14 * look;
  if (!pass(end))
    return report();
  ensure_runners();
  if (!pass(end + settle))
    return report();
  for (std::size_t p = 0; p < setup_.processors; ++p)
    if (const auto why = unowned(p); !why.empty())
      env_.court.fail("I19", "processor " + std::to_string(p) + ", " + std::to_string(settle)
                                 + " ms after the last fault: " + why);
  const auto balanced_at = end + settle + rebalance;
  if (!pass(balanced_at))
    return report();
  check_twins();
  for (std::size_t p = 0; p < setup_.processors; ++p)
    check_at_rest(p);
  const auto before = moves();
  for (auto i = 0; i < 10; ++i)
    write();
  if (!pass(balanced_at + (setup_.hour ? 3'600'000 : 45'000)))
    return report();
  if (moves() != before)
    env_.court.fail("I20", std::to_string(moves() - before) + " moves in a quiet time");
  // A range that was read again from its start has much to tell.
  for (std::size_t p = 0; p < setup_.processors; ++p)
    for (auto i = 0; i < 30 && env_.court.unacked(p) != 0; ++i)
      if (!pass(env_.time.now() + 10'000))
        return report();
  for (std::size_t p = 0; p < setup_.processors; ++p)
    if (const auto n = env_.court.unacked(p); n != 0)
      env_.court.fail("I22", std::to_string(n) + " changes never reached the target of processor "
                                 + std::to_string(p));
  return report();
}

outcome world::report() {
  return {env_.court.violations(), env_.court.seen, env_.time.now(), moves()};
}

} // namespace feedcast::simulation
