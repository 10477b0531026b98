#include "feeds/cosmos/errors.hpp"

#include "feeds/cosmos/number.hpp"
#include "leases/json.hpp"

#include <algorithm>

namespace feedcast::cosmos {

namespace {

constexpr milliseconds default_throttle{5'000}; // what the official SDKs wait when no time is named
constexpr milliseconds longest_throttle{60'000};
constexpr milliseconds retry_with_delay{10};

struct meaning {
  errc code;
  std::string_view advice;
};

meaning forbidden_meaning(unsigned sub) {
  switch (sub) {
  case 3:
    return {errc::unavailable,
            "this region takes no writes now; the account's regions are read again"};
  case 1005:
    return {errc::forbidden, "the account's throughput limit is reached: raise it, or create the "
                             "container by hand"};
  case 1008:
    return {errc::unavailable,
            "this region no longer serves the account; its regions are read again"};
  case 1014:
    return {errc::forbidden, "the partition's storage quota is used up: remove old documents"};
  case 5300:
  case 5301:
  case 5302:
    return {errc::forbidden,
            "the credentials have no right to this operation: give the identity the "
            "role 'Cosmos DB Built-in Data Contributor' (data), or create the "
            "resource by hand with an account key"};
  default:
    return {errc::forbidden, "the account refuses this client: check its firewall and virtual "
                             "networks, that the key is not a read-only one where something is "
                             "written, and the clock of this machine"};
  }
}

meaning missing_meaning(unsigned sub) {
  switch (sub) {
  case 1002:
    return {errc::session_behind, "the replica has not caught up with what was read before"};
  case 1003:
    return {errc::not_found, "the database or collection does not exist: check both names"};
  case 1013:
    return {errc::unavailable, "the collection is still being created"};
  default:
    return {errc::not_found, ""};
  }
}

meaning gone_meaning(unsigned sub) {
  switch (sub) {
  case 1002:
  case 1007:
    return {errc::gone, "the range was split or merged"};
  case 1000:
    return {errc::unavailable, "the service is still looking the name up: the collection may have "
                               "been created again"};
  default:
    return {errc::unavailable, "the partition is being moved"};
  }
}

meaning bad_request_meaning(unsigned sub, std::string_view message) {
  if (sub == 1024)
    return {errc::rejected,
            "the collection was deleted and created again, so stored positions mean "
            "nothing in it: restart with a new lease prefix and choose where to start"};
  if (message.find("Reduce page size") != std::string_view::npos)
    return {errc::too_large, "the page is too large: fewer documents are asked for"};
  return {errc::rejected, ""};
}

meaning meaning_of(unsigned status, unsigned sub, std::string_view message) {
  switch (status) {
  case 400:
    return bad_request_meaning(sub, message);
  case 401:
    return {errc::unauthorized, "check the account key: it may have been rotated, or belong to "
                                "another account"};
  case 403:
    return forbidden_meaning(sub);
  case 404:
    return missing_meaning(sub);
  case 408:
    return {errc::timeout, "the service gave up on the request"};
  case 409:
    return {errc::conflict, "it exists already"};
  case 410:
    return gone_meaning(sub);
  case 412:
    return {errc::conflict, "somebody else wrote it since it was read"};
  case 413:
    return {errc::too_large, "the document or page is over the service's limit"};
  case 429:
    return {errc::throttled, "the request units are used up: raise the throughput if this lasts"};
  case 449:
    return {errc::unavailable, "a concurrent write is under way"};
  default:
    break;
  }
  if (status >= 300 && status < 400)
    return {errc::rejected, "redirects are never followed: name the account's own endpoint"};
  if (status >= 400 && status < 500)
    return {errc::rejected, ""};
  if (status >= 500 && status < 600)
    return {errc::unavailable, ""};
  return {errc::malformed, "this is not an answer of Cosmos DB"};
}

milliseconds wait_asked_for(const http::response& r) {
  if (r.status == 449)
    return retry_with_delay;
  if (r.status != 429)
    return {};
  const auto asked = read_number<std::uint64_t>(r.headers.get("x-ms-retry-after-ms"));
  if (!asked)
    return default_throttle;
  return milliseconds{
      std::min<std::uint64_t>(*asked, static_cast<std::uint64_t>(longest_throttle.count()))};
}

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+'
         || c == '/' || c == '=' || c == '%';
}

/// Keys have 88 characters and signatures 44 or more: no run of that length is shown.
std::string without_secrets(std::string_view text) {
  constexpr std::size_t suspicious = 40;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto end = at;
    while (end < text.size() && is_token_character(text[end]))
      ++end;
    if (end - at >= suspicious)
      out += "[hidden]";
    else
      out += text.substr(at, end - at);
    if (end < text.size()) {
      const auto byte = static_cast<unsigned char>(text[end]);
      out += (byte < 0x20 || byte == 0x7f) ? ' ' : text[end];
      ++end;
    }
    at = end;
  }
  return out;
}

} // namespace

unsigned substatus(const http::response& r) noexcept {
  return read_number<unsigned>(r.headers.get("x-ms-substatus")).value_or(0);
}

std::string service_message(const http::response& r) {
  constexpr std::size_t longest_body = std::size_t{64} << 10;
  constexpr std::size_t longest = 200;
  if (r.body.empty() || r.body.size() > longest_body)
    return {};
  const auto body = json::parse_object(r.body.view(), "error body");
  if (!body)
    return {};
  const auto message = json::text_at(*body, "message");
  if (!message)
    return {};
  const auto line = std::string_view{*message}.substr(0, message->find_first_of("\r\n"));
  auto shown = without_secrets(line);
  if (shown.size() > longest)
    shown = shown.substr(0, longest) + "...";
  return shown;
}

error to_error(const http::response& r, std::string_view what) {
  const auto sub = substatus(r);
  const auto message = service_message(r);
  const auto [code, advice] = meaning_of(r.status, sub, message);
  std::string text{what};
  text += " answered " + std::to_string(r.status);
  if (sub != 0)
    text += '/' + std::to_string(sub);
  if (!advice.empty())
    text.append(": ").append(advice);
  if (!message.empty())
    text += " (the service says: " + message + ')';
  return {code, std::move(text), wait_asked_for(r)};
}

} // namespace feedcast::cosmos
