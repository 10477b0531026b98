#include "actors/collection.hpp"

#include "core/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace feedcast {

namespace {

constexpr milliseconds beat_interval{100};
constexpr milliseconds show_interval{1'000};
constexpr milliseconds look_interval{5'000};
constexpr milliseconds reread_delay{100};

double unix_seconds(const clock_source& clock) {
  return std::chrono::duration<double>(clock.wall().time_since_epoch()).count();
}

double seconds(steady_time from, steady_time to) {
  return std::chrono::duration<double>(to - from).count();
}

} // namespace

collection_state::collection_state(collection_actor::pointer self) : self_(self) {}

collection_actor::behavior_type collection_state::init(collection_arguments args) {
  args_ = std::move(args);
  source_ = args_.open_source();
  leases_ = args_.open_leases();
  delivery_ = args_.delivery;
  retry_delay_ =
      backoff({.first = milliseconds{200}, .cap = milliseconds{30'000}}, jitter_seed(""));
  const auto& p = args_.options.partition;
  partitions_ = std::make_unique<supervisor>(supervisor::hooks{
      .self = self_,
      .path = "target " + p.target + " / collection " + p.feed,
      .children = metrics::actor_kind::partition,
      .watch = args_.watch,
      .restarts = args_.options.restarts,
      .schedule =
          [this](milliseconds delay, const std::string& child, std::uint64_t generation) {
            self_->delayed_send(self_, delay, restart_atom_v, child, generation);
          },
      .give_up =
          [this](const std::string& child, const std::string& why) {
            self_->quit(exit_because(actor_exit::escalated, child + ": " + why));
          }});
  self_->set_down_handler([this](caf::down_msg& d) { on_down(d); });
  self_->delayed_send(self_, beat_interval, beat_atom_v);
  ask_open();
  return {
      [this](delivery_atom, const delivery_actor& d) { on_delivery(d); },
      [this](progress_atom, range_progress& r) { on_progress(std::move(r)); },
      [this](report_atom, range_report& r) { on_report(std::move(r)); },
      [this](ended_atom, const range_ended& e) { on_ended(e); },
      [this](page_atom, opened_answer& a) { on_opened(std::move(a)); },
      [this](page_atom, ranges_answer& a) { on_ranges(std::move(a)); },
      [this](page_atom, leases_answer& a) { on_leases(std::move(a)); },
      [this](page_atom, start_answer& a) { on_start(std::move(a)); },
      [this](page_atom, lease_answer& a) { on_lease(std::move(a)); },
      [this](page_atom, const done_answer& a) { on_done(a); },
      [this](retry_atom, std::uint64_t step) { on_retry(step); },
      [this](restart_atom, const std::string& child, std::uint64_t generation) {
        if (!draining_)
          partitions_->on_restart(child, generation);
      },
      [this](beat_atom) { on_beat(); },
      [this](drain_atom) { on_drain(); },
  };
}

void collection_state::start_partition(const std::string& range_id) {
  if (!delivery_) {
    ranges_.at(range_id).held = true;
    return;
  }
  partitions_->add("partition " + range_id, [this, range_id] { return spawn_partition(range_id); });
}

caf::actor collection_state::spawn_partition(const std::string& range_id) {
  auto& entry = ranges_.at(range_id);
  entry.delivery_id = delivery_.id();
  entry.report = {};
  entry.report.range_id = range_id;
  entry.beats_silent = 0;
  return caf::actor_cast<caf::actor>(
      self_->spawn(partition, partition_arguments{.options = args_.options.partition,
                                                  .range_id = range_id,
                                                  .from = entry.settled,
                                                  .source = source_,
                                                  .delivery = delivery_,
                                                  .collection = self_,
                                                  .probe = args_.probe,
                                                  .watch = args_.watch,
                                                  .seed = jitter_seed(range_id)}));
}

std::uint64_t collection_state::jitter_seed(const std::string& range_id) const {
  // Differs between instances, processors and ranges, so that they don't retry in step; repeats in
  // tests.
  const auto& o = args_.options;
  return std::hash<std::string>{}(o.instance + '/' + o.partition.target + '/' + o.partition.feed
                                  + '/' + range_id)
         | 1U;
}

/// The range is not read here any more: its partition ends, and nothing of it is shown.
void collection_state::forget(const std::string& range_id) {
  partitions_->remove("partition " + range_id);
  args_.probe->forget_range(range_id);
  args_.watch.health->drop_range({args_.options.partition.target, args_.options.partition.feed},
                                 range_id);
}

void collection_state::on_delivery(const delivery_actor& d) {
  delivery_ = d;
  for (auto& [id, entry] : ranges_)
    if (std::exchange(entry.held, false) && entry.owned && !draining_)
      start_partition(id);
}

void collection_state::on_down(const caf::down_msg& down) {
  const auto ended = partitions_->on_down(down);
  if (!ended)
    return;
  const auto range_id = ended->name.substr(std::string{"partition "}.size());
  const auto at = ranges_.find(range_id);
  if (draining_ || at == ranges_.end() || !at->second.owned || ended->normally) {
    partitions_->remove(ended->name);
    end_if_drained();
    return;
  }
  if (ended->reason == actor_exit::delivery_lost) {
    // Not its fault. The next delivery may have been announced before this end was.
    if (delivery_.id() != at->second.delivery_id)
      start_partition(range_id);
    else
      at->second.held = true;
    return;
  }
  if (ended->reason == actor_exit::wedged)
    source_ = args_.open_source(); // whatever swallowed the answer is not asked again
  partitions_->restart(ended->name, ended->reason);
}

void collection_state::look_for_wedges() {
  // Beats are counted, not time: a process that was suspended has not waited.
  const auto limit = static_cast<std::uint32_t>(args_.options.silence / beat_interval);
  const auto text = " for " + std::to_string(args_.options.silence.count()) + " s";
  std::vector<std::string> silent;
  for (auto& [id, entry] : ranges_) {
    if (!entry.owned)
      continue;
    if (++entry.beats_silent > limit)
      silent.push_back(id);
    entry.beats_writing =
        entry.positions->in_flight() || entry.reread ? entry.beats_writing + 1 : 0;
    if (entry.beats_writing > limit)
      return self_->quit(
          exit_because(actor_exit::wedged, "the lease store did not answer a write" + text));
  }
  for (const auto& id : silent) {
    ranges_.at(id).beats_silent = 0;
    partitions_->replace("partition " + id,
                         exit_because(actor_exit::wedged, "no sign of life" + text));
  }
  if (ask_ && ++beats_asked_ > limit)
    self_->quit(exit_because(actor_exit::wedged, "no answer from lease store or feed" + text));
}

void collection_state::on_progress(range_progress p) {
  const auto at = ranges_.find(p.range_id);
  if (at == ranges_.end() || !at->second.owned)
    return;
  at->second.settled = p.settled;
  at->second.positions->offer(std::move(p.settled.token));
}

void collection_state::on_report(range_report r) {
  const auto at = ranges_.find(r.range_id);
  if (at == ranges_.end())
    return;
  at->second.beats_silent = 0;
  at->second.report = std::move(r);
}

void collection_state::on_ended(const range_ended& e) {
  const auto at = ranges_.find(e.range_id);
  if (at == ranges_.end() || !e.gone || draining_)
    return;
  // Split or merged. Asked for after a moment: the service may report the end before it shows the
  // children.
  at->second.exists = false;
  args_.probe->lease_changes[metrics::lease_change::split].add();
  if (std::exchange(running_, false)) {
    ask_ = [this] { ask_ranges(); };
    self_->delayed_send(self_, reread_delay, retry_atom_v, step_);
  }
}

void collection_state::on_beat() {
  const auto now = self_->clock().now();
  write_positions(now);
  if (!draining_)
    look_for_wedges();
  if (now >= next_show_) {
    show();
    next_show_ = now + show_interval;
  }
  if (running_ && !draining_ && now >= next_look_) {
    next_look_ = now + look_interval;
    if (std::any_of(ranges_.begin(), ranges_.end(),
                    [](const auto& r) { return !r.second.owned && !r.second.unexplained; }))
      ask_leases();
  }
  self_->delayed_send(self_, beat_interval, beat_atom_v);
}

void collection_state::on_drain() {
  if (std::exchange(draining_, true))
    return;
  ++step_; // whatever was asked is of no use any more
  for (auto& [id, entry] : ranges_)
    if (entry.positions)
      entry.positions->flush();
  partitions_->for_each_running([this](const std::string&, const caf::actor& p) {
    self_->send(caf::actor_cast<partition_actor>(p), drain_atom_v);
  });
  end_if_drained();
}

void collection_state::end_if_drained() {
  if (!draining_ || partitions_->any_running())
    return;
  const auto now = self_->clock().now();
  write_positions(now);
  const auto open = std::any_of(ranges_.begin(), ranges_.end(),
                                [](const auto& r) { return r.second.owned && !r.second.released; });
  if (!open)
    self_->quit();
}

void collection_state::show() {
  using metrics::lease_state;
  using metrics::range_state;
  const auto now = self_->clock().now();
  const auto& p = args_.options.partition;
  const metrics::processor_key key{p.target, p.feed};
  std::array<double, metrics::by_label<range_state, metrics::gauge>::size> by_state{};
  metrics::processor_health health;
  health.leases_known = running_;
  health.reason = trouble_;
  double checkpoint_age = 0;
  std::uint64_t window_bytes = 0;
  std::uint64_t window_keys = 0;
  for (const auto& [id, entry] : ranges_) {
    ++health.leases_total;
    if (!entry.owned) {
      ++health.leases_foreign;
      continue;
    }
    const auto& r = entry.report;
    const auto state = r.state == "live"                         ? range_state::live
                       : r.state == "draining"                   ? range_state::draining
                       : r.state.empty() || r.state == "backoff" ? range_state::backoff
                                                                 : range_state::catching_up;
    by_state[static_cast<std::size_t>(state)] += 1;
    window_bytes += r.window_bytes;
    window_keys += r.window_keys;
    if (entry.positions && !entry.positions->settled())
      checkpoint_age = std::max(checkpoint_age, seconds(entry.positions->held_since(), now));
    metrics::range_health h;
    h.state = r.state.empty() ? "starting" : r.state;
    h.polled_once = r.polled_once;
    if (r.polled_once)
      h.last_poll = r.last_poll;
    if (r.oldest_ts > 0)
      h.lag_seconds =
          std::max(0.0, unix_seconds(*args_.watch.clock) - static_cast<double>(r.oldest_ts));
    else if (r.state == "live")
      h.lag_seconds = 0;
    if (r.lsn_known) {
      h.lag_items = r.lsn_behind;
      args_.probe->openwhisk_lag(id, static_cast<double>(r.lsn_behind));
    }
    h.position = entry.stored.continuation;
    args_.watch.health->put_range(key, id, h);
  }
  args_.watch.health->put_processor(key, health);
  for (std::size_t i = 0; i < by_state.size(); ++i)
    args_.probe->ranges[static_cast<range_state>(i)].set(by_state[i]);
  args_.probe->leases[lease_state::owned].set(health.leases_total - health.leases_foreign);
  args_.probe->leases[lease_state::foreign].set(health.leases_foreign);
  args_.probe->lease_coverage.set(running_ ? 1 : 0);
  args_.probe->checkpoint_age.set(checkpoint_age);
  args_.probe->window_bytes.set(static_cast<double>(window_bytes));
  args_.probe->window_keys.set(static_cast<double>(window_keys));
  show_lag(now);
}

void collection_state::show_lag(steady_time now) {
  const auto wall = unix_seconds(*args_.watch.clock);
  double lag = 0;
  double oldest_poll = 0;
  std::uint64_t items = 0;
  bool known = running_;
  for (const auto& [id, entry] : ranges_) {
    if (!entry.owned)
      continue;
    const auto& r = entry.report;
    known &= r.polled_once && r.lsn_known;
    if (!r.polled_once)
      continue;
    // Backlog and silence both count: what was read and is not settled, and the time since the feed
    // last answered.
    const auto silence = seconds(r.last_poll, now);
    const auto wait = std::chrono::duration<double>(r.poll_wait + show_interval).count();
    if (r.oldest_ts > 0)
      lag = std::max(lag, wall - static_cast<double>(r.oldest_ts));
    lag = std::max({lag, silence - wait, 0.0});
    oldest_poll = std::max(oldest_poll, silence);
    items += r.lsn_behind;
  }
  args_.probe->lag_seconds.set(lag);
  args_.probe->lag_items.set(static_cast<double>(items));
  args_.probe->lag_known.set(known ? 1 : 0);
  args_.probe->feed_last_success.set(wall - oldest_poll);
}

collection_actor::behavior_type
collection(collection_actor::stateful_pointer<collection_state> self, collection_arguments args) {
  harden(self);
  return self->state.init(std::move(args));
}

} // namespace feedcast
