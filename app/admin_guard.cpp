#include "app/admin_guard.hpp"

#include "core/log.hpp"
#include "http/crypto/digest.hpp"
#include "http/router.hpp"
#include "settings/text_rules.hpp"

#include <algorithm>
#include <utility>

namespace feedcast::app {

namespace {

using http::iequals;
using http::json_error;
using http::server_request;
using http::server_response;
using namespace std::chrono_literals;

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    c = (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// The host of "host", "host:port" or "[v6]:port", without brackets; empty if it is none of these.
std::string_view host_of(std::string_view authority) {
  std::string_view host;
  std::string_view rest;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos)
      return {};
    host = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
  } else {
    const auto colon = authority.find(':');
    host = authority.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon);
  }
  const bool port_or_nothing =
      rest.empty()
      || (rest.starts_with(':') && rest.find_first_not_of("0123456789", 1) == rest.npos);
  return port_or_nothing ? host : std::string_view{};
}

bool is_address(std::string_view host) {
  return host.find(':') != std::string_view::npos
         || (std::count(host.begin(), host.end(), '.') == 3
             && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

/// All values of a header field.
std::vector<std::string_view> values(const server_request& request, std::string_view name) {
  std::vector<std::string_view> out;
  for (const auto& [field, value] : request.message.headers)
    if (iequals(field, name))
      out.emplace_back(value);
  return out;
}

bool is_write(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

/// Forms of web pages can be sent anywhere without asking; JSON can't.
bool from_a_form(const server_request& request) {
  const auto types = values(request, "Content-Type");
  if (types.empty())
    return !request.message.body.empty();
  return types.size() > 1
         || !iequals(settings::trimmed(types.front().substr(0, types.front().find(';'))),
                     "application/json");
}

/// Absent, or this server as the request calls it.
bool same_origin(const server_request& request) {
  const auto origins = values(request, "Origin");
  const auto site = request.message.headers.get("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin" && site != "none")
    return false;
  return origins.empty()
         || (origins.size() == 1
             && iequals(origins.front(),
                        "http://" + std::string{request.message.headers.get("Host")}));
}

std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (!iequals(authorization.substr(0, scheme.size()), scheme))
    return {};
  return settings::trimmed(authorization.substr(scheme.size()));
}

/// In time that tells nothing of the token, not even its length.
bool same_token(std::string_view given, std::string_view wanted) {
  return http::crypto::equal_constant_time(http::crypto::sha256(given),
                                           http::crypto::sha256(wanted));
}

} // namespace

admin_guard::admin_guard(const settings::admin_config& config) : token_(config.token) {
  const auto own = settings::parse_host_port(config.listen);
  const bool loopback = own && settings::is_loopback(own->host);
  any_address_ = !loopback;
  any_host_ = !loopback && config.hosts.empty();
  if (own)
    hosts_.push_back(lower(own->host));
  hosts_.emplace_back("localhost");
  for (const auto& host : config.hosts)
    hosts_.push_back(lower(host));
}

bool admin_guard::knows_host(std::string_view authority) const {
  const auto host = host_of(authority);
  if (host.empty())
    return false;
  return any_host_ || (any_address_ && is_address(host))
         || std::find(hosts_.begin(), hosts_.end(), lower(host)) != hosts_.end();
}

std::optional<server_response> admin_guard::refuse_host(const server_request& request) const {
  const auto hosts = values(request, "Host");
  if (hosts.size() != 1)
    return json_error(400, "BadRequest", "a request needs one Host header");
  // A target in absolute form names a host of its own.
  const std::string_view target = request.message.target;
  const auto mark = target.starts_with('/') ? target.npos : target.find("://");
  const auto named =
      mark == target.npos
          ? hosts.front()
          : target.substr(mark + 3).substr(0, target.substr(mark + 3).find_first_of("/?#"));
  if (knows_host(hosts.front()) && knows_host(named))
    return std::nullopt;
  return json_error(403, "UnknownHost",
                    "the admin server does not go by this Host; list the name in admin.hosts");
}

std::optional<server_response> admin_guard::refuse_write(const server_request& request) const {
  if (!same_origin(request))
    return json_error(403, "ForeignOrigin", "a page of another origin may not write here");
  if (from_a_form(request))
    return json_error(415, "UnsupportedMediaType",
                      "a body must be declared as Content-Type: application/json");
  if (token_.empty())
    return json_error(403, "WritesAreOff",
                      "no token is configured, so nothing can be written; set admin.token, e.g. "
                      "admin: {token: {from_file: PATH}}");
  const auto credentials = values(request, "Authorization");
  if (credentials.size() == 1 && same_token(bearer(credentials.front()), token_.reveal()))
    return std::nullopt;
  auto answer =
      json_error(401, "Unauthorized",
                 credentials.empty() ? "writing needs the header Authorization: Bearer TOKEN"
                                     : "this is not the token of admin.token");
  answer.headers.set("WWW-Authenticate", "Bearer realm=\"feedcast\"");
  return answer;
}

std::optional<server_response> admin_guard::refuse(const server_request& request) const {
  auto refusal = refuse_host(request);
  if (!refusal && is_write(request.message.method))
    refusal = refuse_write(request);
  static log::limiter once{10s};
  if (refusal)
    if (const auto pass = once.admit())
      log::warn("an admin request was refused", {{"status", refusal->status},
                                                 {"method", request.message.method},
                                                 {"peer", request.peer},
                                                 {"suppressed", *pass}});
  return refusal;
}

} // namespace feedcast::app
