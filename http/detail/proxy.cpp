#include "http/detail/proxy.hpp"

#include "http/crypto/digest.hpp"
#include "http/message.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace feedcast::http::detail {

namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

struct setting {
  std::string name;
  std::string value;
};

/// The first of the two spellings that is set and not empty.
setting read_any(const environment& read, const char* upper, const char* lower) {
  for (const auto* name : {upper, lower})
    if (auto value = read(name); !value.empty())
      return {name, std::move(value)};
  return {};
}

bool in_network(const std::string& host, const std::string& network) {
  error_code failure;
  const auto address = ip::make_address(host, failure);
  if (failure)
    return false;
  if (address.is_v4()) {
    const auto net = ip::make_network_v4(network, failure);
    return !failure
           && net.canonical() == ip::network_v4{address.to_v4(), net.prefix_length()}.canonical();
  }
  const auto net = ip::make_network_v6(network, failure);
  return !failure
         && net.canonical() == ip::network_v6{address.to_v6(), net.prefix_length()}.canonical();
}

/// One entry of NO_PROXY: "*", "host", ".domain", "10.0.0.0/8", the first three also with ":port".
bool matches(std::string entry, const origin& server) {
  if (entry == "*")
    return true;
  if (entry.find('/') != std::string::npos)
    return in_network(server.host, entry);
  const auto colon = entry.rfind(':');
  if (colon != std::string::npos && entry.find(':') == colon) {
    if (entry.substr(colon + 1) != std::to_string(server.port))
      return false;
    entry.erase(colon);
  }
  if (entry.starts_with("*."))
    entry.erase(0, 1);
  const std::string_view domain =
      entry.starts_with('.') ? std::string_view{entry}.substr(1) : entry;
  if (domain.empty())
    return false;
  if (iequals(server.host, domain))
    return true;
  const auto& host = server.host;
  return host.size() > domain.size() && host[host.size() - domain.size() - 1] == '.'
         && iequals(std::string_view{host}.substr(host.size() - domain.size()), domain);
}

bool excluded(const std::string& list, const origin& server) {
  std::string entry;
  for (const auto c : list + ',') {
    if (c != ',' && c != ' ') {
      entry += c;
      continue;
    }
    if (!entry.empty() && matches(std::exchange(entry, {}), server))
      return true;
  }
  return false;
}

result<std::optional<proxy_route>> parse_proxy(const setting& from) {
  auto text = from.value;
  if (text.find("://") == std::string::npos)
    text.insert(0, "http://");
  proxy_route out;
  const auto user = text.find("://") + 3;
  const auto at = text.rfind('@');
  if (at != std::string::npos && at >= user) {
    const auto credentials = decode_segment(std::string_view{text}.substr(user, at - user));
    out.authorization = "Basic " + crypto::base64_encode(credentials);
    text.erase(user, at - user + 1);
  }
  auto parsed = parse_origin(text);
  if (!parsed)
    return make_error(errc::rejected, from.name + ": " + parsed.error().detail);
  if (parsed->secure())
    return make_error(errc::rejected,
                      from.name + ": a proxy is spoken to in plain http; write http://host:port");
  out.proxy = std::move(*parsed);
  return std::optional{std::move(out)};
}

} // namespace

std::string process_environment(const char* name) {
  const auto* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

result<std::optional<proxy_route>> choose_proxy(const origin& server, const std::string& option,
                                                const environment& read) {
  constexpr auto direct = std::nullopt;
  if (option == "none")
    return std::optional<proxy_route>{direct};
  if (!option.empty())
    return parse_proxy({"proxy", option});
  // A test server or a sidecar on this machine is never behind the company's proxy.
  if (server.loopback() || excluded(read_any(read, "NO_PROXY", "no_proxy").value, server))
    return std::optional<proxy_route>{direct};
  const auto from = server.secure() ? read_any(read, "HTTPS_PROXY", "https_proxy")
                                    : read_any(read, "HTTP_PROXY", "http_proxy");
  if (from.value.empty())
    return std::optional<proxy_route>{direct};
  return parse_proxy(from);
}

} // namespace feedcast::http::detail
