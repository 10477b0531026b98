#pragma once

#include "core/result.hpp"
#include "http/url.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace feedcast::cosmos {

struct region_endpoint {
  std::string
      region; ///< as the account writes it: "West Europe"; empty for the configured endpoint itself
  http::origin endpoint;
  bool operator==(const region_endpoint&) const = default;
};

/// What GET / says about the account's regions, each list in the account's order.
struct account_document {
  std::vector<region_endpoint> readable;
  std::vector<region_endpoint> writable;
  bool several_writers = false; ///< every writable location takes writes, which meet later
};

/// Reads the answer of GET /. `malformed` if it is none. `rejected` if it names an endpoint that
/// requests with our signature must not be sent to (see may_follow), naming it.
result<account_document> parse_account(std::string_view body, const http::origin& configured);

/// May an account document send us from the endpoint that the operator configured to `other`? Only
/// over https (plain http only on loopback), and only to the same host, to a host with the same
/// domain behind the account's name
/// ("acme.documents.azure.com" -> "acme-westeurope.documents.azure.com"), or from loopback to
/// loopback.
bool may_follow(const http::origin& configured, const http::origin& other);

/// Region names compare without case and spaces: "West Europe" is "westeurope".
bool same_region(std::string_view a, std::string_view b) noexcept;

/// "https://acme-westeurope.documents.azure.com": where the service puts a region of an account.
http::origin regional_endpoint(const http::origin& configured, std::string_view region);

struct endpoint_choice {
  region_endpoint read;
  region_endpoint write;
  bool unguided = false;        ///< several readable regions, and none was asked for
  bool unmet = false;           ///< regions were asked for, and none of them is readable
  bool several_writers = false; ///< `write` is one of several regions that take writes
  bool several_regions = false;
  bool away = false; ///< `read` is not the first of the wanted regions
  /// The first wanted region can't be read, and nothing else may be read in its place: each write
  /// region of an account with several has a log of its own, in which positions of another mean
  /// nothing.
  bool stranded = false;
};

/// Reads: the first wanted region that is readable, else the account's first; with several write
/// regions the first wanted one alone. Writes: the account's first write region, also with several
/// of them, because compare-and-swap works within one region only. Either falls back to the
/// configured endpoint.
endpoint_choice choose_endpoints(const account_document& account,
                                 const std::vector<std::string>& wanted,
                                 const http::origin& configured);

} // namespace feedcast::cosmos
