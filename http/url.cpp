#include "http/url.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace feedcast::http {

namespace {

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

bool is_host_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

/// Host and port of an authority, split; the brackets of IPv6 are dropped. nullopt if the host is
/// not valid.
struct authority {
  std::string host;
  std::string_view port;
};

std::optional<authority> split_authority(std::string_view text) {
  auto colon = text.find(':');
  if (!text.starts_with('[')) {
    const auto host = lower(text.substr(0, colon));
    if (!is_host_name(host))
      return std::nullopt;
    return authority{host, colon == std::string_view::npos ? "" : text.substr(colon + 1)};
  }
  const auto end = text.find(']');
  if (end == std::string_view::npos)
    return std::nullopt;
  const auto host = lower(text.substr(1, end - 1));
  const auto rest = text.substr(end + 1);
  boost::system::error_code failure;
  boost::asio::ip::make_address_v6(host, failure);
  if (failure || (!rest.empty() && rest.front() != ':'))
    return std::nullopt;
  return authority{host, rest.empty() ? rest : rest.substr(1)};
}

} // namespace

bool origin::loopback() const noexcept {
  if (host == "localhost")
    return true;
  boost::system::error_code failure;
  const auto address = boost::asio::ip::make_address(host, failure);
  return !failure && address.is_loopback();
}

std::string origin::to_string() const {
  const auto v6 = host.find(':') != std::string::npos;
  return scheme + "://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

// By hand and strict, because Boost.URL 1.81 takes "10.0.0.1.example.org" for an address and a
// path.
result<origin> parse_origin(std::string_view text) {
  const auto mark = text.find("://");
  if (mark == std::string_view::npos)
    return wrong(text, "it names no scheme");
  origin out;
  out.scheme = lower(text.substr(0, mark));
  if (out.scheme != "http" && out.scheme != "https")
    return wrong(text, "the scheme must be http or https");

  const auto after = text.substr(mark + 3);
  const auto end = std::min(after.find_first_of("/?#"), after.size());
  const auto server = after.substr(0, end);
  const auto rest = after.substr(end);
  if (server.find('@') != std::string_view::npos)
    return wrong(text, "user and password do not belong into it");
  if (rest.find_first_of("?#") != std::string_view::npos)
    return wrong(text, "a query does not belong into it");
  if (!rest.empty() && rest != "/")
    return wrong(text, "a path does not belong into it");

  const auto parts = split_authority(server);
  if (!parts)
    return wrong(text, "it names no valid host");
  out.host = parts->host;
  const auto port = read_port(parts->port, out.secure() ? 443 : 80);
  if (!port)
    return wrong(text, "the port must be a number from 1 to 65535");
  out.port = *port;
  return out;
}

} // namespace feedcast::http
