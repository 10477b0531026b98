#include "app/cost/offer_check.hpp"

#include "app/cost/forecast.hpp"
#include "settings/units.hpp"

#include <algorithm>

namespace feedcast::app {

namespace {

std::string share_of(const settings::service_config& config) {
  return "tuning.request_units.share ("
         + settings::format_percent(config.tuning.request_units.share) + ')';
}

offer_report without_offer(const settings::service_config& config, const std::string& feed,
                           const error& why) {
  const auto declared = config.feeds.at(feed).throughput;
  offer_report out;
  out.text = "can't be read: " + why.detail;
  if (declared > 0)
    out.text += "; " + std::to_string(declared) + " RU/s are declared";
  else if (config.tuning.request_units.share.value > 0)
    out.warnings.push_back(
        share_of(config)
        + " has no effect, because the throughput can't be read: declare it as feeds." + feed
        + ".throughput");
  return out;
}

} // namespace

offer_report compare_with_offer(const settings::service_config& config, const std::string& target,
                                const std::string& feed, const result<feed_throughput>& offer) {
  if (!offer)
    return without_offer(config, feed, offer.error());
  const auto& t = config.tuning;
  const auto share = t.request_units.share.of_one();
  const double ranges = std::max(1U, offer->ranges);
  offer_report out;
  out.text = spell_units(offer->units) + " RU/s (" + offer->source + "), "
             + spell_units(offer->units / ranges) + " a range; reading may take ";
  out.text += share > 0 ? spell_units(share * offer->units) : std::string{"all of it"};
  const auto of_range = share * offer->units / ranges;
  const auto idle = units_of_idle_range(t);
  if (share > 0 && of_range < idle)
    out.warnings.push_back(share_of(config) + " leaves target " + target + ' '
                           + spell_units(of_range) + " RU/s a range of feed " + feed
                           + ", and a poll every " + settings::format_duration(t.poll.max)
                           + " takes " + spell_units(idle) + ": changes may come "
                           + spell_units(1 / of_range)
                           + " s late; raise the share, the throughput, or tuning.poll.max");
  const auto& f = config.feeds.at(feed);
  cost_assumptions at_rest;
  at_rest.ranges = offer->ranges;
  const auto units = units_of(forecast(config, at_rest), f.account,
                              config.accounts.at(f.account).database + '/' + f.collection);
  if (units > offer->units)
    out.warnings.push_back("at rest all targets together take " + spell_units(units) + " RU/s of "
                           + f.collection + ", more than the " + spell_units(offer->units)
                           + " that there are: raise the throughput, or "
                             "tuning.poll.max");
  return out;
}

} // namespace feedcast::app
