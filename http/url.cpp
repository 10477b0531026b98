#include "http/url.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace feedcast::http {

namespace {

namespace urls = boost::urls;

error wrong(std::string_view text, std::string_view what) {
  // The part before '@' may be a password.
  const auto at = text.rfind('@');
  const auto shown =
      at == std::string_view::npos ? std::string{text} : "...@" + std::string{text.substr(at + 1)};
  return make_error(errc::rejected, "\"" + shown + "\" is no server address: " + std::string{what}
                                        + "; write it as https://host:port");
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

/// The port to use, or nullopt if the text is no port.
std::optional<std::uint16_t> read_port(std::string_view digits, std::uint16_t if_empty) {
  if (digits.empty())
    return if_empty;
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failure != std::errc{} || end != digits.data() + digits.size() || port == 0)
    return std::nullopt;
  return port;
}

} // namespace

bool origin::loopback() const noexcept {
  if (host == "localhost" || host.ends_with(".localhost"))
    return true;
  const auto v4 = urls::parse_ipv4_address(host);
  if (v4)
    return v4->is_loopback();
  const auto v6 = urls::parse_ipv6_address(host);
  return v6 && v6->is_loopback();
}

std::string origin::to_string() const {
  const auto v6 = host.find(':') != std::string::npos;
  return scheme + "://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

result<origin> parse_origin(std::string_view text) {
  if (text.find("://") == std::string_view::npos)
    return wrong(text, "it names no scheme");
  const auto parsed = urls::parse_uri(urls::string_view{text.data(), text.size()});
  if (!parsed)
    return wrong(text, "it is not a URL");
  const auto& url = *parsed;

  origin out;
  out.scheme = lower(std::string_view{url.scheme().data(), url.scheme().size()});
  if (out.scheme != "http" && out.scheme != "https")
    return wrong(text, "the scheme must be http or https");
  if (url.has_userinfo())
    return wrong(text, "user and password do not belong into it");
  if (!url.encoded_path().empty() && url.encoded_path() != "/")
    return wrong(text, "a path does not belong into it");
  if (url.has_query() || url.has_fragment())
    return wrong(text, "a query does not belong into it");
  // host_address() drops the brackets of IPv6 and decodes percent escapes.
  out.host = lower(url.host_address());
  const auto odd = [](char c) { return c <= ' ' || c == '/' || c == '@' || c == '\\'; };
  if (out.host.empty() || std::any_of(out.host.begin(), out.host.end(), odd))
    return wrong(text, "it names no valid host");
  const auto port = url.has_port() ? std::string{url.port()} : std::string{};
  const auto number = read_port(port, out.secure() ? 443 : 80);
  if (!number)
    return wrong(text, "the port must be a number from 1 to 65535");
  out.port = *number;
  return out;
}

} // namespace feedcast::http
