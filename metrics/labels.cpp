#include "metrics/labels.hpp"

namespace feedcast::metrics {

feed_error_class classify(errc code) noexcept {
  switch (code) {
  case errc::throttled:
    return feed_error_class::throttled;
  case errc::unavailable:
    return feed_error_class::transport;
  case errc::timeout:
    return feed_error_class::timeout;
  case errc::malformed:
    return feed_error_class::decode;
  case errc::gone:
    return feed_error_class::gone;
  case errc::not_found:
    return feed_error_class::not_found;
  case errc::unauthorized:
    return feed_error_class::auth;
  case errc::forbidden:
    return feed_error_class::forbidden;
  case errc::too_large:
    return feed_error_class::too_large;
  case errc::session_behind:
  case errc::conflict:
  case errc::rejected:
  case errc::canceled:
  case errc::internal:
    break;
  }
  return feed_error_class::server;
}

target_error_class parse_target_error_class(std::string_view text) noexcept {
  constexpr auto known = label_values(target_error_class{});
  for (std::size_t i = 0; i < known.size(); ++i)
    if (known[i] == text)
      return static_cast<target_error_class>(i);
  return target_error_class::other;
}

} // namespace feedcast::metrics
