#include "settings/text_rules.hpp"

#include "settings/units.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace feedcast::settings {

namespace {

bool is_alnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 253 && is_alnum(text.front())
         && std::all_of(text.begin(), text.end(),
                        [](char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_ipv6(std::string_view text) {
  return text.find(':') != std::string_view::npos
         && std::all_of(text.begin(), text.end(), [](char c) {
              return std::isxdigit(static_cast<unsigned char>(c)) != 0 || c == ':' || c == '.';
            });
}

struct split_authority {
  std::string_view host;
  std::optional<std::string_view> port;
};

/// Cuts `host`, `host:port`, `[v6]` or `[v6]:port`; nothing if the host can't be one.
std::optional<split_authority> split(std::string_view text) {
  split_authority parts;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos || !is_ipv6(text.substr(1, end - 1)))
      return std::nullopt;
    parts.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    parts.host = text.substr(0, colon);
    rest = text.substr(colon);
    if (!is_host(parts.host))
      return std::nullopt;
  }
  if (rest.empty())
    return parts;
  if (!rest.starts_with(':'))
    return std::nullopt;
  parts.port = rest.substr(1);
  return parts;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto port = parse_count(text);
  if (!port || *port > 65'535)
    return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

} // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && is_alnum(text.front())
         && std::all_of(text.begin(), text.end(),
                        [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && is_alnum(text.front())
         && std::all_of(text.begin(), text.end(),
                        [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_collection_name(std::string_view text) {
  return !text.empty() && text.size() <= 255 && text.back() != ' '
         && text.find_first_of("/\\?#") == std::string_view::npos;
}

bool is_couchdb_name(std::string_view text) {
  constexpr std::size_t longest = 238; // a file name carries it, with a suffix
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && text.size() <= longest && lower(text.front())
         && std::all_of(text.begin(), text.end(), [&](char c) {
              return lower(c) || (c >= '0' && c <= '9')
                     || std::string_view{"_$()+-/"}.find(c) != std::string_view::npos;
            });
}

bool is_topic_name(std::string_view text) {
  return !text.empty() && text.size() <= 249 && text != "." && text != ".."
         && std::all_of(text.begin(), text.end(),
                        [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0)
    return false;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
    text.remove_suffix(1);
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alnum(c) || c == '+' || c == '/'; });
}

std::optional<host_port> parse_host_port(std::string_view text) {
  const auto parts = split(text);
  if (!parts || !parts->port)
    return std::nullopt;
  const auto port = parse_port(*parts->port);
  if (!port)
    return std::nullopt;
  return host_port{std::string{parts->host}, *port};
}

bool is_loopback(std::string_view host) {
  const auto name = lower(host);
  if (name == "localhost" || name == "::1")
    return true;
  return name.starts_with("127.") && std::count(name.begin(), name.end(), '.') == 3
         && name.find_first_not_of("0123456789.") == std::string::npos;
}

std::optional<endpoint_parts> parse_endpoint(std::string_view text) {
  const auto mark = text.find("://");
  if (mark == std::string_view::npos)
    return std::nullopt;
  endpoint_parts parts;
  parts.scheme = lower(text.substr(0, mark));
  auto authority = text.substr(mark + 3);
  if (authority.ends_with('/'))
    authority.remove_suffix(1);
  const auto cut = split(authority);
  if (!cut || (parts.scheme != "https" && parts.scheme != "http"))
    return std::nullopt;
  const std::uint16_t usual = parts.scheme == "https" ? 443 : 80;
  const auto port = cut->port ? parse_port(*cut->port) : std::optional{usual};
  if (!port || *port == 0)
    return std::nullopt;
  parts.host = lower(cut->host);
  parts.port = *port;
  return parts;
}

std::optional<url_parts> split_url(std::string_view text) {
  const auto visible = [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '#'; };
  const auto mark = text.find("://");
  if (mark == std::string_view::npos || !std::all_of(text.begin(), text.end(), visible))
    return std::nullopt;
  const auto end = std::min(text.find_first_of("/?", mark + 3), text.size());
  const auto server = text.substr(0, end);
  const auto target = text.substr(end);
  if (server.find('@') != std::string_view::npos || !parse_endpoint(server))
    return std::nullopt;
  return url_parts{std::string{server}, (target.starts_with('/') ? "" : "/") + std::string{target}};
}

bool is_link_local(std::string_view host) {
  // Digits and dots alone: 169.254.example.org is a name.
  return host.starts_with("169.254.")
         && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool is_secret_property(std::string_view name) {
  return name.find("password") != std::string_view::npos
         || name.find("secret") != std::string_view::npos || name == "ssl.key.pem"
         || name == "sasl.oauthbearer.config";
}

} // namespace feedcast::settings
