#include "emulator/refusal.hpp"

#include <stdexcept>

namespace feedcast::emulator {

void throw_exception_from_error(const refusal& r, const boost::source_location&) {
  throw std::runtime_error(std::to_string(r.status) + ": " + r.message);
}

std::string_view error_code(unsigned status) noexcept {
  switch (status) {
  case 400:
    return "BadRequest";
  case 401:
    return "Unauthorized";
  case 403:
    return "Forbidden";
  case 404:
    return "NotFound";
  case 405:
    return "MethodNotAllowed";
  case 408:
    return "RequestTimeout";
  case 409:
    return "Conflict";
  case 410:
    return "Gone";
  case 412:
    return "PreconditionFailed";
  case 413:
    return "RequestEntityTooLarge";
  case 429:
    return "TooManyRequests";
  case 449:
    return "RetryWith";
  case 503:
    return "ServiceUnavailable";
  case 507:
    return "InsufficientStorage";
  default:
    return status < 500 ? "BadRequest" : "InternalServerError";
  }
}

} // namespace feedcast::emulator
