#include "tests/consumers/world.hpp"

#include <algorithm>

namespace feedcast::consumers {

namespace {

constexpr moment shortest = 10'000;
constexpr moment longest = 40'000;
constexpr moment longest_quiet = 120'000;
/// Positions are told by answers to questions that were asked so long after the trouble; then what
/// they promised may take as long again as a confirmation and its retry.
constexpr moment settling = 3'000;
constexpr moment confirming = confirm_after.count() + 2'000;

} // namespace

world::world(stage& time, std::uint64_t seed, switches on, journal& notes)
    : time_(time)
    , notes_(notes)
    , on_(on)
    , luck_(seed)
    , ranges_(luck_.chance(300) ? 2 : 1)
    , end_(luck_.between(shortest, longest))
    , cloud_(time, luck_, seen_, ranges_) {
  const auto keys = luck_.between(6, 24);
  for (std::int64_t i = 0; i < keys; ++i)
    keys_.push_back("guest/a" + std::to_string(i));
  shared_.tombstones = on.tombstones;
  for (std::size_t i = 0; i < cluster_count; ++i) {
    topics_[i] = std::make_unique<topic>(time, luck_, seen_);
    const auto instances = static_cast<std::size_t>(luck_.between(2, 3));
    for (std::size_t n = 0; n < instances; ++n)
      controllers_.push_back(std::make_unique<controller>(time, luck_, seen_, notes, cloud_,
                                                          *topics_[i], shared_, i, n));
  }
  process_ = std::make_unique<feedcast_process>(time, luck_, seen_, notes, cloud_, topics_, on);
}

world::~world() {
  process_.reset();
  time_.clear(); // before what its plans are about
}

void world::later(moment from, moment to, std::function<void()> what) {
  time_.plans().at(time_.now() + luck_.between(from, to), [this, what = std::move(what)] {
    if (active())
      what();
  });
}

const std::string& world::some_key() {
  // Some are hotter than others.
  return keys_[std::min(luck_.below(keys_.size()), luck_.below(keys_.size()))];
}

outcome world::run() {
  process_->start();
  for (auto& c : controllers_)
    later(0, 500, [this, &c = *c] { act(c); });
  later(0, 2'000, [this] { disturb_replicas(); });
  later(500, 5'000, [this] { disturb_region(); });
  later(2'000, 15'000, [this] { disturb_process(); });
  later(3'000, 20'000, [this] { disturb_controller(); });
  for (std::size_t i = 0; i < cluster_count; ++i) {
    later(500, 10'000, [this, i] { disturb_feed(i); });
    later(500, 10'000, [this, i] { disturb_broker(i); });
  }
  time_.run_until(end_);
  quieten();
  outcome o;
  while (!o.drained && time_.now() < end_ + longest_quiet) {
    time_.run_until(time_.now() + 500);
    o.drained = at_rest();
  }
  time_.run_until(time_.now() + confirming);
  o.drained = o.drained && at_rest();
  judge(o);
  o.length = time_.now();
  o.seen = seen_;
  return o;
}

void world::quieten() {
  tell("quiet");
  cloud_.calm();
  for (auto& c : controllers_)
    c->loses_write_answers = 0;
  for (std::size_t i = 0; i < cluster_count; ++i) {
    topics_[i]->mood = {};
    process_->way(i).mood = {};
    process_->leases(i).faults = 0;
  }
}

bool world::at_rest() const {
  for (std::size_t i = 0; i < cluster_count; ++i) {
    const auto region = on_.own_region ? i : cloud_.write_region();
    for (std::uint32_t r = 0; r < ranges_; ++r)
      if (process_->way(i).nothing_new(region, std::to_string(r)).value_or(0) < end_ + settling)
        return false;
    if (topics_[i]->in_flight() > 0)
      return false;
  }
  return std::all_of(controllers_.begin(), controllers_.end(),
                     [](const auto& c) { return c->read_everything(); });
}

void world::judge(outcome& o) {
  for (const auto& c : controllers_)
    for (const auto& [key, held] : c->cache()) {
      const auto [etag, now] = cloud_.look_up(c->cluster(), document_id(key));
      if (now && !now->tombstone && etag == held.etag)
        continue;
      o.stale.push_back(c->name() + " holds " + key + " in version " + std::to_string(held.version)
                        + ", its region "
                        + (!now             ? "has none"
                           : now->tombstone ? "has a tombstone"
                                            : "has version " + std::to_string(now->version)));
      if (o.first_key.empty())
        o.first_key = key;
    }
}

// -- what goes on by itself

void world::act(controller& c) {
  const auto& key = some_key();
  const auto what = luck_.between(0, 999);
  if (what < 30)
    c.write(key);
  else if (what < 42)
    c.remove(key);
  else
    c.read(key);
  later(20, 500, [this, &c] { act(c); });
}

void world::disturb_replicas() {
  seen_(met::replicas_changed);
  cloud_.shuffle_replicas(luck_.below(cluster_count));
  later(200, 2'500, [this] { disturb_replicas(); });
}

void world::disturb_feed(std::size_t cluster) {
  auto& way = process_->way(cluster);
  const auto some = [this] { return luck_.chance(400) ? luck_.between(20, 600) : 0; };
  way.mood = {some() / 4, some(), some(), some(), some()};
  process_->leases(cluster).faults = some();
  tell("the feed of " + std::string{cluster_ids[cluster]} + " is disturbed");
  later(300, 6'000, [this, cluster] {
    process_->way(cluster).mood = {};
    process_->leases(cluster).faults = 0;
    tell("the feed of " + std::string{cluster_ids[cluster]} + " is well");
    later(500, 15'000, [this, cluster] { disturb_feed(cluster); });
  });
}

void world::disturb_broker(std::size_t cluster) {
  auto& mood = topics_[cluster]->mood;
  mood = {luck_.between(0, 400), luck_.between(0, 400), luck_.chance(400)};
  if (mood.out)
    seen_(met::broker_outage);
  tell("the broker of " + std::string{cluster_ids[cluster]} + " is disturbed");
  later(300, 6'000, [this, cluster] {
    topics_[cluster]->mood = {};
    tell("the broker of " + std::string{cluster_ids[cluster]} + " is well");
    later(500, 15'000, [this, cluster] { disturb_broker(cluster); });
  });
}

void world::disturb_process() {
  seen_(met::feedcast_crash);
  tell("feedcast crashes");
  process_->kill();
  time_.plans().at(time_.now() + luck_.between(50, 2'000), [this] {
    tell("feedcast starts");
    process_->start();
  });
  later(4'000, 30'000, [this] { disturb_process(); });
}

void world::disturb_controller() {
  seen_(met::controller_restart);
  auto& c = *controllers_[luck_.below(controllers_.size())];
  notes_.note("", c.name() + " starts anew");
  c.restart();
  c.loses_write_answers = luck_.chance(500) ? luck_.between(50, 500) : 0;
  later(3'000, 30'000, [this] { disturb_controller(); });
}

} // namespace feedcast::consumers
