#include "emulator/control_body.hpp"
#include "emulator/control_parsers.hpp"
#include "emulator/reply.hpp"
#include "emulator/routes.hpp"

namespace feedcast::emulator {
namespace {

namespace json = boost::json;

constexpr std::uint64_t a_day = 86'400'000; // milliseconds
constexpr std::uint64_t most_replicas = 16;

const std::vector<std::string_view> outage_names = {"none", "reset", "unavailable", "silent"};
const std::vector<std::string_view> level_names = {"Strong", "Session", "ConsistentPrefix",
                                                   "Eventual"};

answer<void> read_lags(const json::value& v, std::optional<std::vector<milliseconds>>& out) {
  const auto bad = [] {
    return wrong_member("replicas", "a list of 1 to 16 lags in milliseconds, such as [0,200]");
  };
  const json::array* list = v.if_array();
  if (list == nullptr || list->empty() || list->size() > most_replicas)
    return bad();
  std::vector<milliseconds> lags;
  for (const json::value& each : *list) {
    const auto lag = read_whole("replicas", each, 0, a_day);
    if (!lag)
      return bad();
    lags.emplace_back(*lag);
  }
  out = std::move(lags);
  return {};
}

control_member optional_flag(std::string_view name, std::optional<bool>& out) {
  return {name, [name, &out](const json::value& v) -> answer<void> {
            if (!v.is_bool())
              return wrong_member(name, "true or false");
            out = v.get_bool();
            return {};
          }};
}

json::object region_json(const region_state& r) {
  json::array lags;
  for (const milliseconds lag : r.replicas)
    lags.push_back(lag.count());
  return {{"name", r.name},
          {"port", r.port},
          {"writes", r.writes},
          {"delay_ms", r.delay.count()},
          {"replicas", std::move(lags)},
          {"outage", outage_names[static_cast<std::size_t>(r.outage)]},
          {"held", r.held},
          {"removed", r.removed}};
}

http::server_response send_account(const call& c) {
  const account_rules rules = c.state.account.rules();
  json::array all;
  for (const region_state& r : c.state.account.states())
    all.push_back(region_json(r));
  return reply(200)
      .json(json::serialize(json::object{{"consistency", to_string(rules.consistency)},
                                         {"session_wait_ms", rules.session_wait.count()},
                                         {"session_version", c.state.account.session_version()},
                                         {"regions", std::move(all)}}))
      .send();
}

} // namespace

answer<region_change> parse_region_change(std::string_view body) {
  region_change wanted;
  const auto read = read_members(
      body, "a change of a region", R"({"delay_ms":500,"replicas":[0,200]})",
      {whole_member("delay_ms", 0, a_day, wanted.delay),
       {"replicas", [&](const json::value& v) { return read_lags(v, wanted.replicas); }},
       choice_member("outage", outage_names,
                     [&](std::size_t at) { wanted.outage = outage_kind(at); }),
       optional_flag("held", wanted.held),
       optional_flag("removed", wanted.removed)});
  if (!read)
    return read.error();
  return wanted;
}

answer<failover_wish> parse_failover(std::string_view body) {
  failover_wish wish;
  const auto read =
      read_members(body, "a failover", R"({"to":"West Europe","planned":false})",
                   {text_member("to", wish.to), flag_member("planned", wish.planned)});
  if (!read)
    return read.error();
  if (wish.to.empty())
    return wrong_member("to", "the name of the region that takes the writes");
  return wish;
}

answer<account_change> parse_account_change(std::string_view body) {
  account_change wanted;
  const auto read = read_members(
      body, "a change of the account", R"({"consistency":"Eventual","session_wait_ms":1000})",
      {choice_member("consistency", level_names,
                     [&](std::size_t at) { wanted.consistency = consistency_level(at); }),
       whole_member("session_wait_ms", 0, a_day, wanted.session_wait)});
  if (!read)
    return read.error();
  return wanted;
}

namespace routes {

http::server_response read_regions(const call& c) {
  return send_account(c);
}

http::server_response change_account(const call& c) {
  const auto wanted = parse_account_change(c.body());
  if (!wanted)
    return send_refusal(wanted.error());
  account_rules rules = c.state.account.rules();
  rules.consistency = wanted->consistency.value_or(rules.consistency);
  rules.session_wait = wanted->session_wait.value_or(rules.session_wait);
  c.state.account.set_rules(rules);
  return send_account(c);
}

http::server_response change_region(const call& c) {
  const auto region = c.state.account.find(c.arguments.at(0));
  if (!region)
    return send_refusal(refuse(404, "the account has no region of that name"));
  const auto wanted = parse_region_change(c.body());
  if (!wanted)
    return send_refusal(wanted.error());
  const auto done = c.state.account.change(*region, *wanted);
  return done ? send_account(c) : send_refusal(done.error());
}

http::server_response fail_over(const call& c) {
  const auto wish = parse_failover(c.body());
  if (!wish)
    return send_refusal(wish.error());
  regions& account = c.state.account;
  const auto to = account.find(wish->to);
  if (!to)
    return send_refusal(refuse(404, "the account has no region of that name"));
  std::size_t lost = 0;
  if (wish->planned) {
    const auto done = account.planned_failover(*to);
    if (!done)
      return send_refusal(done.error());
  } else {
    // Between the two nobody takes writes, so that none of the new ones is cut.
    const auto cut = account.lose_write_region(*to);
    if (!cut)
      return send_refusal(cut.error());
    lost = c.state.data.cut(*cut);
    account.take_over(*to);
  }
  return reply(200)
      .json(json::serialize(json::object{{"write_region", wish->to},
                                         {"lost", lost},
                                         {"session_version", account.session_version()}}))
      .send();
}

} // namespace routes
} // namespace feedcast::emulator
