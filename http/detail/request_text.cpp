#include "http/detail/request_text.hpp"

#include <algorithm>
#include <array>

namespace feedcast::http::detail {

namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || marks.find(c) != std::string_view::npos;
  });
}

bool is_target(std::string_view text) {
  return !text.empty() && (text.front() == '/' || text == "*")
         && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_value(std::string_view text) {
  return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos;
}

/// Fields that describe the connection or the framing: they are ours to set.
bool is_framing(std::string_view name) {
  constexpr std::array<std::string_view, 4> names{"Host", "Content-Length", "Connection",
                                                  "Transfer-Encoding"};
  return std::any_of(names.begin(), names.end(), [&](auto n) { return iequals(n, name); });
}

bool wants_length(const request& r) {
  return !r.body.empty() || r.method == "POST" || r.method == "PUT" || r.method == "PATCH";
}

void add_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

} // namespace

std::string authority(const origin& server) {
  return server.to_string().substr(server.scheme.size() + 3);
}

std::string host_field(const origin& server) {
  auto text = authority(server);
  if (server.port == (server.secure() ? 443 : 80))
    text.erase(text.rfind(':'));
  return text;
}

result<std::string> write_head(const request& r, const origin& server,
                               const std::optional<proxy_route>& proxy) {
  if (!is_token(r.method))
    return make_error(errc::rejected, "the method \"" + r.method + "\" is not a token");
  if (!is_target(r.target))
    return make_error(errc::rejected,
                      "the request target must start with '/' and be percent-encoded");
  const auto relayed = proxy && !server.secure();
  std::string head;
  head.reserve(512);
  head.append(r.method).append(" ");
  if (relayed)
    head.append("http://").append(host_field(server));
  head.append(r.target).append(" HTTP/1.1\r\n");
  add_field(head, "Host", host_field(server));
  if (relayed && !proxy->authorization.empty())
    add_field(head, "Proxy-Authorization", proxy->authorization);
  for (const auto& [name, value] : r.headers) {
    if (!is_token(name) || !is_value(value))
      return make_error(errc::rejected, "a request field \"" + encode_segment(name)
                                            + "\" holds a character that can't be sent");
    if (!is_framing(name))
      add_field(head, name, value);
  }
  if (wants_length(r))
    add_field(head, "Content-Length", std::to_string(r.body.size()));
  head.append("\r\n");
  return head;
}

std::string write_connect(const origin& server, const proxy_route& proxy) {
  std::string head = "CONNECT " + authority(server) + " HTTP/1.1\r\n";
  add_field(head, "Host", authority(server));
  if (!proxy.authorization.empty())
    add_field(head, "Proxy-Authorization", proxy.authorization);
  return head.append("\r\n");
}

} // namespace feedcast::http::detail
