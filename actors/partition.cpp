#include "actors/partition.hpp"

#include "core/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace feedcast {

namespace {

using metrics::change_outcome;
using metrics::delivery_stage;

constexpr milliseconds beat_interval{1000};

std::int64_t epoch_seconds(wall_time t) {
  return std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
}

double seconds_between(steady_time from, steady_time to) {
  return std::chrono::duration<double>(to - from).count();
}

std::uint32_t own_message_changes(const batch& b) {
  const auto& c = b.counts;
  return c.changes - c.own - c.filtered - c.coalesced - c.unusable;
}

} // namespace

partition_state::partition_state(partition_actor::pointer self) : self_(self) {}

partition_state::~partition_state() {
  if (window_ && args_.probe)
    args_.probe->changes[change_outcome::abandoned].add(window_->changes());
}

partition_actor::behavior_type partition_state::init(partition_arguments args) {
  args_ = std::move(args);
  const auto& o = args_.options;
  stages_ = std::make_unique<page_stages>(o.stages, args_.memory);
  window_ = std::make_unique<range_window>(o.window);
  schedule_ = poll_schedule{o.poll_min, o.poll_max};
  retry_delay_ = backoff({.first = milliseconds{100}, .cap = milliseconds{30'000}}, args_.seed);
  items_ = o.max_items;
  next_ = args_.from;
  if (const auto* at = std::get_if<continuation>(&args_.from))
    seen_ = *at;
  last_poll_ = self_->clock().now();
  caught_up_at_ = args_.watch.clock->wall();
  budget_.limit(args_.limit.units_per_second, last_poll_);
  self_->monitor(args_.delivery);
  self_->set_down_handler([this](caf::down_msg&) {
    // What it held is lost with it; the settled position is not.
    self_->quit(exit_because(actor_exit::delivery_lost, "the target's delivery ended"));
  });
  self_->delayed_send(self_, beat_interval, beat_atom_v);
  if (needs_warming())
    begin_warming();
  fetch_later(milliseconds{0});
  return {
      [this](page_atom, page_answer& answer) { on_page(std::move(answer)); },
      [this](poll_atom, std::uint64_t fetch) { on_poll(fetch); },
      [this](finished_atom, const finished_batches& done) { on_finished(done); },
      [this](confirm_atom) { on_confirm(); },
      [this](limit_atom, const unit_limit& l) {
        budget_.limit(l.units_per_second, self_->clock().now());
      },
      [this](beat_atom) { on_beat(); },
      [this](drain_atom) { on_drain(); },
  };
}

void partition_state::fetch() {
  asked_ = search_.active() ? search_.ask() : budget_.page_size(items_);
  ask_source(asked_, false);
}

void partition_state::look_ahead() {
  if (draining_ || gone_ || fetching_ || waiting_ || window_->has_room()
      || budget_.wait(self_->clock().now()).count() > 0)
    return;
  looking_ahead_ = true;
  ask_source(1, true);
}

void partition_state::ask_source(std::uint32_t items, bool peek) {
  fetching_ = true;
  beats_asked_ = 0;
  args_.source->fetch({args_.range_id, next_, items, args_.keys, peek},
                      [to = caf::actor_cast<caf::actor_addr>(partition_actor{self_}),
                       number = fetch_](result<feed_page_ptr> page) {
                        if (const auto a = caf::actor_cast<caf::actor>(to))
                          caf::anon_send(a, page_atom_v, page_answer{number, std::move(page)});
                      });
}

void partition_state::fetch_later(milliseconds wait) {
  wait_ = wait;
  if (draining_ || gone_ || fetching_ || waiting_ || (wait.count() == 0 && !window_->has_room()))
    return;
  if (const auto least = budget_.wait(self_->clock().now()); least > wait) {
    args_.probe->governor_wait.add(std::chrono::duration<double>(least - wait).count());
    wait = least;
  }
  if (wait.count() > 0) {
    waiting_ = true;
    self_->delayed_send(self_, wait, poll_atom_v, fetch_);
  } else {
    fetch();
  }
}

void partition_state::on_poll(std::uint64_t number) {
  if (number != fetch_ || !waiting_)
    return;
  waiting_ = false;
  fetch_later(milliseconds{0});
}

void partition_state::on_page(page_answer answer) {
  if (answer.fetch != fetch_ || !fetching_)
    return;
  fetching_ = false;
  ++fetch_;
  const bool looked_ahead = std::exchange(looking_ahead_, false);
  if (draining_ || gone_) {
    end_if_done();
    return;
  }
  if (warming_) {
    on_warming_page(answer.page);
    return;
  }
  if (looked_ahead) {
    if (answer.page)
      take_figures(**answer.page);
    fetch_later(milliseconds{0});
    return;
  }
  if (!answer.page) {
    on_failure(answer.page.error());
    return;
  }
  take_page(*answer.page);
}

void partition_state::hand_over() {
  const auto now = self_->clock().now();
  while (auto turn = window_->take(now))
    self_->send(args_.delivery, submit_atom_v, std::move(*turn), partition_actor{self_});
  const auto due = window_->next_due();
  if (!due || *due <= now || (confirm_at_ && *confirm_at_ <= *due))
    return; // nothing rests, or credit is waited for, or the timer runs
  confirm_at_ = due;
  self_->delayed_send(self_, *due - now, confirm_atom_v);
}

void partition_state::on_confirm() {
  confirm_at_.reset();
  hand_over();
}

void partition_state::report_progress() {
  if (auto settled = window_->take_prefix())
    self_->send(args_.collection, progress_atom_v,
                range_progress{args_.range_id, std::move(*settled)});
}

void partition_state::on_finished(const finished_batches& done) {
  for (const auto& f : done.batches)
    settle(f);
  hand_over();
  report_progress();
  if (window_->idle() && !away_) // what is read away from home is read again
    stages_->settled();
  if (!waiting_)
    fetch_later(milliseconds{0});
  end_if_done();
}

void partition_state::settle(const finished_batch& f) {
  const auto end = window_->finish(f.sequence, f.lost);
  if (!end.what)
    return;
  const auto& b = *end.what;
  if (end.first)
    observe(b, f);
  if (!end.last)
    return;
  const auto* probe = args_.probe;
  const auto changes = own_message_changes(b);
  probe->changes[change_outcome::acked].add(changes - end.lost.undeliverable
                                            - end.lost.dead_lettered);
  probe->changes[change_outcome::unusable].add(end.lost.undeliverable);
  probe->changes[change_outcome::dead_lettered].add(end.lost.dead_lettered);
  probe->openwhisk_count.add(changes);
  settled_lsn_ = std::max(settled_lsn_, b.last_lsn);
}

void partition_state::observe(const batch& b, const finished_batch& f) {
  const auto end = b.invalidations();
  const auto count = static_cast<std::uint32_t>(end - b.later);
  if (count == 0)
    return;
  const auto* probe = args_.probe;
  const auto now = self_->clock().now();
  probe->delivery_seconds[delivery_stage::total].observe(seconds_between(b.received, now), count);
  probe->delivery_seconds[delivery_stage::produce].observe(seconds_between(f.produced, now), count);
  // Neighbours usually share their second: one observation for each run of equal timestamps.
  for (std::size_t i = b.later; i < end;) {
    auto next = i + 1;
    while (next < end && b.messages[next].ts == b.messages[i].ts)
      ++next;
    probe->propagated(b.messages[i].ts, f.at, static_cast<std::uint32_t>(next - i));
    i = next;
  }
}

void partition_state::on_drain() {
  draining_ = true;
  window_->stop_confirming();
  if (fetching_) {
    ++fetch_; // its answer is of no use any more
    fetching_ = false;
  }
  end_if_done();
}

void partition_state::end_if_done() {
  // What rests for its second turn is read again by whoever goes on from the settled position.
  if ((!draining_ && !gone_) || !window_->quiet())
    return;
  self_->send(args_.collection, ended_atom_v, range_ended{args_.range_id, gone_});
  self_->quit();
}

std::string_view partition_state::state_name() const {
  if (draining_ || gone_)
    return "draining";
  if (!last_error_.empty())
    return "backoff";
  return caught_up_ ? "live" : "catching_up";
}

void partition_state::on_beat() {
  // Beats are counted, not time: a process that was suspended has not waited.
  if (fetching_ && ++beats_asked_ * beat_interval > args_.options.answer_within) {
    self_->quit(exit_because(actor_exit::wedged,
                             "the feed gave neither page nor error for "
                                 + std::to_string(args_.options.answer_within.count()) + " s"));
    return;
  }
  look_ahead();
  send_report();
  self_->delayed_send(self_, beat_interval, beat_atom_v);
}

std::uint64_t partition_state::lsn_behind() const {
  const auto newest = *session_lsn_;
  if (const auto first = window_->first_lsn(); first > 0)
    return newest >= first ? newest - first + 1 : 0;
  return newest > settled_lsn_ ? newest - settled_lsn_ : 0;
}

void partition_state::send_report() {
  range_report r;
  r.range_id = args_.range_id;
  r.state = state_name();
  r.polled_once = polled_once_;
  r.last_poll = last_poll_;
  r.poll_wait = wait_;
  r.oldest_ts = window_->oldest_ts();
  if (r.oldest_ts == 0 && !caught_up_)
    // All of it is settled, but there is more to read. Where changes bear no time, what is not read
    // yet is at most as old as this.
    r.oldest_ts = read_ts_ != 0 ? read_ts_ : epoch_seconds(caught_up_at_);
  r.lsn_known =
      session_lsn_.has_value() && (settled_lsn_ > 0 || caught_up_ || window_->first_lsn() > 0);
  if (r.lsn_known)
    r.lsn_behind = lsn_behind();
  if (behind_) {
    r.lsn_known = true;
    r.lsn_behind = *behind_ + window_->changes();
  }
  r.window_bytes = window_->bytes();
  r.window_keys = window_->keys();
  r.region = region_;
  r.away = away_;
  r.identity_bytes = args_.memory ? args_.memory->bytes() : 0;
  r.last_error = last_error_;
  r.deletes = std::exchange(deletes_, {});
  self_->send(args_.collection, report_atom_v, std::move(r));
}

partition_actor::behavior_type partition(partition_actor::stateful_pointer<partition_state> self,
                                         partition_arguments args) {
  harden(self);
  return self->state.init(std::move(args));
}

} // namespace feedcast
