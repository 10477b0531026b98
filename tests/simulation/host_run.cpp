#include "tests/simulation/host_run.hpp"

#include <algorithm>
#include <iostream>

namespace feedcast::simulation {

namespace {

keeper_options options_of(const host_options& o, const environment& world, std::size_t processor,
                          const std::string& boot) {
  keeper_options k;
  k.processor = "p" + std::to_string(processor);
  k.instance = o.name;
  k.boot = boot;
  k.near = !o.away.contains(processor);
  k.start = world.start;
  k.expiry = milliseconds{world.expiry};
  k.seed = o.seed * 31 + processor;
  return k;
}

} // namespace

host::run::run(host& owner, std::size_t number)
    : h{owner}
    , processor{number}
    , store{*owner.world_.stores[number]}
    , keeper{options_of(owner.options_, owner.world_, number, owner.identity_.boot), *this,
             owner.shares_, owner.clock_} {}

void host::run::note(const std::string& what) const {
  if (h.world_.trace)
    std::cout << h.world_.time.now() << ' ' << h.identity_.instance << ' ' << h.identity_.boot
              << " p" << processor << ": " << what << '\n';
}

void host::run::note_answer(ticket t, const std::string& problem) const {
  if (h.world_.trace)
    note("answer " + std::to_string(t) + " " + (problem.empty() ? "good" : problem));
}

void host::run::open(ticket t) {
  note("open " + std::to_string(t));
  ask<lease_store_state>(
      t, [this](moment) { return store.state(); }, &lease_keeper::on_opened);
}

void host::run::list(ticket t) {
  note("list " + std::to_string(t));
  // Pages are read one after the other, while others write.
  const auto so_far = std::make_shared<lease_listing>();
  const auto page = static_cast<std::ptrdiff_t>(h.net_.random().between(1, 12));

  struct reading {
    static void next(run& r, const std::shared_ptr<lease_listing>& all, std::string after,
                     std::ptrdiff_t size, ticket number) {
      const auto apply = [&r, all, after, size](moment now) -> result<bool> {
        const auto& leases = r.store.leases();
        auto it = after.empty() ? leases.begin() : leases.upper_bound(after);
        for (std::ptrdiff_t n = 0; n < size && it != leases.end(); ++n, ++it)
          all->leases.push_back(it->second);
        all->now = whole_seconds(server_wall(now));
        all->span_form = r.store.span_form();
        return it != leases.end();
      };
      const auto done = [&r, all, size, number](result<bool> more) {
        if (!more || !*more)
          r.note_answer(number, more ? "" : more.error().detail);
        if (!more)
          return r.keeper.on_listed(number, more.error());
        if (*more)
          return next(r, all, all->leases.back().range_id, size, number);
        r.keeper.on_listed(number, *all);
      };
      r.h.net_.call<bool>(r.h.alive_, apply, done);
    }
  };

  reading::next(*this, so_far, "", page, t);
}

void host::run::lock(ticket t) {
  note("lock " + std::to_string(t));
  ask<milliseconds>(
      t, [this](moment now) { return store.lock(h.identity_, now); }, &lease_keeper::on_locked);
}

void host::run::unlock(ticket t) {
  note("unlock " + std::to_string(t));
  ask<bool>(
      t, [this](moment now) { return store.unlock(h.identity_, now); }, &lease_keeper::on_done);
}

void host::run::mark(ticket t, wall_time anchor) {
  note("mark " + std::to_string(t));
  ask<bool>(
      t, [this, anchor](moment) { return store.mark(h.identity_, anchor); },
      &lease_keeper::on_done);
}

void host::run::create(ticket t, lease l) {
  note("create " + std::to_string(t) + " " + l.range_id + " at " + l.continuation);
  ask<lease>(
      t, [this, l = std::move(l)](moment now) { return store.create(h.identity_, l, now); },
      &lease_keeper::on_lease);
}

void host::run::replace(ticket t, lease l) {
  note("replace " + std::to_string(t) + " " + l.range_id + " " + l.version + " owner " + l.owner
       + " at " + l.continuation);
  if (const auto d = in_doubt.find(l.range_id); d != in_doubt.end() && d->second == l.version)
    h.world_.court.fail("I3", h.options_.name + " writes lease " + l.range_id
                                  + " again after a 412 without having read it");
  const auto id = l.range_id;
  const auto version = l.version;
  const auto took = std::make_shared<std::optional<taking>>();
  const auto apply = [this, l = std::move(l), took](moment now) {
    const auto before = store.read(l.range_id);
    const auto age = now - store.written(l.range_id);
    auto r = store.replace(h.identity_, l, now);
    if (r && before && before->owner != l.owner && !l.owner.empty())
      *took = taking{before->owner, age};
    return r;
  };
  h.net_.call<lease>(h.alive_, apply, [this, t, id, version, took](result<lease> r) {
    if (!r && r.error().code == errc::conflict)
      in_doubt[id] = version;
    const bool good = r.has_value();
    told.clear();
    note_answer(t, good ? "" : r.error().detail);
    keeper.on_lease(t, std::move(r));
    if (good && *took && h.alive())
      judge_taking(id, **took);
  });
}

void host::run::judge_taking(const std::string& range_id, const taking& t) {
  const auto how = told.find(range_id);
  const auto who = h.options_.name + " takes lease " + range_id + " from '" + t.from + "'";
  if (how == told.end()
      || (how->second != lease_event::acquired && how->second != lease_event::stolen_in))
    return h.world_.court.fail("owner", who + " and does not know that it does");
  if (!t.from.empty() && how->second == lease_event::acquired && t.age < h.world_.expiry)
    h.world_.court.fail("skew", who + " as expired when it was written " + std::to_string(t.age)
                                    + " ms ago");
  ++h.world_.court.seen[t.from.empty()                         ? "took a free lease"
                        : how->second == lease_event::acquired ? "took an expired lease"
                                                               : "took a lease from the living"];
}

void host::run::read(ticket t, std::string range_id) {
  note("read " + std::to_string(t) + " " + range_id);
  h.net_.call<lease>(
      h.alive_, [this, range_id](moment) { return store.read(range_id); },
      [this, t](result<lease> r) {
        note_answer(t, r ? "" : r.error().detail);
        keeper.on_lease(t, std::move(r));
      });
}

void host::run::remove(ticket t, lease l) {
  note("remove " + std::to_string(t) + " " + l.range_id);
  ask<bool>(
      t, [this, l = std::move(l)](moment) { return store.remove(h.identity_, l); },
      &lease_keeper::on_done);
}

void host::run::read_ranges(ticket t) {
  note("ranges " + std::to_string(t));
  ask<std::vector<known_range>>(
      t, [this](moment) { return h.world_.feed.ranges(); }, &lease_keeper::on_ranges);
}

void host::run::resolve_now(ticket t, const planned_lease& range) {
  note("resolve " + std::to_string(t) + " " + range.range_id);
  const auto id = range.range_id;
  const auto keys = to_bounds(range.keys);
  const auto apply = [this, id, keys, form = range.form](moment) -> result<std::string> {
    const auto now_in = h.world_.feed.range_of(keys);
    if (!now_in || (form == lease_form::pk && *now_in != id))
      return make_error(errc::gone, "the range was split or merged");
    ++h.world_.court.seen["now resolved"];
    return std::to_string(h.world_.feed.last_lsn(keys));
  };
  ask<std::string>(t, apply, &lease_keeper::on_resolved);
}

void host::run::start(const lease& l, const range_start& from) {
  note("start " + l.range_id + " at " + from.continuation);
  h.world_.court.started(processor, h.options_.name, l, from);
  if (!first_start)
    first_start = h.world_.time.now();
  partitions.erase(l.range_id);
  partitions.emplace(l.range_id, partition{h.world_, h.net_, processor, l, from});
}

void host::run::stop(const std::string& range_id) {
  note("stop " + range_id);
  partitions.erase(range_id);
}

void host::run::tell(lease_event what, const std::string& range_id, const std::string& detail) {
  note("tell " + std::to_string(static_cast<int>(what)) + " " + range_id + " " + detail);
  told[range_id] = what;
}

void host::run::trouble(const std::string& step, const error& e, milliseconds wait) {
  note("trouble " + step + " " + to_string(e) + " wait " + std::to_string(wait.count()));
  ++h.world_.court.seen["trouble"];
}

void host::run::twin(const std::string&, const std::string&) {
  ++h.world_.court.seen["twin stopped"];
  h.twin_ = true;
  h.kill();
}

void host::run::step(bool reading) {
  // Orders of the keeper change the map while it is told.
  std::vector<std::pair<std::string, partition::news>> all;
  for (auto& [id, p] : partitions)
    if (auto n = p.step(reading); n.settled || n.gone)
      all.emplace_back(id, std::move(n));
  for (auto& [id, n] : all) {
    if (n.settled)
      keeper.settled(id, std::move(*n.settled));
    if (n.gone) {
      note("gone " + id);
      keeper.gone(id);
    }
  }
  if (h.alive())
    keeper.on_tick();
}

bool host::run::idle() const {
  return std::all_of(partitions.begin(), partitions.end(),
                     [](const auto& p) { return p.second.idle(); });
}

} // namespace feedcast::simulation
