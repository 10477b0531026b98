#include "feeds/cosmos/account_document.hpp"

#include "leases/json.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace feedcast::cosmos {

namespace {

std::string normalised(std::string_view region) {
  std::string out;
  for (const auto c : region)
    if (c != ' ')
      out += (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// What follows the first label: ".documents.azure.com". Empty for addresses, and for domains so
/// short that sharing them proves nothing ("acme.com").
std::string_view domain_of(std::string_view host) {
  const bool address = host.find(':') != std::string_view::npos
                       || host.find_first_not_of("0123456789.") == std::string_view::npos;
  const auto dot = host.find('.');
  if (address || dot == std::string_view::npos || dot == 0)
    return {};
  const auto domain = host.substr(dot);
  return domain.find('.', 1) == std::string_view::npos ? std::string_view{} : domain;
}

result<std::vector<region_endpoint>> read_locations(const boost::json::object& account,
                                                    std::string_view member,
                                                    const http::origin& configured) {
  std::vector<region_endpoint> out;
  const auto* list = account.if_contains(member);
  if (list == nullptr || !list->is_array())
    return make_error(errc::malformed,
                      "the account's answer to GET / has no member " + std::string{member});
  for (const auto& entry : list->get_array()) {
    const auto* location = entry.if_object();
    auto name = location != nullptr ? json::text_at(*location, "name") : std::nullopt;
    const auto url =
        location != nullptr ? json::text_at(*location, "databaseAccountEndpoint") : std::nullopt;
    if (!name || !url)
      return make_error(errc::malformed,
                        "the account's answer to GET / holds a location without name "
                        "or endpoint in "
                            + std::string{member});
    auto endpoint = http::parse_origin(*url);
    if (!endpoint)
      return make_error(errc::malformed, "the account's endpoint in region " + *name
                                             + " can't be used: " + endpoint.error().detail);
    if (!may_follow(configured, *endpoint))
      return make_error(
          errc::rejected,
          "the account names the endpoint " + endpoint->to_string() + " in region " + *name
              + ", which shares no domain with the configured " + configured.to_string()
              + " or is not https: nothing is sent there; if this is right, configure the "
                "account's public endpoint");
    out.push_back({std::move(*name), std::move(*endpoint)});
  }
  return out;
}

} // namespace

bool same_region(std::string_view a, std::string_view b) noexcept {
  return normalised(a) == normalised(b);
}

bool may_follow(const http::origin& configured, const http::origin& other) {
  if (!other.secure() && !other.loopback())
    return false;
  if (configured.loopback())
    return other.loopback();
  if (other.host == configured.host)
    return true;
  const auto domain = domain_of(configured.host);
  return !domain.empty() && domain_of(other.host) == domain;
}

http::origin regional_endpoint(const http::origin& configured, std::string_view region) {
  auto out = configured;
  out.host.insert(std::min(out.host.find('.'), out.host.size()), '-' + normalised(region));
  return out;
}

result<account_document> parse_account(std::string_view body, const http::origin& configured) {
  const auto account = json::parse_object(body, "the account's answer to GET /");
  if (!account)
    return account.error();
  auto readable = read_locations(*account, "readableLocations", configured);
  if (!readable)
    return readable.error();
  auto writable = read_locations(*account, "writableLocations", configured);
  if (!writable)
    return writable.error();
  const auto* several = account->if_contains("enableMultipleWriteLocations");
  return account_document{std::move(*readable), std::move(*writable),
                          several != nullptr && several->is_bool() && several->get_bool()};
}

endpoint_choice choose_endpoints(const account_document& account,
                                 const std::vector<std::string>& wanted,
                                 const http::origin& configured) {
  const region_endpoint fallback{"", configured};
  endpoint_choice out{fallback, fallback};
  out.several_writers = account.several_writers && account.writable.size() > 1;
  if (!account.writable.empty())
    out.write = account.writable.front();
  if (!account.readable.empty())
    out.read = account.readable.front();
  out.several_regions = account.readable.size() > 1 || account.writable.size() > 1;
  for (const auto& name : wanted) {
    const auto found = std::find_if(account.readable.begin(), account.readable.end(),
                                    [&](const auto& r) { return same_region(r.region, name); });
    if (found != account.readable.end()) {
      out.read = *found;
      return out;
    }
    out.away = true;
    out.stranded = out.several_writers;
  }
  out.unmet = !wanted.empty();
  out.unguided = wanted.empty() && account.readable.size() > 1;
  return out;
}

} // namespace feedcast::cosmos
