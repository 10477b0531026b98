#include "actors/delivery.hpp"

#include "core/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace feedcast {

namespace {

using metrics::message_outcome;

// A ticket names a message: the slot of its batch in the upper bits, its index in the lower ones.
constexpr unsigned index_bits = 24;
constexpr std::uint64_t index_mask = (std::uint64_t{1} << index_bits) - 1;
constexpr std::uint32_t produce_chunk = 512;

constexpr std::uint64_t ticket_of(std::uint64_t slot, std::uint32_t index) {
  return slot << index_bits | index;
}

double unix_seconds(wall_time t) {
  return std::chrono::duration<double>(t.time_since_epoch()).count();
}

} // namespace

delivery_state::delivery_state(delivery_actor::pointer self)
    : self_(self), retry_delay_({.first = milliseconds{100}, .cap = milliseconds{2'000}}, 1) {}

delivery_actor::behavior_type delivery_state::init(delivery_arguments args) {
  args_ = std::move(args);
  sink_ = args_.open_sink();
  // The callback outlives nothing: the sink is destroyed with this state, and the address is weak.
  const auto wake = [to = caf::actor_cast<caf::actor_addr>(delivery_actor{self_})] {
    if (const auto a = caf::actor_cast<caf::actor>(to))
      caf::anon_send(a, wake_atom_v);
  };
  sink_->on_ready(wake);
  if (args_.open_dead_letters) {
    dead_letters_ =
        std::make_unique<dead_letter_box>(args_.open_dead_letters(), args_.target, *args_.probe);
    dead_letters_->on_ready(wake);
  }
  self_->set_down_handler([this](caf::down_msg& d) { on_partition_down(d.source.id()); });
  self_->delayed_send(self_, args_.beat, beat_atom_v);
  watch_sink();
  return {
      [this](submit_atom, submission& turn, const partition_actor& from) {
        on_submit(std::move(turn), from);
      },
      [this](wake_atom) { on_wake(); },
      [this](beat_atom) { on_beat(); },
  };
}

void delivery_state::on_submit(submission turn, const partition_actor& from) {
  const auto id = next_slot_++;
  const auto count = turn.last - turn.first;
  if (!finished_.contains(from.id())) {
    finished_.emplace(from.id(), std::pair{from, finished_batches{}});
    self_->monitor(from);
  }
  const auto first = turn.first;
  const auto& s = slots_
                      .emplace(id, slot{.turn = std::move(turn),
                                        .from = from,
                                        .from_id = from.id(),
                                        .produced = first,
                                        .open = count})
                      .first->second;
  queue_.push_back(id);
  inflight_messages_ += count;
  inflight_bytes_ += s.what().bytes.size();
  if (s.turn.last > s.to_produce())
    put_aside(id, slots_.at(id));
  produce();
}

void delivery_state::put_aside(std::uint64_t id, slot& s) {
  if (!dead_letters_)
    throw std::logic_error("a batch holds dead letters, but this target keeps none");
  const auto& b = s.turn.what;
  for (auto i = s.to_produce(); i < s.turn.last; ++i)
    dead_letters_->add(ticket_of(id, i), b, b->messages[i]);
  s.dead = s.turn.last - s.to_produce();
  tend_dead_letters();
}

void delivery_state::tend_dead_letters() {
  if (!dead_letters_)
    return;
  dead_letters_->work(self_->clock().now(),
                      [this](std::uint64_t ticket) { settle(ticket, ending::dead_letter); });
  send_finished();
}

void delivery_state::on_wake() {
  take_reports();
  tend_dead_letters();
  produce();
}

void delivery_state::on_beat() {
  take_reports();
  tend_dead_letters();
  produce();
  watch_sink();
  self_->delayed_send(self_, args_.beat, beat_atom_v);
}

void delivery_state::take_reports() {
  reports_.clear();
  sink_->poll(reports_);
  if (reports_.empty())
    return;
  std::uint64_t acked = 0;
  std::uint64_t retried = 0;
  std::uint64_t undeliverable = 0;
  for (const auto& r : reports_) {
    switch (r.outcome) {
    case delivery_outcome::acknowledged:
      ++acked;
      settle(r.ticket, ending::acknowledged);
      break;
    case delivery_outcome::undeliverable:
      ++undeliverable;
      refuse(r.ticket);
      break;
    case delivery_outcome::retry:
      // An orphan's bytes were only kept for the sink; nobody waits for them to be delivered.
      if (const auto at = slots_.find(r.ticket >> index_bits); at != slots_.end()) {
        if (at->second.from) {
          ++retried;
          retries_.push_back(r.ticket);
        } else {
          settle(r.ticket, ending::lost);
        }
      }
      break;
    }
  }
  args_.probe->messages[message_outcome::acked].add(static_cast<double>(acked));
  args_.probe->messages[message_outcome::retried].add(static_cast<double>(retried));
  args_.probe->messages[message_outcome::undeliverable].add(static_cast<double>(undeliverable));
  if (acked > 0) {
    retry_delay_.reset();
    last_ack_ = self_->clock().now();
    args_.probe->last_ack.set(unix_seconds(args_.watch.clock->wall()));
  }
  if (retried > 0)
    retry_at_ = self_->clock().now() + retry_delay_.next();
  send_finished();
}

void delivery_state::refuse(std::uint64_t ticket) {
  const auto at = slots_.find(ticket >> index_bits);
  if (at == slots_.end() || !at->second.from)
    return settle(ticket, ending::lost);
  const auto& b = at->second.what();
  const auto index = ticket & index_mask;
  if (index >= at->second.turn.repeats) // its change was settled by the first time
    return settle(ticket, ending::acknowledged);
  const auto& m = b.messages[index];
  log::error("message refused by the broker for good", {{"target", args_.target},
                                                        {"bytes", m.size},
                                                        {"lsn", m.lsn},
                                                        {"dead_letter", dead_letters_ != nullptr}});
  if (!dead_letters_)
    return settle(ticket, ending::lost);
  ++at->second.dead;
  std::string record;
  append_dead_letter(record, args_.dead_letter, b.origin, b.next, args_.watch.clock->wall(),
                     {.reason = "refused",
                      .error = "the broker will never take this message: it is too large, or "
                               "against a policy of the topic",
                      .id = b.key(m),
                      .lsn = m.lsn});
  dead_letters_->add(ticket, std::move(record), std::string{b.key(m)});
}

void delivery_state::settle(std::uint64_t ticket, ending how) {
  const auto at = slots_.find(ticket >> index_bits);
  if (at == slots_.end())
    return;
  auto& s = at->second;
  const auto changes = s.what().messages[ticket & index_mask].changes;
  if (how == ending::lost && s.from)
    s.lost.undeliverable += changes;
  if (how == ending::dead_letter) {
    if (!s.from)
      return; // was written off with its partition
    --s.dead;
    s.lost.dead_lettered += changes;
  }
  --inflight_messages_;
  if (--s.open == 0)
    finish(at->first, s);
}

void delivery_state::finish(std::uint64_t id, slot& s) {
  if (s.from) {
    auto& [to, list] = finished_.at(s.from_id);
    list.batches.push_back({s.turn.sequence, s.lost, args_.watch.clock->wall(), s.last_produced});
  }
  inflight_bytes_ -= s.what().bytes.size();
  slots_.erase(id);
}

void delivery_state::send_finished() {
  for (auto& [id, entry] : finished_)
    if (!entry.second.batches.empty())
      self_->send(entry.first, finished_atom_v, std::exchange(entry.second, {}));
}

void delivery_state::produce() {
  bool open = produce_retries();
  while (open && !queue_.empty()) {
    const auto id = queue_.front();
    const auto at = slots_.find(id);
    if (at != slots_.end())
      open = produce_slot(id, at->second);
    if (open)
      queue_.pop_front();
  }
  const auto now = self_->clock().now();
  if (blocked_)
    args_.probe->blocked_seconds.add(std::chrono::duration<double>(now - blocked_since_).count());
  blocked_ = !open;
  blocked_since_ = now;
}

bool delivery_state::produce_retries() {
  if (retries_.empty() || self_->clock().now() < retry_at_)
    return true;
  while (!retries_.empty()) {
    outgoing_.clear();
    const auto n = std::min<std::size_t>(retries_.size(), produce_chunk);
    for (std::size_t i = 0; i < n; ++i) {
      const auto ticket = retries_[i];
      const auto& s = slots_.at(ticket >> index_bits);
      const auto& b = s.what();
      const auto& m = b.messages[ticket & index_mask];
      outgoing_.push_back({b.value(m), b.key(m), ticket, m.lsn});
    }
    const auto accepted = sink_->produce(outgoing_);
    retries_.erase(retries_.begin(), retries_.begin() + static_cast<std::ptrdiff_t>(accepted));
    if (accepted < n)
      return false;
  }
  return true;
}

bool delivery_state::produce_slot(std::uint64_t id, slot& s) {
  const auto& b = s.what();
  const auto count = s.to_produce();
  while (s.produced < count) {
    outgoing_.clear();
    const auto end = std::min(count, s.produced + produce_chunk);
    for (auto i = s.produced; i < end; ++i)
      outgoing_.push_back(
          {b.value(b.messages[i]), b.key(b.messages[i]), ticket_of(id, i), b.messages[i].lsn});
    const auto accepted = sink_->produce(outgoing_);
    s.produced += static_cast<std::uint32_t>(accepted);
    args_.probe->messages[message_outcome::produced].add(static_cast<double>(accepted));
    if (accepted < outgoing_.size())
      return false;
  }
  s.last_produced = self_->clock().now();
  return true;
}

void delivery_state::on_partition_down(caf::actor_id who) {
  finished_.erase(who);
  for (auto at = slots_.begin(); at != slots_.end();) {
    auto& s = at->second;
    if (s.from_id != who || !s.from) {
      ++at;
      continue;
    }
    // What the sink holds points into the batch, so the slot stays until it lets go; the rest is
    // forgotten: the next partition reads it again from its settled position.
    const auto total = s.to_produce();
    const auto forgotten = total - std::exchange(s.produced, total) + std::exchange(s.dead, 0);
    s.from = nullptr;
    s.open -= forgotten;
    inflight_messages_ -= forgotten;
    if (s.open > 0) {
      ++at;
      continue;
    }
    inflight_bytes_ -= s.what().bytes.size();
    at = slots_.erase(at);
  }
  // Retries of orphans are settled as they are: the sink does not hold them any more.
  std::deque<std::uint64_t> kept;
  for (const auto ticket : std::exchange(retries_, {})) {
    const auto at = slots_.find(ticket >> index_bits);
    if (at == slots_.end())
      continue;
    if (at->second.from)
      kept.push_back(ticket);
    else
      settle(ticket, ending::lost);
  }
  retries_ = std::move(kept);
  if (dead_letters_)
    dead_letters_->forget([this](std::uint64_t ticket) {
      const auto at = slots_.find(ticket >> index_bits);
      return at == slots_.end() || !at->second.from;
    });
}

void delivery_state::watch_sink() {
  const auto now = self_->clock().now();
  args_.probe->inflight_messages.set(static_cast<double>(inflight_messages_));
  args_.probe->inflight_bytes.set(static_cast<double>(inflight_bytes_));
  auto is = sink_->state();
  std::optional<metrics::dead_letter_health> dead_letters;
  if (dead_letters_)
    dead_letters = dead_letters_->look();
  const bool changed = !shown_once_ || is.up != shown_.up || is.error_class != shown_.error_class;
  if (is.errors > shown_.errors)
    args_.probe->errors[metrics::parse_target_error_class(is.error_class)].add(
        static_cast<double>(is.errors - shown_.errors));
  if (is.producer_restarts > shown_.producer_restarts) {
    const auto why = is.error_class == "fatal"     ? metrics::producer_restart::fatal
                     : is.error_class == "auth"    ? metrics::producer_restart::auth
                     : is.error_class == "timeout" ? metrics::producer_restart::stalled
                                                   : metrics::producer_restart::other;
    args_.probe->producer_restarts[why].add(
        static_cast<double>(is.producer_restarts - shown_.producer_restarts));
  }
  if (changed && is.up)
    log::info("target can be delivered to", {{"target", args_.target}});
  else if (changed && !is.error_class.empty())
    log::warn("target can't be delivered to",
              {{"target", args_.target}, {"class", is.error_class}, {"reason", is.reason}});
  args_.probe->weak_durability.set(is.weak_durability ? 1 : 0);
  if (changed || now >= next_show_) {
    args_.probe->up.set(is.up ? 1 : 0);
    args_.watch.health->put_target(
        args_.target, {is.up, is.reason, is.error_class, last_ack_, std::move(dead_letters)});
    next_show_ = now + std::chrono::seconds{1};
  }
  shown_ = std::move(is);
  shown_once_ = true;
}

delivery_actor::behavior_type delivery(delivery_actor::stateful_pointer<delivery_state> self,
                                       delivery_arguments args) {
  harden(self);
  return self->state.init(std::move(args));
}

} // namespace feedcast
