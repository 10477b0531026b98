#include "emulator/auth.hpp"

#include "emulator/rid.hpp"
#include "http/crypto/digest.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;

constexpr auto date_tolerance = 15min;
constexpr std::size_t max_token_size = 1024;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

refusal unauthorized(std::string message) {
  return refuse(401, std::move(message));
}

/// The `sig` of "type=master&ver=1.0&sig=..."; empty if that is not what `token` is.
std::string signature_of(std::string_view token) {
  constexpr std::string_view head = "type=master&ver=1.0&sig=";
  if (!token.starts_with(head))
    return {};
  std::string signature(token.substr(head.size()));
  std::replace(signature.begin(), signature.end(), ' ',
               '+'); // some clients leave '+' to form decoding
  return signature;
}

/// Offers have no names. A database name that looks like a database's resource id is taken for one,
/// as the service does.
bool by_resource_id(const std::vector<std::string>& segments) {
  if (segments.front() != "dbs")
    return true;
  const auto database = parse_rid(segments[1]);
  return database && database->collection == 0;
}

} // namespace

signed_resource resource_of_path(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0)
      segments.push_back(http::decode_segment(path.substr(0, end)));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  if (segments.empty())
    return {};

  const bool names_item = segments.size() % 2 == 0;
  signed_resource r{segments[segments.size() - (names_item ? 2 : 1)], {}};
  if (!names_item)
    segments.pop_back(); // a list is signed for its owner
  if (segments.empty())
    return r;
  if (by_resource_id(segments)) {
    r.link = lower(segments.back());
    return r;
  }
  for (const std::string& segment : segments)
    r.link += (r.link.empty() ? "" : "/") + segment;
  return r;
}

std::string sign(std::string_view key, std::string_view method, std::string_view type,
                 std::string_view link, std::string_view x_ms_date, std::string_view date) {
  std::string text = lower(method) + '\n' + lower(type) + '\n';
  text += link;
  text += '\n' + lower(x_ms_date) + '\n' + (x_ms_date.empty() ? lower(date) : std::string()) + '\n';
  return http::crypto::base64_encode(http::crypto::hmac_sha256(key, text));
}

answer<void> check_signature(const http::request& request, const signed_resource& resource,
                             std::string_view key, wall_time now) {
  const std::string_view header = request.headers.get("authorization");
  if (header.empty())
    return unauthorized("the header 'authorization' is missing");
  if (header.size() > max_token_size)
    return unauthorized("the authorization token is too long");
  const std::string given = signature_of(http::decode_segment(header));
  if (given.empty())
    return unauthorized(
        "the authorization token is not of the form type=master&ver=1.0&sig=..., URL-encoded");

  const std::string_view x_ms_date = request.headers.get("x-ms-date");
  const std::string_view date = request.headers.get("date");
  const auto when = parse_http_date(x_ms_date.empty() ? date : x_ms_date);
  if (!when)
    return unauthorized("neither 'x-ms-date' nor 'date' is an RFC 1123 date");

  const std::string expected =
      sign(key, request.method, resource.type, resource.link, x_ms_date, date);
  if (!http::crypto::equal_constant_time(given, expected))
    return unauthorized(
        "the signature does not match: check the account key and what was signed. Verb: "
        + lower(request.method) + ", resource type: " + resource.type
        + ", resource link: " + resource.link);
  if (std::chrono::abs(*when - now) > date_tolerance)
    return refuse(403, "the request's date is more than 15 minutes from the server's time, "
                           + format_http_date(now));
  return {};
}

} // namespace feedcast::emulator
