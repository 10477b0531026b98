#pragma once

#include "emulator/query.hpp"

#include <string>
#include <string_view>

namespace feedcast::emulator {

/// How a client is to run a query over several ranges, as JSON: the query to send to each of them,
/// and what to do with the answers. 400 if a client with these features (a list with commas) could
/// not.
answer<std::string> plan_query(const query& q, std::string_view features);

} // namespace feedcast::emulator
