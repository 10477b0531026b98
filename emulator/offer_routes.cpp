#include "emulator/headers.hpp"
#include "emulator/reply.hpp"
#include "emulator/resource_list.hpp"
#include "emulator/routes.hpp"

#include <algorithm>

namespace feedcast::emulator::routes {
namespace {

std::vector<container_ptr> all_containers(const call& c) {
  std::vector<container_ptr> all;
  for (const database_info& owner : c.state.data.databases())
    for (container_ptr& each : c.state.data.containers(owner.name))
      all.push_back(std::move(each));
  return all;
}

answer<container_ptr> find_owner(const call& c) {
  for (container_ptr& each : all_containers(c))
    if (each->provision().id == c.arguments.at(0))
      return std::move(each);
  return refuse(404, "there is no such offer");
}

http::server_response send_list(const call& c, const query& q) {
  std::vector<std::string> all;
  for (const container_ptr& each : all_containers(c))
    all.push_back(each->provision().text);
  return send_selected(q, all, "", "Offers");
}

http::server_response send_offer(provisioned p) {
  return reply(200)
      .etag(p.etag)
      .set(header::min_throughput, std::to_string(least_throughput))
      .set(header::offer_replace_pending, "false")
      .json(std::move(p.text))
      .send();
}

} // namespace

http::server_response list_offers(const call& c) {
  return send_list(c, select_all());
}

http::server_response query_offers(const call& c) {
  const auto q = parse_query(c.body());
  return q ? send_list(c, *q) : send_refusal(q.error());
}

http::server_response read_offer(const call& c) {
  const auto owner = find_owner(c);
  return owner ? send_offer((*owner)->provision()) : send_refusal(owner.error());
}

http::server_response replace_offer(const call& c) {
  const auto owner = find_owner(c);
  if (!owner)
    return send_refusal(owner.error());
  const auto wanted = emulator::read_offer(c.body());
  if (!wanted)
    return send_refusal(wanted.error());
  const auto done = (*owner)->provision(*wanted, c.header("if-match"));
  return done ? send_offer(*done) : send_refusal(done.error());
}

} // namespace feedcast::emulator::routes
