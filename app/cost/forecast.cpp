#include "app/cost/forecast.hpp"

#include "settings/complete.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace feedcast::app {

namespace {

constexpr double look_units = 1;
constexpr double write_units = 10;
constexpr double lease_bytes = 600;

double seconds(milliseconds t) {
  return std::chrono::duration<double>(t).count();
}

double read_units(double bytes) {
  constexpr double kib = 1024;
  constexpr double of_a_further_kib = 0.15;
  return 1 + std::max(0.0, bytes / kib - 1) * of_a_further_kib;
}

/// How one range is read, a second.
struct range_reading {
  double empty_polls = 0;
  double page_units = 0;
};

/// Empty polls between two changes: at once, then after growing waits.
double empty_polls_between(const settings::tuning_config& t, double gap, double round_trip) {
  const auto longest = std::max(seconds(t.poll.min), seconds(t.poll.max));
  double wait = seconds(t.poll.min);
  double count = 0;
  for (double at = round_trip; at < gap;
       at += wait + round_trip, wait = std::min(longest, 2 * wait)) {
    ++count;
    if (wait >= longest) // all others are as far apart
      return count + std::floor((gap - at) / (longest + round_trip));
  }
  return count;
}

range_reading reading_of(const settings::tuning_config& t, const cost_assumptions& a,
                         double changes) {
  if (changes <= 0)
    return {units_of_idle_range(t) / look_units, 0};
  const auto round_trip = std::max(0.001, seconds(a.round_trip));
  const auto gap = std::max(1 / changes, round_trip); // between pages
  const auto documents = std::max(1.0, changes * gap);
  return {1 / changes > round_trip ? empty_polls_between(t, gap, round_trip) / gap : 0,
          (look_units + read_units(documents * a.document_bytes)) / gap};
}

} // namespace

std::string_view to_string(cost_kind kind) noexcept {
  switch (kind) {
  case cost_kind::polls:
    return "polls";
  case cost_kind::changes:
    return "changes";
  case cost_kind::lease_writes:
    return "lease writes";
  case cost_kind::lease_looks:
    return "lease looks";
  }
  return "";
}

double units_of_idle_range(const settings::tuning_config& tuning) {
  return look_units / seconds(std::max(tuning.poll.min, tuning.poll.max));
}

std::vector<cost_item> forecast(const settings::service_config& config, const cost_assumptions& a) {
  std::vector<cost_item> out;
  const auto& t = config.tuning;
  const double ranges = a.ranges;
  const auto changes = a.changes_per_second / ranges; // of each range
  const auto reading = reading_of(t, a, changes);
  const auto name_of = [&](const std::string& account, const std::string& collection) {
    return config.accounts.at(account).database + '/' + collection;
  };
  for (const auto& [target_name, target] : config.targets)
    for (const auto& feed_name : target.feeds) {
      const auto& feed = config.feeds.at(feed_name);
      if (settings::is_couchdb(config, feed))
        continue; // which has no request units
      const auto add = [&](const std::string& account, const std::string& collection,
                           cost_kind kind, double units) {
        out.push_back({account, name_of(account, collection), target_name, feed_name, kind, units});
      };
      add(feed.account, feed.collection, cost_kind::polls,
          ranges * reading.empty_polls * look_units);
      add(feed.account, feed.collection, cost_kind::changes, ranges * reading.page_units);
      const auto& leases = settings::leases_of(config, target);
      if (settings::lease_store_of(config, target, feed) == settings::lease_store_kind::file)
        continue;
      const auto& account = settings::lease_account_of(config, target, feed);
      const auto writes = std::max(1 / seconds(t.leases.renew),
                                   std::min(changes, 1 / seconds(t.checkpoint.interval)));
      add(account, leases.collection, cost_kind::lease_writes,
          std::min<double>(ranges * writes * write_units, t.leases.request_units));
      add(account, leases.collection, cost_kind::lease_looks,
          (look_units + read_units(ranges * lease_bytes)) / seconds(t.leases.look));
    }
  return out;
}

double units_of(const std::vector<cost_item>& items, std::string_view account,
                std::string_view container) {
  double sum = 0;
  for (const auto& i : items)
    if (i.account == account && i.container == container)
      sum += i.units;
  return sum;
}

std::string spell_units(double units) {
  std::array<char, 32> text{};
  const int digits = units >= 100 ? 0 : units >= 10 ? 1 : units >= 1 ? 2 : 3;
  std::snprintf(text.data(), text.size(), "%.*f", digits, units);
  return text.data();
}

} // namespace feedcast::app
