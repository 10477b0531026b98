#pragma once

#include "app/leases/surgery.hpp"

#include <string>
#include <vector>

namespace feedcast::app {

/// What `leases list` shows people: one line a lease, then owners, coverage and marker.
std::string list_as_text(const std::string& subject, const std::vector<lease_view>& leases,
                         const lease_store_state& state);

} // namespace feedcast::app
