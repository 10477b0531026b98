#include "emulator/control_body.hpp"
#include "emulator/control_parsers.hpp"
#include "emulator/reply.hpp"
#include "emulator/routes.hpp"

#include <cmath>

namespace feedcast::emulator {

answer<throughput_order> parse_throughput(std::string_view body) {
  constexpr double most_units = 1e9;
  constexpr double most_eaten = 0.99; // something must be left, or clients wait for ever
  throughput_order order;
  const auto read =
      read_members(body, "a limit of throughput", R"({"units":400,"competitor":0.5})",
                   {text_member("container", order.container),
                    number_member("units", 0, most_units, order.limit.units),
                    number_member("competitor", 0, most_eaten, order.limit.competitor)});
  if (!read)
    return read.error();
  return order;
}

namespace routes {
namespace {

namespace json = boost::json;

/// To two digits, as charges are told.
double rounded(double units) {
  return static_cast<double>(std::llround(units * 100)) / 100;
}

http::server_response send_figures(const call& c) {
  json::array ranges;
  for (const throughput_figures& f : c.state.units.figures())
    ranges.push_back(json::object{{"container", f.container},
                                  {"range", f.range},
                                  {"region", f.region},
                                  {"units", f.limit.units},
                                  {"competitor", f.limit.competitor},
                                  {"served", f.served},
                                  {"throttled", f.throttled},
                                  {"charged", rounded(f.charged)},
                                  {"eaten", rounded(f.eaten)}});
  return reply(200).json(json::serialize(json::object{{"ranges", std::move(ranges)}})).send();
}

} // namespace

http::server_response limit_throughput(const call& c) {
  const auto order = parse_throughput(c.body());
  if (!order)
    return send_refusal(order.error());
  c.state.units.limit(order->container, order->limit);
  return send_figures(c);
}

http::server_response read_throughput(const call& c) {
  return send_figures(c);
}

} // namespace routes
} // namespace feedcast::emulator
