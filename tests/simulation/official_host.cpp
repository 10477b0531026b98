#include "tests/simulation/official_host.hpp"

#include <limits>
#include <utility>

namespace feedcast::simulation {

namespace {

constexpr moment balance_interval = 13'000;
constexpr moment renew_interval = 17'000;
constexpr int retries = 5;

} // namespace

official_host::official_host(environment& world, testing::official_library library,
                             std::string name, std::size_t processor, std::uint64_t seed,
                             std::int64_t clock_offset)
    : world_{world}
    , library_{library}
    , processor_{processor}
    , store_{*world.stores[processor]}
    , identity_{std::move(name), "", true}
    , clock_{world.time, clock_offset, 0}
    , net_{world.time, world.everywhere, world.court, seed} {
  tick();
}

void official_host::stop() {
  for (auto& [id, w] : workers_)
    update(
        w.known,
        [this](lease& l) {
          const bool mine = l.owner == identity_.instance;
          l.owner.clear();
          return mine;
        },
        true, retries, [](const result<lease>&) {});
  workers_.clear();
  world_.time.after(2'000, [this] { kill(); });
  next_balance_ = std::numeric_limits<moment>::max();
}

void official_host::tick() {
  const auto now = world_.time.now();
  if (now >= next_balance_ && world_.court.initialised(processor_)) {
    next_balance_ = now + balance_interval;
    balance();
  }
  std::vector<std::string> ids;
  for (const auto& [id, w] : workers_)
    ids.push_back(id);
  for (const auto& id : ids)
    if (const auto w = workers_.find(id); w != workers_.end() && !w->second.busy) {
      if (now >= w->second.next_renewal)
        renew(id, w->second);
      else if (now >= w->second.next)
        work(id, w->second);
    }
  world_.time.after(500, [this, life = std::weak_ptr<bool>{alive_}] {
    if (life.lock())
      tick();
  });
}

void official_host::write(lease l, change_of_lease change, int tries, outcome done) {
  const auto original = l;
  if (!change(l))
    return done(make_error(errc::conflict, "the lease is lost"));
  l.timestamp = clock_.wall();
  if (library_ == testing::official_library::java) {
    l.boot.clear();
    l.away = false;
    l.start.reset();
    if (l.form == lease_form::pk)
      l.keys.reset();
  }
  net_.call<lease>(
      alive_, [this, l](moment now) { return store_.replace(identity_, l, now); },
      [this, original, change, tries, done](result<lease> r) {
        if (!r && r.error().code == errc::conflict && tries > 0)
          return update(original, change, true, tries - 1, done);
        done(std::move(r));
      });
}

void official_host::update(lease known, change_of_lease change, bool first_read, int tries,
                           outcome done) {
  if (!first_read)
    return write(std::move(known), std::move(change), tries, std::move(done));
  net_.call<lease>(
      alive_, [this, id = known.range_id](moment) { return store_.read(id); },
      [this, change, tries, done](result<lease> r) {
        if (!r)
          return done(std::move(r));
        write(std::move(*r), change, tries, done);
      });
}

void official_host::balance() {
  net_.call<std::vector<lease>>(
      alive_,
      [this](moment) {
        std::vector<lease> all;
        for (const auto& [id, l] : store_.leases())
          all.push_back(l);
        return all;
      },
      [this](result<std::vector<lease>> r) {
        if (!r)
          return;
        std::vector<lease_share> shares;
        for (const auto& l : *r)
          shares.push_back({l.range_id, l.owner,
                            l.timestamp + milliseconds{world_.expiry} < clock_.wall(), l.away});
        const auto chosen =
            testing::official_choice(library_, identity_.instance, shares,
                                     [this](std::size_t n) { return net_.random().below(n); });
        for (const auto& id : chosen)
          for (const auto& l : *r)
            if (l.range_id == id && !workers_.contains(id))
              take(l);
      });
}

void official_host::take(const lease& seen) {
  const auto change = [this, owner = seen.owner](lease& l) {
    if (l.owner != owner)
      return false;
    l.owner = identity_.instance;
    return true;
  };
  update(seen, change, false, retries, [this](result<lease> r) {
    if (r)
      own(std::move(*r));
  });
}

void official_host::own(lease l) {
  ++world_.court.seen["official host took a lease"];
  worker w;
  w.read = lsn_of(l.continuation);
  w.next_renewal = world_.time.now() + renew_interval / 2;
  w.known = std::move(l);
  const auto id = w.known.range_id;
  workers_.insert_or_assign(id, std::move(w));
}

void official_host::renew(const std::string& id, worker& w) {
  w.next_renewal = world_.time.now() + renew_interval;
  const auto change = [this](lease& l) { return l.owner == identity_.instance; };
  w.busy = true;
  update(w.known, change, true, retries, [this, id](result<lease> r) {
    const auto at = workers_.find(id);
    if (at == workers_.end())
      return;
    at->second.busy = false;
    if (r)
      at->second.known = std::move(*r);
    else if (r.error().code == errc::conflict || r.error().code == errc::not_found)
      lost(id);
  });
}

void official_host::work(const std::string& id, worker& w) {
  const auto now = world_.time.now();
  w.next = now + 1'000;
  if (!net_.over(&weather::outage))
    return;
  const auto keys = world_.court.keys_of(w.known);
  const auto range =
      w.known.form == lease_form::pk ? std::optional{id} : world_.feed.range_of(keys);
  constexpr auto always = std::numeric_limits<moment>::min();
  const auto page = range ? world_.feed.read(*range, keys, w.read, always, 40)
                          : result<model_feed::page>{make_error(errc::gone, "several")};
  w.busy = page.has_value() && !page->changes.empty();
  if (!page)
    return follow(id, w.known);
  if (page->changes.empty())
    return;
  world_.time.after(net_.random().between(5, 1'500),
                    [this, id, page = *page, life = std::weak_ptr<bool>{alive_}] {
                      if (!life.lock())
                        return;
                      for (const auto i : page.changes)
                        world_.court.acked(processor_, i);
                      checkpoint(id, page.position);
                    });
}

void official_host::checkpoint(const std::string& id, std::int64_t position) {
  const auto at = workers_.find(id);
  if (at == workers_.end())
    return;
  const auto change = [this, position](lease& l) {
    l.continuation = std::to_string(position);
    return l.owner == identity_.instance;
  };
  const bool reads = library_ == testing::official_library::java;
  update(at->second.known, change, reads, retries, [this, id, position](result<lease> r) {
    const auto w = workers_.find(id);
    if (w == workers_.end())
      return;
    if (!r)
      return lost(id); // the worker ends; the lease comes back by its expiry, or its name
    w->second.busy = false;
    w->second.read = position;
    w->second.known = std::move(*r);
  });
}

void official_host::follow(const std::string& id, lease parent) {
  ++world_.court.seen["official host met a split"];
  lost(id);
  const auto keys = world_.court.keys_of(parent);
  std::vector<lease> children;
  for (const auto& r : world_.feed.ranges()) {
    const auto range = to_bounds(r.keys);
    if (!range.overlaps(keys))
      continue;
    auto child = parent;
    child.owner.clear();
    child.version.clear();
    if (keys.covers(range) && parent.form == lease_form::pk) {
      child.range_id = r.id;
      child.keys = r.keys;
    } else {
      const bounds part{std::max(range.min, keys.min), std::min(range.max, keys.max)};
      child.keys = to_span(part);
      child.range_id = to_string(*child.keys);
      child.form = store_.span_form();
    }
    children.push_back(std::move(child));
  }
  if (children.size() == 1 && children.front().range_id == id)
    return take(parent); // the same keys, elsewhere
  const auto open = std::make_shared<std::size_t>(children.size());
  const auto good = std::make_shared<bool>(true);
  for (const auto& c : children)
    net_.call<lease>(
        alive_, [this, c](moment now) { return store_.create(identity_, c, now); },
        [this, open, good, parent](result<lease> r) {
          if (r)
            take(*r);
          else if (r.error().code != errc::conflict)
            *good = false;
          if (--*open == 0 && *good)
            net_.call<bool>(
                alive_, [this, parent](moment) { return store_.remove(identity_, parent); },
                [](const result<bool>&) {});
        });
}

} // namespace feedcast::simulation
