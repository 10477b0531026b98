#include "app/cost/cost.hpp"

#include "app/exit_code.hpp"
#include "settings/complete.hpp"
#include "settings/units.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <utility>
#include <vector>

namespace feedcast::app {

namespace {

namespace json = boost::json;

using row = std::array<std::string, 7>;
using container_name = std::pair<std::string, std::string>; ///< account, container

/// With a comma after each three digits.
std::string spell_month(double units) {
  auto text = std::to_string(std::llround(units * seconds_of_month));
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::map<container_name, double> by_container(const std::vector<cost_item>& items) {
  std::map<container_name, double> out;
  for (const auto& i : items)
    out[{i.account, i.container}] += i.units;
  return out;
}

/// Names to the left, figures to the right.
void append_table(std::string& out, const std::vector<row>& rows) {
  constexpr std::size_t names = 5;
  std::array<std::size_t, std::tuple_size_v<row>> widths{};
  for (const auto& r : rows)
    for (std::size_t i = 0; i < r.size(); ++i)
      widths[i] = std::max(widths[i], r[i].size());
  for (const auto& r : rows)
    for (std::size_t i = 0; i < r.size(); ++i) {
      const std::string blanks(widths[i] - r[i].size(), ' ');
      out += i < names ? r[i] + blanks : blanks + r[i];
      out += i + 1 < r.size() ? "  " : "\n";
    }
}

/// What polls of an idle collection's ranges need of its throughput, so that the share lets them
/// keep their pace; zero without a share.
double least_throughput(const settings::service_config& config, const cost_assumptions& a) {
  const auto share = config.tuning.request_units.share.of_one();
  return share > 0 ? a.ranges * units_of_idle_range(config.tuning) / share : 0;
}

std::vector<std::string> assumptions_of(const settings::service_config& config,
                                        const cost_assumptions& a) {
  const auto& t = config.tuning;
  std::vector<std::string> out;
  out.push_back("each collection: " + std::to_string(a.ranges)
                + (a.ranges == 1 ? " range, " : " ranges, ") + spell_units(a.changes_per_second)
                + " changes/s of " + std::to_string(std::llround(a.document_bytes)) + " bytes");
  out.push_back("an idle range is asked every " + settings::format_duration(t.poll.max)
                + ", a lease is written every " + settings::format_duration(t.leases.renew)
                + " at rest and at most every " + settings::format_duration(t.checkpoint.interval)
                + " while changes flow");
  out.push_back("one instance a target; round trips of " + settings::format_duration(a.round_trip));
  out.push_back(
      "a look at a feed 1 RU, reading 1 RU for the first KiB and 0.15 for each further, a lease "
      "written 10 RU");
  out.push_back("a month has 730 hours");
  for (const auto& [name, account] : config.accounts)
    if (settings::is_couchdb(account))
      out.push_back("account " + name
                    + " has no request units (CouchDB), so that its feeds are left out");
  const auto share = settings::format_percent(t.request_units.share);
  out.push_back(t.request_units.share.value == 0
                    ? "tuning.request_units.share is off: a catch-up takes what it can get"
                    : "a catch-up takes at most " + share
                          + " of a collection's throughput for each target");
  return out;
}

} // namespace

std::string cost_as_text(const settings::service_config& config, const cost_assumptions& a) {
  const auto items = forecast(config, a);
  std::vector<row> rows{{"ACCOUNT", "CONTAINER", "TARGET", "FEED", "FOR", "RU/S", "RU/MONTH"}};
  for (const auto& i : items)
    if (i.units > 0)
      rows.push_back({i.account, i.container, i.target, i.feed, std::string{to_string(i.kind)},
                      spell_units(i.units), spell_month(i.units)});
  std::map<std::string, double> accounts;
  for (const auto& [name, units] : by_container(items)) {
    rows.push_back(
        {name.first, name.second, "all", "", "", spell_units(units), spell_month(units)});
    accounts[name.first] += units;
  }
  for (const auto& [name, units] : accounts)
    rows.push_back({name, "all", "all", "", "", spell_units(units), spell_month(units)});
  std::string out;
  append_table(out, rows);
  out += "assumed:\n";
  for (const auto& line : assumptions_of(config, a))
    out += "  " + line + '\n';
  if (const auto least = least_throughput(config, a); least > 0 && !items.empty())
    out += "  polls keep their pace where a collection has " + spell_units(least)
           + " RU/s or more; `feedcast check --connect` compares\n";
  return out;
}

std::string cost_as_json(const settings::service_config& config, const cost_assumptions& a) {
  const auto items = forecast(config, a);
  const auto figures = [](double units) {
    return json::object{{"units_per_second", units}, {"units_per_month", units * seconds_of_month}};
  };
  json::array all;
  for (const auto& i : items) {
    auto one = figures(i.units);
    one["account"] = i.account;
    one["container"] = i.container;
    one["target"] = i.target;
    one["feed"] = i.feed;
    one["for"] = to_string(i.kind);
    all.push_back(std::move(one));
  }
  json::array containers;
  std::map<std::string, double> sums;
  for (const auto& [name, units] : by_container(items)) {
    auto one = figures(units);
    one["account"] = name.first;
    one["container"] = name.second;
    containers.push_back(std::move(one));
    sums[name.first] += units;
  }
  json::array accounts;
  for (const auto& [name, units] : sums) {
    auto one = figures(units);
    one["account"] = name;
    accounts.push_back(std::move(one));
  }
  const auto text = assumptions_of(config, a);
  return json::serialize(json::object{
             {"items", std::move(all)},
             {"containers", std::move(containers)},
             {"accounts", std::move(accounts)},
             {"share_percent", config.tuning.request_units.share.value},
             {"least_throughput", least_throughput(config, a)},
             {"assumed", json::object{{"ranges", a.ranges},
                                      {"changes_per_second", a.changes_per_second},
                                      {"document_bytes", a.document_bytes},
                                      {"text", json::array(text.begin(), text.end())}}}})
         + '\n';
}

int cost(const cost_options& options) {
  const auto outcome = load_configuration(options.configuration);
  print_diagnostics(outcome);
  if (!outcome.ok())
    return exit_configuration;
  const auto text = options.json ? cost_as_json(*outcome.config, options.assumed)
                                 : cost_as_text(*outcome.config, options.assumed);
  std::fputs(text.c_str(), stdout);
  return exit_ok;
}

} // namespace feedcast::app
