#pragma once

#include "emulator/query.hpp"
#include "http/server.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

/// The answer to a list of, or a query for, databases, containers or offers, of which there are
/// few: what the query makes of `all`, each a resource as JSON. `owner` is the resource id of the
/// list, `member` the name that it goes by in the answer.
http::server_response send_selected(const query& q, const std::vector<std::string>& all,
                                    std::string_view owner, std::string_view member);

} // namespace feedcast::emulator
