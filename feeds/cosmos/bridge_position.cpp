#include "feeds/cosmos/bridge_position.hpp"

#include "feeds/cosmos/number.hpp"
#include "leases/json.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace feedcast::cosmos {

using std::chrono::seconds;

namespace {

constexpr std::string_view all_versions_mark = "ff";
constexpr std::string_view latest_mark = "latest";
/// Of the last year that can be written as a date.
constexpr std::uint64_t last_second = 9'214'646'399;

wall_time time_of(std::uint64_t epoch_seconds) {
  return wall_time{seconds{std::min(epoch_seconds, last_second)}};
}

std::int64_t seconds_of(wall_time t) {
  return std::chrono::floor<seconds>(t.time_since_epoch()).count();
}

result<read_position> parse_bridge(const std::string& text) {
  if (!text.starts_with('@'))
    return read_position{continuation{text}};
  const auto since = read_number<std::uint64_t>(std::string_view{text}.substr(1));
  if (!since)
    return make_error(errc::rejected, "the stored position names no usable start for the latest "
                                      "versions: repair the lease document");
  if (*since == 0)
    return read_position{start_point{start_point::kind::beginning, {}}};
  return read_position{start_point{start_point::kind::time, time_of(*since)}};
}

std::string bridge_text(const read_position& from) {
  if (const auto* position = std::get_if<continuation>(&from))
    return position->token;
  const auto& start = std::get<start_point>(from);
  return '@'
         + std::to_string(start.from == start_point::kind::time
                              ? std::max<std::int64_t>(seconds_of(start.at), 0)
                              : 0);
}

} // namespace

result<bridge_position> parse_bridge_position(std::string_view token) {
  bridge_position out;
  const auto parts = token.starts_with('{') ? json::parse_object(token, "the stored position")
                                            : result<boost::json::object>{error{}};
  const auto mark = parts ? json::text_at(*parts, "mode") : std::nullopt;
  if (mark == latest_mark)
    out.bridge = continuation{json::text_at(*parts, "at").value_or("")};
  else if (mark != all_versions_mark)
    out.bridge = continuation{std::string{token}};
  if (out.bridge)
    return out;
  out.at = json::text_at(*parts, "at").value_or("");
  if (out.at.empty())
    return make_error(errc::rejected,
                      "the stored position of all versions has no continuation (at): repair the "
                      "lease document");
  if (const auto bridge = json::text_at(*parts, "bridge")) {
    auto from = parse_bridge(*bridge);
    if (!from)
      return from.error();
    out.bridge = std::move(*from);
  }
  if (const auto since = json::number_at(*parts, "since"))
    out.since = time_of(*since);
  return out;
}

std::string to_token(const bridge_position& position) {
  boost::json::object parts{{"at", position.at}, {"mode", all_versions_mark}};
  if (position.bridge)
    parts["bridge"] = bridge_text(*position.bridge);
  if (position.since)
    parts["since"] = seconds_of(*position.since);
  return boost::json::serialize(parts);
}

std::string marked_position(std::string_view token, settings::feed_mode of) {
  if (token.empty() || token.starts_with('{'))
    return std::string{token};
  const auto mark = of == settings::feed_mode::all_versions ? all_versions_mark : latest_mark;
  return boost::json::serialize(boost::json::object{{"at", token}, {"mode", mark}});
}

} // namespace feedcast::cosmos
