#include "emulator/access.hpp"

#include "emulator/auth.hpp"
#include "emulator/call.hpp"
#include "emulator/headers.hpp"
#include "http/crypto/digest.hpp"

namespace feedcast::emulator {
namespace {

/// The `sig` of "type=aad&ver=1.0&sig=..."; empty if that is not what `token` is.
std::string bearer_token(std::string_view header) {
  constexpr std::string_view head = "type=aad&ver=1.0&sig=";
  constexpr std::size_t max_size = 16 * 1024; // as the service
  if (header.size() > max_size)
    return {};
  const std::string token = http::decode_segment(header);
  return token.starts_with(head) ? token.substr(head.size()) : std::string();
}

/// A resource token, decoded; empty if `header` is none.
std::string resource_token(std::string_view header) {
  constexpr std::string_view head = "type=resource&";
  constexpr std::size_t max_size = 8 * 1024; // as the service
  if (header.size() > max_size)
    return {};
  std::string token = http::decode_segment(header);
  return token.starts_with(head) ? token : std::string();
}

refusal for_reading_only(const call& c) {
  return refuse(403, "The input authorization token can't serve the request: '"
                         + c.request.message.method
                         + "' writes, and the key or permission is for reading only.");
}

/// By one of the account's keys.
answer<void> check_key(const call& c, operation what) {
  const auto resource = resource_of_path(c.request.path);
  const auto now = c.state.clock.wall();
  auto good = check_signature(c.request.message, resource, c.state.key, now);
  const auto& other = c.state.access.read_only_key;
  if (good || other.empty() || !check_signature(c.request.message, resource, other, now))
    return good;
  return is_write(c, what) ? answer<void>(for_reading_only(c)) : answer<void>();
}

answer<void> check_permission(const call& c, operation what, const std::string& token) {
  if (!http::crypto::equal_constant_time(token, c.state.access.resource_token))
    return refuse(401, "the resource token is not the one that this account accepts: see "
                       "--resource-token");
  return is_write(c, what) ? answer<void>(for_reading_only(c)) : answer<void>();
}

refusal not_in_data_plane(const call& c) {
  return refuse(403,
                "Request blocked by Auth feedcast-emulator : The given request ["
                    + c.request.message.method + ' ' + c.request.path
                    + "] cannot be authorized by AAD token in data plane. Make databases and "
                      "containers with --create or POST /_emulator/dbs/DB/colls/COLL",
                substatus::aad_not_authorized);
}

refusal not_by_key(const call& c) {
  const std::string resource = resource_of_path(c.request.path).type;
  return refuse(403, "Operation '" + c.request.message.method + "' on resource '" + resource
                         + "' is not allowed through Azure Cosmos DB endpoint. Make databases and "
                           "containers with --create or POST /_emulator/dbs/DB/colls/COLL");
}

/// Throughput is a matter of accounts that have some.
answer<void> check_throughput(const call& c, operation what) {
  if (what == operation::offers)
    return refuse(400, "Reading or replacing offers is not supported for serverless accounts.");
  if (c.has_header(header::offer_throughput) || c.has_header(header::autoscale))
    return refuse(400, "Setting offer throughput or autopilot on "
                           + std::string(what == operation::container ? "container" : "database")
                           + " is not supported for serverless accounts.");
  return {};
}

} // namespace

bool changes_metadata(const call& c, operation what) noexcept {
  return (what == operation::database || what == operation::container)
         && c.request.message.method != "GET" && !c.flag(header::is_query);
}

bool is_write(const call& c, operation what) noexcept {
  return what == operation::create || what == operation::upsert || what == operation::replace
         || what == operation::remove || changes_metadata(c, what);
}

answer<void> check_access(const call& c, operation what) {
  const access_rules& rules = c.state.access;
  const std::string token = bearer_token(c.header("authorization"));
  if (!token.empty()) {
    if (!http::crypto::equal_constant_time(token, rules.token))
      return refuse(401, "the bearer token is not the one that this account accepts: see "
                         "--aad-token");
    if (changes_metadata(c, what))
      return not_in_data_plane(c);
  } else {
    if (rules.aad_only)
      return refuse(401,
                    "Local Authorization is disabled. Use an AAD token to authorize all "
                    "requests.",
                    substatus::local_auth_disabled);
    const std::string permission = resource_token(c.header("authorization"));
    auto good = permission.empty() ? check_key(c, what) : check_permission(c, what, permission);
    if (!good)
      return good;
    if (rules.no_control_plane && changes_metadata(c, what))
      return not_by_key(c);
  }
  return rules.serverless ? check_throughput(c, what) : answer<void>();
}

} // namespace feedcast::emulator
