#include "emulator/headers.hpp"
#include "emulator/reply.hpp"
#include "emulator/resource_list.hpp"
#include "emulator/routes.hpp"

#include <charconv>

namespace feedcast::emulator::routes {
namespace {

http::server_response send_container(unsigned status, const container& c) {
  auto [text, etag] = c.description();
  return reply(status).owner_of(c).etag(etag).json(std::move(text)).send();
}

http::server_response send_list(const call& c, const query& q) {
  const auto owner = find_database(c);
  if (!owner)
    return send_refusal(refuse(404, "there is no such database", substatus::owner_not_found));
  std::vector<std::string> all;
  for (const container_ptr& each : c.state.data.containers(owner->name))
    all.push_back(each->description().first);
  return send_selected(q, all, owner->address.to_text(), "DocumentCollections");
}

answer<std::uint32_t> wanted_ranges(const call& c) {
  const std::string_view text = c.header(header::feedcast_ranges);
  if (text.empty())
    return c.state.default_ranges;
  std::uint32_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc{} || end != text.data() + text.size() || count == 0
      || count > max_ranges)
    return refuse(400, "x-feedcast-ranges must be a whole number from 1 to "
                           + std::to_string(max_ranges));
  return count;
}

std::string range_text(const container& owner, const range_map& map, const range_info& r,
                       std::int64_t ts) {
  const std::string collection = owner.address().to_text();
  const std::string self =
      rid{owner.address().database, owner.address().collection, r.number, true}.to_text();
  std::string parents;
  for (const std::string& parent : r.parents)
    parents += (parents.empty() ? "\"" : ",\"") + parent + '"';
  return R"({"_rid":")" + self + R"(","id":")" + r.id + R"(","_etag":"\"0000-)"
         + std::to_string(map.version) + R"(\"","minInclusive":")" + r.min + R"(","maxExclusive":")"
         + r.max + R"(","ridPrefix":)" + r.id + R"(,"_self":"dbs/)"
         + rid{owner.address().database}.to_text() + "/colls/" + collection + "/pkranges/" + self
         + R"(/","throughputFraction":)"
         + std::to_string(1.0 / static_cast<double>(map.ranges.size()))
         + R"(,"status":"online","parents":[)" + parents
         + R"(],"ownedArchivalPKRangeIds":[],"_ts":)" + std::to_string(ts) + R"(,"lsn":)"
         + std::to_string(r.lsn) + '}';
}

} // namespace

http::server_response list_containers(const call& c) {
  return send_list(c, select_all());
}

http::server_response create_or_query_containers(const call& c) {
  if (c.flag(header::is_query)) {
    const auto q = parse_query(c.body());
    return q ? send_list(c, *q) : send_refusal(q.error());
  }
  const auto owner = find_database(c);
  if (!owner)
    return send_refusal(refuse(404, "there is no such database", substatus::owner_not_found));
  auto spec = read_container_spec(c.body());
  if (!spec)
    return send_refusal(spec.error());
  const auto ranges = wanted_ranges(c);
  if (!ranges)
    return send_refusal(ranges.error());
  spec->ranges = *ranges;
  const auto throughput =
      read_offer_headers(c.header(header::offer_throughput), c.header(header::autoscale));
  if (!throughput)
    return send_refusal(throughput.error());
  spec->throughput = *throughput;
  const auto made = c.state.data.create_container(owner->name, std::move(*spec));
  return made ? send_container(201, **made) : send_refusal(made.error());
}

http::server_response read_container(const call& c) {
  const auto found = find_container(c);
  // The container itself is asked for, so it is not the owner that is missing.
  return found ? send_container(200, *found->data)
               : send_refusal(refuse(404, "there is no such container"));
}

http::server_response replace_container(const call& c) {
  const auto found = find_container(c);
  if (!found)
    return send_refusal(refuse(404, "there is no such container"));
  auto spec = read_container_spec(c.body());
  if (!spec)
    return send_refusal(spec.error());
  const auto done = found->data->redefine(std::move(*spec));
  return done ? send_container(200, *found->data) : send_refusal(done.error());
}

http::server_response drop_container(const call& c) {
  const auto owner = find_database(c);
  const auto found = find_container(c);
  if (!owner || !found)
    return send_refusal(refuse(404, "there is no such container"));
  const auto dropped = c.state.data.drop_container(owner->name, found->data->name());
  return dropped ? reply(204).send() : send_refusal(dropped.error());
}

/// The etag is the version of the range map. It is honoured with and without `A-IM`: clients repeat
/// an incremental read until they see 304. Only live ranges are listed, as some clients fail on
/// overlaps.
http::server_response list_ranges(const call& c) {
  const auto found = find_container(c);
  if (!found)
    return send_refusal(found.error());
  const container& owner = *found->data;
  const range_map map = owner.ranges();
  const std::string etag = '"' + std::to_string(map.version) + '"';
  if (c.header("if-none-match") == etag)
    return reply(304).owner(owner).etag(etag).items(0).send();

  const auto ts =
      std::chrono::duration_cast<std::chrono::seconds>(c.state.clock.wall().time_since_epoch())
          .count();
  std::vector<std::string> texts;
  for (const range_info& r : map.ranges)
    texts.push_back(range_text(owner, map, r, ts));
  return reply(200)
      .owner(owner)
      .etag(etag)
      .items(texts.size())
      .json(list_text(owner.address().to_text(), "PartitionKeyRanges", texts))
      .send();
}

} // namespace feedcast::emulator::routes
