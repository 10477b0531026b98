#include "app/leases/wrapped_position.hpp"

#include "http/crypto/digest.hpp"
#include "leases/json.hpp"

#include <algorithm>

namespace feedcast::app {

std::optional<boost::json::object> unwrap_position(std::string token) {
  std::replace(token.begin(), token.end(), '-', '+');
  std::replace(token.begin(), token.end(), '_', '/');
  const auto text = http::crypto::base64_decode(token);
  if (!text)
    return std::nullopt;
  auto o = json::parse_object(*text, "the continuation");
  if (!o)
    return std::nullopt;
  return std::move(*o);
}

} // namespace feedcast::app
