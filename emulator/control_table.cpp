#include "emulator/control_table.hpp"

#include "emulator/control_parsers.hpp"
#include "emulator/fault_rules.hpp"
#include "emulator/routes.hpp"

#include <algorithm>

namespace feedcast::emulator {
namespace {

/// A parser, as far as it refuses.
template <auto Parse>
answer<void> refused_by(std::string_view body) {
  const auto read = Parse(body);
  return read ? answer<void>() : answer<void>(read.error());
}

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0)
      segments.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

bool fits(std::string_view pattern, std::string_view path) {
  const auto wanted = split(pattern);
  const auto given = split(path);
  return std::equal(wanted.begin(), wanted.end(), given.begin(), given.end(),
                    [](std::string_view w, std::string_view g) { return w == "{}" || w == g; });
}

} // namespace

const std::vector<control_route>& control_routes() {
  static const std::vector<control_route> all = {
      {"GET", "/_emulator", routes::list_controls},
      {"POST", "/_emulator/faults", routes::add_fault, refused_by<parse_fault_rule>},
      {"GET", "/_emulator/faults", routes::list_faults},
      {"DELETE", "/_emulator/faults", routes::clear_faults},
      {"DELETE", "/_emulator/faults/{}", routes::remove_fault},
      {"POST", "/_emulator/throughput", routes::limit_throughput, refused_by<parse_throughput>},
      {"GET", "/_emulator/throughput", routes::read_throughput},
      {"POST", "/_emulator/account", routes::change_account, refused_by<parse_account_change>},
      {"GET", "/_emulator/account", routes::read_regions},
      {"POST", "/_emulator/regions/{}", routes::change_region, refused_by<parse_region_change>},
      {"POST", "/_emulator/failover", routes::fail_over, refused_by<parse_failover>},
      {"POST", "/_emulator/dbs/{}/colls/{}", routes::order_container,
       refused_by<parse_container_order>},
      {"POST", "/_emulator/dbs/{}/colls/{}/raw", routes::append_raw},
      {"POST", "/_emulator/dbs/{}/colls/{}/split/{}", routes::split_range},
      {"POST", "/_emulator/dbs/{}/colls/{}/merge", routes::merge_ranges},
      {"GET", "/_emulator/stats", routes::read_statistics},
  };
  return all;
}

answer<void> check_control_request(std::string_view method, std::string_view target,
                                   std::string_view body) {
  const std::string_view path = target.substr(0, target.find('?'));
  bool known = false;
  for (const control_route& route : control_routes()) {
    if (!fits(route.pattern, path))
      continue;
    known = true;
    if (route.method == method)
      return route.check == nullptr ? answer<void>() : route.check(body);
  }
  if (known)
    return refuse(400, std::string(path) + " does not take " + std::string(method));
  return refuse(400,
                "there is no control request " + std::string(path) + ": GET /_emulator lists them");
}

} // namespace feedcast::emulator
