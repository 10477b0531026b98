#include "actors/collection.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace feedcast {

namespace {

constexpr milliseconds beat_interval{100};
constexpr milliseconds show_interval{1'000};

read_position position_of(const range_start& s) {
  switch (s.from) {
  case range_start::kind::position:
    return continuation{s.continuation};
  case range_start::kind::beginning:
    return start_point{start_point::kind::beginning, {}};
  case range_start::kind::now:
    return start_point{start_point::kind::now, {}};
  case range_start::kind::time:
    break;
  }
  return start_point{start_point::kind::time, s.at};
}

} // namespace

collection_state::collection_state(collection_actor::pointer self) : self_(self) {}

collection_actor::behavior_type collection_state::init(collection_arguments args) {
  args_ = std::move(args);
  source_ = args_.open_source();
  leases_ = args_.open_leases();
  delivery_ = args_.delivery;
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
  auto options = args_.options.leases;
  options.processor = p.target + '/' + p.feed;
  options.seed = jitter_seed("");
  auto& port = static_cast<keeper_port&>(*this); // make_unique may not see that it is one
  keeper_ =
      std::make_unique<lease_keeper>(std::move(options), port, *args_.shares, *args_.watch.clock);
  self_->set_down_handler([this](caf::down_msg& d) { on_down(d); });
  self_->delayed_send(self_, beat_interval, beat_atom_v);
  units_.emplace(args_.options.units);
  ask_throughput(self_->clock().now());
  keeper_->begin();
  return {
      [this](delivery_atom, const delivery_actor& d) { on_delivery(d); },
      [this](progress_atom, range_progress& r) {
        keeper_->settled(r.range_id, std::move(r.settled.token));
      },
      [this](report_atom, range_report& r) { on_report(std::move(r)); },
      [this](ended_atom, const range_ended& e) {
        if (e.gone)
          keeper_->gone(e.range_id);
      },
      [this](page_atom, opened_answer& a) { keeper_->on_opened(a.step, std::move(a.state)); },
      [this](page_atom, ranges_answer& a) { on_ranges(std::move(a)); },
      [this](page_atom, leases_answer& a) { keeper_->on_listed(a.step, std::move(a.leases)); },
      [this](page_atom, lock_answer& a) { keeper_->on_locked(a.step, std::move(a.wait)); },
      [this](page_atom, start_answer& a) {
        keeper_->on_resolved(a.step, a.page ? result<std::string>{(*a.page)->next.token}
                                            : result<std::string>{a.page.error()});
      },
      [this](page_atom, lease_answer& a) {
        keeper_->on_lease(a.step, std::move(a.stored));
        end_if_drained();
      },
      [this](page_atom, traits_answer& a) { on_traits(std::move(a)); },
      [this](page_atom, done_answer& a) { keeper_->on_done(a.step, std::move(a.done)); },
      [this](page_atom, throughput_answer& a) { on_throughput(a.throughput); },
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
    readers_.at(range_id).held = true;
    return;
  }
  partitions_->add("partition " + range_id, [this, range_id] { return spawn_partition(range_id); });
}

caf::actor collection_state::spawn_partition(const std::string& range_id) {
  auto& r = readers_.at(range_id);
  r.delivery_id = delivery_.id();
  r.report = {};
  r.report.range_id = range_id;
  r.beats_silent = 0;
  told_.reset();
  const auto& p = args_.options.partition;
  if (p.stages.content == feed_content::identities && !r.memory)
    r.memory = std::make_shared<identity_memory>(p.identity_memory,
                                                 p.stages.identities == identity_keys::uuids);
  return caf::actor_cast<caf::actor>(self_->spawn(
      partition, partition_arguments{.options = args_.options.partition,
                                     .range_id = range_id,
                                     .keys = r.keys,
                                     .from = position_of(keeper_->slots().at(range_id).settled),
                                     .memory = r.memory,
                                     .source = source_,
                                     .delivery = delivery_,
                                     .collection = self_,
                                     .probe = args_.probe,
                                     .watch = args_.watch,
                                     .seed = jitter_seed(range_id),
                                     .limit = limit_of_reader()}));
}

std::uint64_t collection_state::jitter_seed(const std::string& range_id) const {
  // Differs between instances, processors and ranges, so that they don't retry in step; repeats in
  // tests.
  const auto& o = args_.options;
  return std::hash<std::string>{}(o.leases.instance + '/' + o.partition.target + '/'
                                  + o.partition.feed + '/' + range_id)
         | 1U;
}

void collection_state::on_delivery(const delivery_actor& d) {
  delivery_ = d;
  for (auto& [id, r] : readers_)
    if (std::exchange(r.held, false) && !draining_)
      start_partition(id);
}

void collection_state::on_down(const caf::down_msg& down) {
  const auto ended = partitions_->on_down(down);
  if (!ended)
    return;
  const auto range_id = ended->name.substr(std::string{"partition "}.size());
  const auto at = readers_.find(range_id);
  if (draining_ || at == readers_.end() || ended->normally) {
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
  for (auto& [id, r] : readers_)
    if (!r.held && ++r.beats_silent > limit)
      silent.push_back(id);
  for (const auto& id : silent) {
    readers_.at(id).beats_silent = 0;
    readers_.at(id).memory = nullptr; // it may still be at it
    partitions_->replace("partition " + id,
                         exit_because(actor_exit::wedged, "no sign of life" + text));
  }
  if (keeper_->ticks_waiting() > limit)
    self_->quit(exit_because(actor_exit::wedged, "no answer from lease store or feed" + text));
}

void collection_state::on_report(range_report r) {
  const auto at = readers_.find(r.range_id);
  if (at == readers_.end())
    return;
  at->second.beats_silent = 0;
  note_deletes(r.deletes);
  at->second.report = std::move(r);
}

void collection_state::on_beat() {
  const auto now = self_->clock().now();
  keeper_->on_tick();
  if (!draining_)
    look_for_wedges();
  watch_deletes(now);
  if (now >= next_show_) {
    ask_throughput(now);
    share_units();
    show();
    next_show_ = now + show_interval;
  }
  end_if_drained();
  self_->delayed_send(self_, beat_interval, beat_atom_v);
}

void collection_state::on_drain() {
  if (std::exchange(draining_, true))
    return;
  keeper_->drain();
  partitions_->for_each_running([this](const std::string&, const caf::actor& p) {
    self_->send(caf::actor_cast<partition_actor>(p), drain_atom_v);
  });
  end_if_drained();
}

void collection_state::end_if_drained() {
  if (!draining_ || partitions_->any_running())
    return;
  keeper_->give_back();
  if (keeper_->given_back())
    self_->quit();
}

collection_actor::behavior_type
collection(collection_actor::stateful_pointer<collection_state> self, collection_arguments args) {
  harden(self);
  return self->state.init(std::move(args));
}

} // namespace feedcast
