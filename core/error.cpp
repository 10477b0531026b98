#include "core/error.hpp"

namespace feedcast {

std::string_view to_string(errc code) noexcept {
  switch (code) {
  case errc::throttled:
    return "throttled";
  case errc::unavailable:
    return "unavailable";
  case errc::timeout:
    return "timeout";
  case errc::malformed:
    return "malformed";
  case errc::session_behind:
    return "session_behind";
  case errc::gone:
    return "gone";
  case errc::conflict:
    return "conflict";
  case errc::not_found:
    return "not_found";
  case errc::unauthorized:
    return "unauthorized";
  case errc::forbidden:
    return "forbidden";
  case errc::rejected:
    return "rejected";
  case errc::too_large:
    return "too_large";
  case errc::canceled:
    return "canceled";
  case errc::internal:
    return "internal";
  }
  return "unknown";
}

std::string to_string(const error& e) {
  std::string text{to_string(e.code)};
  if (!e.detail.empty()) {
    text += ": ";
    text += e.detail;
  }
  if (e.retry_after.count() > 0)
    text += " (retry after " + std::to_string(e.retry_after.count()) + " ms)";
  return text;
}

} // namespace feedcast
