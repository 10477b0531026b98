#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"

#include <string>
#include <vector>

namespace feedcast::http::crypto {

struct certificate_options {
  std::string common_name = "localhost";
  std::vector<std::string> dns_names{"localhost"};
  std::vector<std::string> addresses{"127.0.0.1", "::1"}; ///< IPv4 or IPv6
  wall_time not_before;
  wall_time not_after;
};

/// A certificate and its private key, both PEM.
struct identity {
  std::string certificate;
  std::string key;
};

/// An ECDSA P-256 certificate signed by its own key. `rejected` if a name or an address is not
/// valid.
result<identity> make_self_signed(const certificate_options& options);

} // namespace feedcast::http::crypto
