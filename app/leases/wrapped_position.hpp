#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <string>

namespace feedcast::app {

/// What a continuation token in base64 says, as Java 4.x writes it for key spans; nullopt for any
/// other token. For people to look at.
std::optional<boost::json::object> unwrap_position(std::string token);

} // namespace feedcast::app
