#include "feeds/couchdb/session_cookie.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace feedcast::couchdb {

namespace {

/// Of a session whose end the server does not tell.
constexpr std::chrono::seconds usual_life{600};

/// The value of an attribute of a cookie ("; Max-Age=600"); empty if it has none.
std::string_view attribute_of(std::string_view cookie, std::string_view name) {
  while (!cookie.empty()) {
    const auto end = std::min(cookie.find(';'), cookie.size());
    auto part = cookie.substr(0, end);
    cookie.remove_prefix(std::min(end + 1, cookie.size()));
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    const auto mark = part.find('=');
    if (mark != std::string_view::npos && http::iequals(part.substr(0, mark), name))
      return part.substr(mark + 1);
  }
  return {};
}

} // namespace

std::optional<granted_session> session_in(const http::header_list& head) {
  constexpr std::string_view name = "AuthSession=";
  for (const auto& [field, cookie] : head) {
    if (!http::iequals(field, "set-cookie") || !cookie.starts_with(name))
      continue;
    const auto pair = std::string_view{cookie}.substr(0, cookie.find(';'));
    if (pair.size() == name.size())
      continue; // how a refusal takes it away
    std::int64_t seconds = usual_life.count();
    const auto told = attribute_of(cookie, "max-age");
    std::from_chars(told.data(), told.data() + told.size(), seconds);
    if (seconds > 0)
      return granted_session{std::string{pair}, std::chrono::seconds{seconds}};
  }
  return std::nullopt;
}

} // namespace feedcast::couchdb
