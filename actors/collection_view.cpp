// How a processor shows itself: metrics and the health board.
#include "actors/collection.hpp"

#include <algorithm>
#include <utility>

namespace feedcast {

namespace {

using metrics::lease_state;
using metrics::range_state;
using metrics::request_op;

constexpr milliseconds show_interval{1'000};

double unix_seconds(const clock_source& clock) {
  return std::chrono::duration<double>(clock.wall().time_since_epoch()).count();
}

double seconds(steady_time from, steady_time to) {
  return std::chrono::duration<double>(to - from).count();
}

range_state state_of(const range_report& r) {
  if (r.state == "live")
    return range_state::live;
  if (r.state == "draining")
    return range_state::draining;
  return r.state.empty() || r.state == "backoff" ? range_state::backoff : range_state::catching_up;
}

} // namespace

void collection_state::show() {
  const auto now = self_->clock().now();
  const auto& p = args_.options.partition;
  std::array<double, metrics::by_label<range_state, metrics::gauge>::size> by_state{};
  metrics::processor_health health;
  health.leases_known = keeper_->running();
  health.reason = keeper_->trouble();
  health.units_why = units_->why();
  health.deletes = delete_warnings_;
  double checkpoint_age = 0;
  std::uint64_t window_bytes = 0;
  std::uint64_t window_keys = 0;
  double away = 0;
  std::uint64_t identity_bytes = 0;
  for (const auto& [id, s] : keeper_->slots()) {
    ++health.leases_total;
    if (!s.owned) {
      ++health.leases_foreign;
      continue;
    }
    if (!s.positions->settled())
      checkpoint_age = std::max(checkpoint_age, seconds(s.positions->held_since(), now));
    const auto at = readers_.find(id);
    const auto& r = at == readers_.end() ? reader{} : at->second;
    by_state[static_cast<std::size_t>(state_of(r.report))] += 1;
    window_bytes += r.report.window_bytes;
    window_keys += r.report.window_keys;
    away += r.report.away ? 1 : 0;
    identity_bytes += r.report.identity_bytes;
    show_range(id, s, r);
  }
  if (const auto each = limit_of_reader().units_per_second)
    health.units_limit = *each * static_cast<double>(readers_.size());
  args_.probe->request_units_limit.set(health.units_limit.value_or(0));
  args_.watch.health->put_processor({p.target, p.feed}, health);
  for (std::size_t i = 0; i < by_state.size(); ++i)
    args_.probe->ranges[static_cast<range_state>(i)].set(by_state[i]);
  args_.probe->leases[lease_state::owned].set(health.leases_total - health.leases_foreign);
  args_.probe->leases[lease_state::foreign].set(health.leases_foreign);
  args_.probe->lease_coverage.set(keeper_->coverage());
  args_.probe->checkpoint_age.set(checkpoint_age);
  args_.probe->window_bytes.set(static_cast<double>(window_bytes));
  args_.probe->window_keys.set(static_cast<double>(window_keys));
  args_.probe->ranges_away.set(away);
  args_.probe->identity_bytes.set(static_cast<double>(identity_bytes));
  if (health.reason.empty())
    last_trouble_.clear();
  show_lag(now);
  show_costs();
}

void collection_state::show_range(const std::string& range_id, const lease_keeper::slot& s,
                                  const reader& from) {
  const auto& r = from.report;
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
    args_.probe->openwhisk_lag(range_id, static_cast<double>(r.lsn_behind));
  }
  h.region = r.region;
  h.away = r.away;
  h.position = s.stored.continuation;
  args_.watch.health->put_range({args_.options.partition.target, args_.options.partition.feed},
                                range_id, h);
}

void collection_state::show_lag(steady_time now) {
  const auto wall = unix_seconds(*args_.watch.clock);
  double lag = 0;
  double oldest_poll = 0;
  std::uint64_t items = 0;
  bool known = keeper_->running();
  for (const auto& [id, from] : readers_) {
    const auto& r = from.report;
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
  if (caught_up_once_)
    deletes_.worst_lag =
        std::max(deletes_.worst_lag,
                 std::chrono::duration_cast<milliseconds>(std::chrono::duration<double>(lag)));
  caught_up_once_ |= known && lag == 0;
  args_.probe->lag_seconds.set(lag);
  args_.probe->lag_items.set(static_cast<double>(items));
  args_.probe->lag_known.set(known ? 1 : 0);
  args_.probe->feed_last_success.set(wall - oldest_poll);
}

void collection_state::show_costs() {
  const auto now = leases_->costs();
  auto& units = args_.probe->request_units;
  units[request_op::lease_read].add(now.reads.units - shown_costs_.reads.units);
  units[request_op::lease_list].add(now.lists.units - shown_costs_.lists.units);
  units[request_op::lease_write].add(now.writes.units - shown_costs_.writes.units);
  if (const auto calls = now.writes.calls - shown_costs_.writes.calls; calls > 0)
    if (const auto cost = now.writes.units - shown_costs_.writes.units; cost > 0)
      keeper_->cost_of_write(cost / static_cast<double>(calls));
  shown_costs_ = now;
}

} // namespace feedcast
