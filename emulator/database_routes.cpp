#include "emulator/headers.hpp"
#include "emulator/reply.hpp"
#include "emulator/resource_list.hpp"
#include "emulator/routes.hpp"

#include <boost/json.hpp>

namespace feedcast::emulator::routes {
namespace {

http::server_response send_database(unsigned status, const database_info& info) {
  return reply(status).etag(info.etag()).json(info.description()).send();
}

http::server_response send_list(const call& c, const query& q) {
  std::vector<std::string> all;
  for (const database_info& info : c.state.data.databases())
    all.push_back(info.description());
  return send_selected(q, all, "", "Databases");
}

answer<std::string> read_name(std::string_view body) {
  boost::json::error_code failure;
  const auto parsed = boost::json::parse(body, failure);
  const auto* o = failure ? nullptr : parsed.if_object();
  const auto* id = o == nullptr ? nullptr : o->if_contains("id");
  if (id == nullptr || !id->is_string())
    return refuse(400, "the database definition must be a JSON object with a string member 'id'");
  return std::string(id->get_string());
}

} // namespace

http::server_response list_databases(const call& c) {
  return send_list(c, select_all());
}

http::server_response create_or_query_databases(const call& c) {
  if (c.flag(header::is_query)) {
    const auto q = parse_query(c.body());
    return q ? send_list(c, *q) : send_refusal(q.error());
  }
  const auto name = read_name(c.body());
  if (!name)
    return send_refusal(name.error());
  const auto made = c.state.data.create_database(*name);
  return made ? send_database(201, *made) : send_refusal(made.error());
}

http::server_response read_database(const call& c) {
  const auto found = find_database(c);
  return found ? send_database(200, *found) : send_refusal(found.error());
}

http::server_response drop_database(const call& c) {
  const auto found = find_database(c);
  if (!found)
    return send_refusal(found.error());
  const auto dropped = c.state.data.drop_database(found->name);
  return dropped ? reply(204).send() : send_refusal(dropped.error());
}

} // namespace feedcast::emulator::routes
