#include "emulator/control_body.hpp"
#include "emulator/control_parsers.hpp"
#include "emulator/control_table.hpp"
#include "emulator/reply.hpp"
#include "emulator/routes.hpp"

#include <charconv>

namespace feedcast::emulator {

answer<container_order> parse_container_order(std::string_view body) {
  container_order order;
  const auto read = read_members(body, "a new container", R"({"ranges":4,"partition_key":"/id"})",
                                 {whole_member("ranges", 1, max_ranges, order.ranges),
                                  text_member("partition_key", order.key_path)});
  if (!read)
    return read.error();
  return order;
}

namespace routes {
namespace {

namespace json = boost::json;

/// A parameter of the query string, decoded; empty if it is not there.
std::string parameter(const call& c, std::string_view name) {
  std::string_view rest = c.request.query;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name)
      return http::decode_segment(pair.substr(equals + 1));
  }
  return {};
}

/// How long the parents of a split or merge say that it is being completed.
answer<milliseconds> completing_time(const call& c) {
  const std::string text = parameter(c, "completing_ms");
  constexpr std::int64_t longest = 3'600'000;
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (!text.empty()
      && (failure != std::errc{} || end != text.data() + text.size() || count < 0
          || count > longest))
    return refuse(400, "completing_ms must be a number of milliseconds, 0 to "
                           + std::to_string(longest));
  return milliseconds(count);
}

using two_ids = std::pair<std::string, std::string>;

/// The two of {"ranges":["0","1"]}.
answer<two_ids> read_two_ranges(std::string_view body) {
  constexpr std::string_view example = R"({"ranges":["0","1"]})";
  std::optional<two_ids> found;
  const auto take = [&](const json::value& v) -> answer<void> {
    const json::array* ids = v.if_array();
    if (ids == nullptr || ids->size() != 2 || !(*ids)[0].is_string() || !(*ids)[1].is_string())
      return wrong_member("ranges", R"(a list of two ids, such as ["0","1"])");
    found.emplace((*ids)[0].get_string(), (*ids)[1].get_string());
    return {};
  };
  if (auto read = read_members(body, "a merge", example, {{"ranges", take}}); !read)
    return read.error();
  if (!found)
    return refuse(400, "a merge must name two ranges: " + std::string(example));
  return std::move(*found);
}

http::server_response send_json(unsigned status, std::string text) {
  return reply(status).json(std::move(text)).send();
}

} // namespace

http::server_response list_controls(const call&) {
  json::array all;
  for (const control_route& route : control_routes())
    all.push_back(json::object{{"method", route.method}, {"path", route.pattern}});
  return send_json(200, json::serialize(json::object{{"routes", std::move(all)}}));
}

/// For accounts in which clients may not make any.
http::server_response order_container(const call& c) {
  const auto order = parse_container_order(c.body());
  if (!order)
    return send_refusal(order.error());
  auto spec = make_container_spec(c.arguments.at(1), order->key_path,
                                  order->ranges != 0 ? order->ranges : c.state.default_ranges);
  if (!spec)
    return send_refusal(spec.error());
  const std::string& database = c.arguments.at(0);
  if (const auto made = c.state.data.create_database(database); !made && made.error().status != 409)
    return send_refusal(made.error());
  const auto made = c.state.data.create_container(database, std::move(*spec));
  return made ? send_json(201, (*made)->description().first) : send_refusal(made.error());
}

http::server_response add_fault(const call& c) {
  auto rule = parse_fault_rule(c.body());
  if (!rule)
    return send_refusal(rule.error());
  rule->id = c.state.faults.add(*rule);
  return send_json(201, to_json(*rule));
}

http::server_response list_faults(const call& c) {
  std::string text = R"({"faults":[)";
  bool first = true;
  for (const fault_rule& rule : c.state.faults.list()) {
    text += (first ? "" : ",") + to_json(rule);
    first = false;
  }
  return send_json(200, text + "]}");
}

http::server_response clear_faults(const call& c) {
  c.state.faults.clear();
  return reply(204).send();
}

http::server_response remove_fault(const call& c) {
  const std::string& text = c.arguments.at(0);
  std::uint64_t id = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (failure != std::errc{} || end != text.data() + text.size() || !c.state.faults.remove(id))
    return send_refusal(refuse(404, "there is no fault rule of that id"));
  return reply(204).send();
}

http::server_response append_raw(const call& c) {
  const auto owner = find_container(c);
  if (!owner)
    return send_refusal(owner.error());
  if (c.body().empty())
    return send_refusal(refuse(400, "the body must be the text of the document"));
  const std::string range = parameter(c, "range");
  const auto added =
      owner->data->append_raw(range.empty() ? "0" : range, parameter(c, "id"),
                              std::string(c.body()), parameter(c, "together") == "true");
  if (!added)
    return send_refusal(added.error());
  return send_json(
      201, json::serialize(json::object{{"range", added->range_id}, {"lsn", added->version->lsn}}));
}

http::server_response split_range(const call& c) {
  const auto owner = find_container(c);
  if (!owner)
    return send_refusal(owner.error());
  const auto completing = completing_time(c);
  if (!completing)
    return send_refusal(completing.error());
  const auto children = owner->data->split(c.arguments.at(2), *completing);
  if (!children)
    return send_refusal(children.error());
  return send_json(
      200, json::serialize(json::object{{"children", {children->first, children->second}}}));
}

http::server_response merge_ranges(const call& c) {
  const auto owner = find_container(c);
  if (!owner)
    return send_refusal(owner.error());
  const auto two = read_two_ranges(c.body());
  if (!two)
    return send_refusal(two.error());
  const auto completing = completing_time(c);
  if (!completing)
    return send_refusal(completing.error());
  const auto merged = owner->data->merge(two->first, two->second, *completing);
  if (!merged)
    return send_refusal(merged.error());
  return send_json(200, json::serialize(json::object{{"range", *merged}}));
}

http::server_response read_statistics(const call& c) {
  json::object requests;
  for (const auto& [what, count] : c.state.stats.snapshot()) {
    auto& by_status = requests[to_string(what.first)];
    if (by_status.is_null())
      by_status.emplace_object();
    by_status.get_object()[std::to_string(what.second)] = count;
  }
  return send_json(200, json::serialize(json::object{{"documents", c.state.data.document_count()},
                                                     {"bytes", c.state.data.bytes()},
                                                     {"requests", std::move(requests)}}));
}

} // namespace routes
} // namespace feedcast::emulator
