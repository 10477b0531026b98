#include "http/detail/response_text.hpp"

#include "core/clock.hpp"

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>

namespace feedcast::http::detail {

namespace {

void add_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ");
  const auto start = head.size();
  head.append(value);
  std::transform(head.begin() + static_cast<std::ptrdiff_t>(start), head.end(),
                 head.begin() + static_cast<std::ptrdiff_t>(start),
                 [](char c) { return c == '\r' || c == '\n' || c == '\0' ? ' ' : c; });
  head.append("\r\n");
}

/// Fields that only the server knows.
bool is_ours(std::string_view name) {
  constexpr std::array<std::string_view, 4> names{"Content-Length", "Connection",
                                                  "Transfer-Encoding", "Date"};
  return std::any_of(names.begin(), names.end(), [&](auto n) { return iequals(n, name); });
}

/// Every answer has it, and it changes once a second.
const std::string& date() {
  thread_local std::chrono::sys_seconds of{};
  thread_local std::string text;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (text.empty() || now != of) {
    of = now;
    text = format_http_date(now);
  }
  return text;
}

} // namespace

std::string_view body_of(const server_response& r) noexcept {
  return r.shared_body ? std::string_view{*r.shared_body} : std::string_view{r.body};
}

bool may_have_body(unsigned status) noexcept {
  return status >= 200 && status != 204 && status != 304;
}

std::string write_head(const server_response& r, const std::string& server_name, bool keep_alive) {
  const auto reason =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(r.status));
  std::string head;
  head.reserve(1024);
  head.append("HTTP/1.1 ").append(std::to_string(r.status)).append(" ");
  head.append(reason.data(), reason.size()).append("\r\n");
  if (!server_name.empty() && !r.headers.has("Server"))
    add_field(head, "Server", server_name);
  add_field(head, "Date", date());
  for (const auto& [name, value] : r.headers)
    if (!is_ours(name))
      add_field(head, name, value);
  if (may_have_body(r.status))
    add_field(head, "Content-Length", std::to_string(r.told_length.value_or(body_of(r).size())));
  if (!keep_alive)
    add_field(head, "Connection", "close");
  return head.append("\r\n");
}

} // namespace feedcast::http::detail
