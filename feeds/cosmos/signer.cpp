#include "feeds/cosmos/signer.hpp"

#include "core/log.hpp"
#include "feeds/cosmos/errors.hpp"

#include <array>
#include <cstdio>
#include <random>
#include <utility>

namespace feedcast::cosmos {

namespace {

constexpr std::string_view api_version = "2020-07-15"; // the newest that all official SDKs agree on
// Bit 1: after a merge, answer with 410 and let us read the ranges again, instead of refusing us.
constexpr std::string_view capabilities = "1";

/// A random (version 4) UUID. Only for telling requests apart in the service's logs.
std::string new_activity_id() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  const auto high = (random() & 0xffff'ffff'ffff'0fffULL) | 0x4000ULL;
  const auto low = (random() & 0x3fff'ffff'ffff'ffffULL) | 0x8000'0000'0000'0000ULL;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%08x-%04x-%04x-%04x-%012llx",
                static_cast<unsigned>(high >> 32U), static_cast<unsigned>((high >> 16U) & 0xffffU),
                static_cast<unsigned>(high & 0xffffU), static_cast<unsigned>(low >> 48U),
                static_cast<unsigned long long>(low & 0xffff'ffff'ffffULL));
  return text.data();
}

bool complains_of_time(std::string_view message) {
  for (const std::string_view word : {"x-ms-date", "'date'", "current time", "expired", "clock"})
    if (message.find(word) != std::string_view::npos)
      return true;
  return false;
}

} // namespace

http::request signer::sign(const call& c, const proof& by) const {
  http::request r{c.method, c.target, c.headers, c.body, c.secret_answer};
  const auto date = format_http_date(clock_.wall() + clock_offset());
  r.headers.set("x-ms-date", date);
  r.headers.set("x-ms-version", std::string{api_version});
  r.headers.set("authorization", by.authorization({c.method, c.type, c.link}, date));
  r.headers.set("accept", "application/json");
  r.headers.set("cache-control", "no-cache");
  r.headers.set("user-agent", "feedcast/" FEEDCAST_VERSION);
  r.headers.set("x-ms-activity-id", new_activity_id());
  r.headers.set("x-ms-cosmos-sdk-supportedcapabilities", std::string{capabilities});
  return r;
}

bool signer::learn_clock(const http::response& refusal) {
  if (refusal.status != 401 && refusal.status != 403)
    return false;
  const auto theirs = parse_http_date(refusal.headers.get("date"));
  if (!theirs)
    return false;
  // The service tolerates 15 minutes. Without a complaint a small difference is not the reason;
  // with one, any is.
  const auto tolerated =
      complains_of_time(service_message(refusal)) ? milliseconds{2'000} : milliseconds{5 * 60'000};
  const auto offset = std::chrono::duration_cast<milliseconds>(*theirs - clock_.wall());
  if (std::chrono::abs(offset - clock_offset()) <= tolerated)
    return false;
  offset_ = offset.count();
  if (!warned_.exchange(true))
    log::warn(
        "this machine's clock is wrong: requests are signed with the service's time; set the clock",
        {{"behind_by_seconds", offset.count() / 1000}});
  return true;
}

} // namespace feedcast::cosmos
