// The keeper's life: questions, retries, ticks. What a look does is in keeper_look.cpp, what
// happens to one lease in keeper_slots.cpp.
#include "leases/keeper.hpp"

#include <algorithm>
#include <utility>

namespace feedcast {

lease_keeper::lease_keeper(keeper_options options, keeper_port& port, balancer& shares,
                           const clock_source& clock)
    : options_(std::move(options))
    , port_(port)
    , shares_(shares)
    , clock_(clock)
    , retry_delay_({.first = milliseconds{200}, .cap = milliseconds{30'000}}, options_.seed)
    , gone_delay_({.first = milliseconds{100}, .cap = milliseconds{5'000}}, options_.seed + 1)
    , tokens_at_(clock.steady())
    , random_(options_.seed | 1U) {}

lease_keeper::~lease_keeper() {
  shares_.forget(options_.processor);
}

lease_keeper::ticket lease_keeper::ask(question what, const std::string& range_id) {
  const auto t = ++last_ticket_;
  questions_.emplace(t, open_question{what, range_id, tick_, clock_.steady()});
  return t;
}

std::optional<lease_keeper::open_question> lease_keeper::answered(ticket t) {
  const auto at = questions_.find(t);
  if (at == questions_.end())
    return std::nullopt;
  auto q = std::move(at->second);
  questions_.erase(at);
  return q;
}

std::uint32_t lease_keeper::ticks_waiting() const {
  if (questions_.empty()) // tickets grow, so the first one is the oldest
    return 0;
  return static_cast<std::uint32_t>(tick_ - questions_.begin()->second.tick);
}

void lease_keeper::later(const char* step, const error& e, std::function<void()> again) {
  // One look at a time: what failed is seen again by the one that is under way.
  const bool under_way =
      retry_ || std::any_of(questions_.begin(), questions_.end(), [](const auto& q) {
        return q.second.what <= question::mark && q.second.what != question::unlock;
      });
  if (under_way) {
    creating_ = false;
    tasks_.clear();
    return port_.trouble(step, e, {});
  }
  const auto wait = retry_delay_.next(e.retry_after);
  looking_ = true;
  creating_ = false;
  tasks_.clear();
  retry_ = std::move(again);
  retry_at_ = clock_.steady() + wait;
  trouble_ = to_string(e);
  port_.trouble(step, e, wait);
}

double lease_keeper::random_unit() {
  // xorshift: spreads instances in time, nothing more.
  random_ ^= random_ << 13U;
  random_ ^= random_ >> 7U;
  random_ ^= random_ << 17U;
  return static_cast<double>(random_ >> 11U) / 9007199254740992.0;
}

wall_time lease_keeper::store_time() const {
  // Instances of other libraries judge our leases by what we write, so it is the store's time and
  // not ours, which may be wrong.
  if (listed_wall_ == wall_time{})
    return clock_.wall();
  return listed_wall_
         + std::chrono::duration_cast<wall_time::duration>(clock_.steady() - listed_steady_);
}

bool lease_keeper::is_ours(const lease& l) const {
  return l.owner == options_.instance && (l.boot == options_.boot || l.boot.empty());
}

lease lease_keeper::claimed(lease l) const {
  l.owner = options_.instance;
  l.boot = options_.boot;
  l.away = !options_.near;
  l.timestamp = store_time();
  if (!l.continuation.empty())
    l.start.reset();
  return l;
}

void lease_keeper::begin() {
  looking_ = true;
  port_.open(ask(question::open));
}

void lease_keeper::on_opened(ticket t, result<lease_store_state> r) {
  if (!answered(t))
    return;
  if (!r)
    return later("open the lease store", r.error(), [this] { begin(); });
  state_ = *r;
  look();
}

void lease_keeper::look() {
  looking_ = true;
  port_.list(ask(question::list));
}

void lease_keeper::on_tick() {
  ++tick_;
  const auto now = clock_.steady();
  if (retry_ && now >= retry_at_) {
    const auto again = std::exchange(retry_, nullptr);
    again();
  }
  if (!looking_ && !draining_ && now >= next_look_)
    look();
  write_what_is_due();
}

void lease_keeper::settled(const std::string& range_id, std::string position) {
  const auto at = slots_.find(range_id);
  if (at == slots_.end() || !at->second.owned)
    return;
  at->second.settled = {range_start::kind::position, position, {}};
  at->second.positions->offer(std::move(position));
}

void lease_keeper::gone(const std::string& range_id) {
  const auto at = slots_.find(range_id);
  if (at == slots_.end() || !at->second.owned || draining_)
    return;
  at->second.gone = true;
  ranges_stale_ = true;
  port_.tell(lease_event::split, range_id, "");
  // After a moment: the service may report the end before it shows the children.
  next_look_ = std::min(next_look_, clock_.steady() + gone_delay_.next());
}

void lease_keeper::drain() {
  draining_ = true;
  creating_ = false; // what is open of a first start stays open: no marker is written
  retry_ = nullptr;
  tasks_.clear();
  replacing_.clear();
  std::erase_if(questions_, [](const auto& q) { return q.second.what <= question::resolve; });
  std::erase_if(started_, [this](const auto& s) {
    return std::none_of(questions_.begin(), questions_.end(),
                        [&](const auto& q) { return q.second.range_id == s.first; });
  });
  for (auto& [id, s] : slots_)
    if (s.owned)
      s.positions->flush();
}

void lease_keeper::give_back() {
  giving_back_ = true;
  write_what_is_due();
}

bool lease_keeper::given_back() const {
  // A lease that is being taken may turn out to be ours.
  return giving_back_ && started_.empty()
         && std::all_of(slots_.begin(), slots_.end(),
                        [](const auto& s) { return !s.second.owned || s.second.given_back; });
}

} // namespace feedcast
