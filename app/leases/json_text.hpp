#pragma once

#include "app/leases/view.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>

namespace feedcast::app {

/// Indented by two spaces a level, without a line end behind it.
std::string indented(const boost::json::value& v);

boost::json::object to_json(const key_span& span);

/// All members for `leases list` and `leases show`; null = not known.
boost::json::object to_json(const lease_view& v);

/// ISO 8601, or null.
boost::json::value time_or_null(const std::optional<wall_time>& t);

} // namespace feedcast::app
