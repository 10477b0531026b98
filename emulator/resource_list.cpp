#include "emulator/resource_list.hpp"

#include "emulator/query_run.hpp"
#include "emulator/reply.hpp"

namespace feedcast::emulator {

http::server_response send_selected(const query& q, const std::vector<std::string>& all,
                                    std::string_view owner, std::string_view member) {
  const auto found = run_query(q, all);
  if (!found)
    return send_refusal(found.error());
  return reply(200).items(found->size()).json(list_text(owner, member, *found)).send();
}

} // namespace feedcast::emulator
