#include "actors/dead_letter_box.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <utility>

namespace feedcast {

namespace {

constexpr std::size_t chunk = 64;

} // namespace

dead_letter_box::dead_letter_box(std::unique_ptr<message_sink> sink, std::string target,
                                 const metrics::target_probe& probe)
    : target_(std::move(target))
    , probe_(probe)
    , delay_({.first = milliseconds{100}, .cap = milliseconds{2'000}}, 1)
    , sink_(std::move(sink)) {}

dead_letter_box::~dead_letter_box() {
  probe_.dead_letters_waiting.set(0);
}

void dead_letter_box::add(std::uint64_t ticket, batch_ptr where, const message_ref& record) {
  const auto bytes = where->value(record);
  insert(ticket, {.where = std::move(where), .record = {}, .key = {}, .bytes = bytes});
}

void dead_letter_box::add(std::uint64_t ticket, std::string record, std::string key) {
  insert(ticket,
         {.where = nullptr, .record = std::move(record), .key = std::move(key), .bytes = {}});
}

void dead_letter_box::insert(std::uint64_t ticket, entry e) {
  auto& kept = entries_.insert_or_assign(ticket, std::move(e)).first->second;
  if (!kept.where)
    kept.bytes = kept.record; // only now does it lie where it stays
  queue_.push_back(ticket);
}

void dead_letter_box::forget(const std::function<bool(std::uint64_t)>& doomed) {
  std::erase_if(queue_, [&](std::uint64_t ticket) { return doomed(ticket); });
  for (auto& [ticket, e] : entries_)
    e.doomed |= doomed(ticket);
  std::erase_if(entries_, [](const auto& e) { return e.second.doomed && !e.second.in_sink; });
}

void dead_letter_box::work(steady_time now, const std::function<void(std::uint64_t)>& written) {
  take_reports(now, written);
  hand_over(now);
  probe_.dead_letters_waiting.set(static_cast<double>(entries_.size()));
}

void dead_letter_box::take_reports(steady_time now,
                                   const std::function<void(std::uint64_t)>& written) {
  reports_.clear();
  sink_->poll(reports_);
  bool failed = false;
  for (const auto& r : reports_) {
    const auto at = entries_.find(r.ticket);
    if (at == entries_.end())
      continue;
    if (r.outcome == delivery_outcome::acknowledged) {
      entries_.erase(at);
      probe_.dead_letters.add();
      delay_.reset();
      written(r.ticket);
      continue;
    }
    if (at->second.doomed) {
      entries_.erase(at);
      continue;
    }
    if (r.outcome == delivery_outcome::undeliverable) {
      // Nothing may pass an unwritten dead letter, so there is nothing but to try again.
      static log::limiter once{milliseconds{10'000}};
      if (const auto pass = once.admit())
        log::error("a dead letter was refused for good, trying again; its position waits",
                   {{"target", target_}, {"bytes", at->second.bytes.size()}, {"more", *pass}});
    }
    at->second.in_sink = false;
    queue_.push_back(r.ticket);
    failed = true;
  }
  if (failed)
    next_try_ = now + delay_.next();
}

void dead_letter_box::hand_over(steady_time now) {
  while (!queue_.empty() && now >= next_try_) {
    outgoing_.clear();
    const auto n = std::min(queue_.size(), chunk);
    for (std::size_t i = 0; i < n; ++i) {
      const auto& e = entries_.at(queue_[i]);
      outgoing_.push_back({.value = e.bytes, .key = e.key, .ticket = queue_[i]});
    }
    const auto accepted = sink_->produce(outgoing_);
    for (std::size_t i = 0; i < accepted; ++i)
      entries_.at(queue_[i]).in_sink = true;
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(accepted));
    if (accepted < n)
      return;
  }
}

metrics::dead_letter_health dead_letter_box::look() {
  const auto is = sink_->state();
  const bool stuck = !is.up && !is.reason.empty();
  if (stuck && !entries_.empty() && !std::exchange(stuck_, true))
    log::error("dead letters can't be written; the positions of their ranges wait",
               {{"target", target_},
                {"waiting", entries_.size()},
                {"class", is.error_class},
                {"reason", is.reason}});
  else if (!stuck && std::exchange(stuck_, false))
    log::info("dead letters are written again", {{"target", target_}});
  return {.up = is.up, .waiting = entries_.size(), .reason = is.reason};
}

} // namespace feedcast
