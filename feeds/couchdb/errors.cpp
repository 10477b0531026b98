#include "feeds/couchdb/errors.hpp"

#include "leases/json.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace feedcast::couchdb {

namespace {

constexpr milliseconds default_throttle{5'000};
constexpr milliseconds longest_throttle{60'000};
constexpr std::string_view malformed_sequence = "Malformed sequence";

constexpr std::string_view missing_database = "there is no such database";

/// The server's words for it since 2.0, and before.
bool names_missing_database(std::string_view reason) noexcept {
  return reason == "Database does not exist." || reason == "no_db_file";
}

struct meaning {
  errc code;
  std::string_view advice;
};

meaning forbidden_meaning(std::string_view reason) {
  if (is_lockout(403, reason))
    return {errc::unauthorized, "too many wrong passwords were sent from this machine: put the "
                                "password right, and wait until the server forgets them"};
  return {errc::forbidden, "the user lacks the right: add it to the members of the database "
                           "(_security), or where a database is created make it an admin"};
}

meaning missing_meaning(std::string_view reason) {
  if (names_missing_database(reason))
    return {errc::not_found, missing_database};
  return {errc::not_found, ""};
}

meaning precondition_meaning(std::string_view word) {
  if (word == "file_exists")
    return {errc::conflict, "it exists already"};
  return {errc::unavailable, ""};
}

meaning meaning_of(unsigned status, const service_words& said) {
  switch (status) {
  case 400:
    if (is_token_refusal(status, said.reason))
      return {errc::unauthorized, "the token is refused: check its key and its claims"};
    return {errc::rejected, ""};
  case 401:
    if (is_missing_right(status, said.reason))
      return {errc::forbidden, "only an admin may do that"};
    return {errc::unauthorized, "check user and password, or the token"};
  case 403:
    return forbidden_meaning(said.reason);
  case 404:
    return missing_meaning(said.reason);
  case 409:
    return {errc::conflict, "somebody else wrote it since it was read"};
  case 412:
    return precondition_meaning(said.word);
  case 413:
    return {errc::too_large, "the document or request is over the server's limit"};
  case 429:
    return {errc::throttled, "the server asks for fewer requests"};
  default:
    break;
  }
  if (status >= 300 && status < 400)
    return {errc::unavailable, "redirects are never followed: name the server's own address"};
  return {errc::unavailable, ""};
}

milliseconds wait_asked_for(unsigned status, const http::header_list& headers) {
  if (status != 429)
    return {};
  const auto text = headers.get("retry-after");
  std::uint32_t seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failure != std::errc{} || end != text.data() + text.size())
    return default_throttle;
  return std::min<milliseconds>(std::chrono::seconds{seconds}, longest_throttle);
}

/// One line without control characters, of bounded length.
std::string shown(std::string_view text) {
  constexpr std::size_t longest = 200;
  std::string out{text.substr(0, std::min(text.find_first_of("\r\n"), longest))};
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

} // namespace

service_words words_of(std::string_view body) {
  constexpr std::size_t longest_body = std::size_t{64} << 10;
  if (body.empty() || body.size() > longest_body)
    return {};
  const auto o = json::parse_object(body, "error body");
  if (!o)
    return {};
  return {json::text_at(*o, "error").value_or(""), json::text_at(*o, "reason").value_or("")};
}

bool is_lockout(unsigned status, std::string_view reason) noexcept {
  return status == 403 && reason.find("temporarily locked") != std::string_view::npos;
}

bool is_missing_right(unsigned status, std::string_view reason) noexcept {
  return status == 401 && reason.ends_with("admin.");
}

bool is_token_refusal(unsigned status, std::string_view reason) noexcept {
  if (status != 400)
    return false;
  // A token that the server can't believe is a bad request to it, but for one that has expired.
  for (const auto* whole : {"Bad HMAC", "Bad signature", "Malformed token", "Unknown kid"})
    if (reason == whole)
      return true;
  return reason.ends_with(" claim") || reason.ends_with(" header parameter");
}

bool is_session_refusal(unsigned status, std::string_view reason) noexcept {
  return status == 401 || (status == 400 && reason.find("AuthSession") != std::string_view::npos);
}

error error_of(std::string_view what, unsigned status, const http::header_list& headers,
               std::string_view body) {
  const auto said = words_of(body);
  const auto [code, advice] = meaning_of(status, said);
  std::string text{what};
  text += " answered " + std::to_string(status);
  if (!said.word.empty())
    text += ' ' + shown(said.word);
  if (!advice.empty())
    text.append(": ").append(advice);
  if (!said.reason.empty())
    text += " (the server says: " + shown(said.reason) + ')';
  auto wait = wait_asked_for(status, headers);
  if (is_lockout(status, said.reason))
    wait = lockout;
  return {code, std::move(text), wait};
}

bool is_missing_database(const error& e) noexcept {
  return e.code == errc::not_found && e.detail.find(missing_database) != std::string::npos;
}

bool is_malformed_position(const error& e) noexcept {
  return e.code == errc::rejected && e.detail.find(malformed_sequence) != std::string::npos;
}

} // namespace feedcast::couchdb
