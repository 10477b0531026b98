#include "emulator/offer.hpp"

#include "http/crypto/digest.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace feedcast::emulator {
namespace {

namespace json = boost::json;

constexpr std::int64_t most = 1'000'000;

answer<offer> fixed(std::int64_t throughput) {
  if (throughput < least_throughput || throughput > most || throughput % 100 != 0)
    return refuse(400, "the throughput of a container is 400 to 1000000 RU/s, in steps of 100");
  return offer{throughput, {}};
}

answer<offer> scaled(std::int64_t limit) {
  constexpr std::int64_t step = 1000;
  if (limit < step || limit > most || limit % step != 0)
    return refuse(400, "the limit of autoscale is 1000 to 1000000 RU/s, in steps of 1000");
  return offer{limit / 10, limit};
}

/// Of {"maxThroughput":4000}.
answer<offer> read_autoscale(const json::value& settings) {
  const json::object* members = settings.if_object();
  const json::value* limit = members == nullptr ? nullptr : members->if_contains("maxThroughput");
  if (limit == nullptr || !limit->is_int64())
    return refuse(400, "the settings of autoscale must hold a number 'maxThroughput'");
  return scaled(limit->get_int64());
}

} // namespace

answer<offer> read_offer_headers(std::string_view throughput, std::string_view autoscale) {
  if (!autoscale.empty()) {
    if (!throughput.empty())
      return refuse(400, "a container has either a fixed throughput or autoscale, not both");
    json::error_code failure;
    const json::value settings = json::parse(autoscale, failure);
    if (failure)
      return refuse(400, "x-ms-cosmos-offer-autopilot-settings is not JSON");
    return read_autoscale(settings);
  }
  if (throughput.empty())
    return offer{};
  std::int64_t units = 0;
  const char* const last = throughput.data() + throughput.size();
  const auto [end, failure] = std::from_chars(throughput.data(), last, units);
  if (failure != std::errc{} || end != last)
    return refuse(400, "x-ms-offer-throughput is not a whole number");
  return fixed(units);
}

answer<offer> read_offer(std::string_view text) {
  json::error_code failure;
  const json::value parsed = json::parse(text, failure);
  const json::object* members = failure ? nullptr : parsed.if_object();
  const json::value* content = members == nullptr ? nullptr : members->if_contains("content");
  const json::object* terms = content == nullptr ? nullptr : content->if_object();
  if (terms == nullptr)
    return refuse(400, "the offer has no object 'content'");
  const json::value* settings = terms->if_contains("offerAutopilotSettings");
  if (settings != nullptr && !settings->is_null())
    return read_autoscale(*settings);
  const json::value* units = terms->if_contains("offerThroughput");
  if (units == nullptr || !units->is_int64())
    return refuse(400, "the offer has no whole number 'content.offerThroughput'");
  return fixed(units->get_int64());
}

std::string content_of(const offer& o) {
  std::string text = R"({"offerThroughput":)" + std::to_string(o.throughput)
                     + R"(,"offerIsRUPerMinuteThroughputEnabled":false)";
  if (o.autoscale_limit)
    text +=
        R"(,"offerAutopilotSettings":{"maxThroughput":)" + std::to_string(*o.autoscale_limit) + '}';
  return text + '}';
}

std::string offer_rid(std::uint32_t number) {
  std::string raw;
  for (int shift = 16; shift >= 0; shift -= 8)
    raw.push_back(static_cast<char>(number >> shift & 0xff));
  std::string text = http::crypto::base64_encode(raw);
  std::replace(text.begin(), text.end(), '/', '-');
  return text;
}

} // namespace feedcast::emulator
