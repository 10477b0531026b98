#include "emulator/control_body.hpp"
#include "emulator/reply.hpp"
#include "emulator/routes.hpp"

#include <cmath>

namespace feedcast::emulator::routes {
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
  constexpr double most_units = 1e9;
  constexpr double most_eaten = 0.99; // something must be left, or clients wait for ever
  std::string container;
  throughput_limit wanted;
  const auto read = read_members(
      c.body(), "a limit of throughput", R"({"units":400,"competitor":0.5})",
      {text_member("container", container), number_member("units", 0, most_units, wanted.units),
       number_member("competitor", 0, most_eaten, wanted.competitor)});
  if (!read)
    return send_refusal(read.error());
  c.state.units.limit(container, wanted);
  return send_figures(c);
}

http::server_response read_throughput(const call& c) {
  return send_figures(c);
}

} // namespace feedcast::emulator::routes
