#include "feeds/cosmos/position.hpp"

#include "feeds/cosmos/account_document.hpp"
#include "leases/json.hpp"

#include <boost/json/serialize.hpp>

namespace feedcast::cosmos {

namespace {

constexpr std::string_view beginning = "beginning";
constexpr std::string_view time_mark = "time:";

std::uint64_t seconds_of(wall_time t) {
  const auto s = std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
  return s < 0 ? 0 : static_cast<std::uint64_t>(s);
}

wall_time time_at(const boost::json::object& o, std::string_view member) {
  // Of the last year that can be read again.
  constexpr std::uint64_t last_second = 9'214'646'399;
  const auto seconds = json::number_at(o, member).value_or(0);
  return wall_time{std::chrono::seconds{std::min(seconds, last_second)}};
}

wall_time to_the_minute(wall_time t) {
  return std::chrono::floor<std::chrono::minutes>(t);
}

/// Where to start after the write region has changed.
start_point before(wall_time known_good, milliseconds rewind) {
  return {start_point::kind::time, std::max(known_good - rewind, wall_time{})};
}

} // namespace

result<position> parse_position(std::string_view token) {
  position out;
  if (!token.starts_with('{')) {
    out.at = token;
    return out;
  }
  const auto o = json::parse_object(token, "a stored continuation");
  if (!o)
    return o.error();
  const auto at = json::text_at(*o, "at");
  if (!at)
    return make_error(errc::malformed, "a stored continuation has no member at");
  out.at = *at;
  if (const auto home = json::text_at(*o, "home")) {
    auto read = parse_home(*home);
    if (!read)
      return read.error();
    out.home = std::move(*read);
    out.home_since = time_at(*o, "homeSince");
  }
  out.writer = json::text_at(*o, "writer").value_or("");
  out.since = time_at(*o, "since");
  return out;
}

std::string to_token(const position& p) {
  if (p.plain())
    return p.at;
  boost::json::object o;
  o["at"] = p.at;
  if (p.home) {
    o["home"] = home_text(p);
    o["homeSince"] = seconds_of(p.home_since);
  }
  if (!p.writer.empty()) {
    o["writer"] = p.writer;
    o["since"] = seconds_of(p.since);
  }
  return boost::json::serialize(o);
}

std::string home_text(const position& p) {
  if (!p.home)
    return {};
  if (const auto* at = std::get_if<continuation>(&*p.home))
    return at->token;
  const auto& start = std::get<start_point>(*p.home);
  return start.from == start_point::kind::time ? std::string{time_mark} + format_iso8601(start.at)
                                               : std::string{beginning};
}

result<read_position> parse_home(std::string_view text) {
  if (text == beginning)
    return read_position{start_point{start_point::kind::beginning, {}}};
  if (!text.starts_with(time_mark))
    return read_position{continuation{std::string{text}}};
  const auto at = parse_iso8601(text.substr(time_mark.size()));
  if (!at)
    return make_error(errc::malformed, "the home of a stored continuation is no time");
  return read_position{start_point{start_point::kind::time, *at}};
}

result<read_plan> plan_read(const read_position& from, const read_place& place,
                            milliseconds rewind) {
  read_plan plan;
  plan.ask = from;
  plan.next.writer = place.writer;
  plan.next.since = to_the_minute(place.seen);
  const auto leave_home = [&](read_position at, wall_time since) {
    plan.next.home = std::move(at);
    plan.next.home_since = since;
  };
  const auto* stored = std::get_if<continuation>(&from);
  if (stored == nullptr) {
    if (!place.home) {
      leave_home(from, plan.next.since);
      plan.home_is_from = std::get<start_point>(from).from == start_point::kind::now;
    }
    return plan;
  }
  auto p = parse_position(stored->token);
  if (!p)
    return p.error();
  const bool lost_writer =
      !p->writer.empty() && !place.writer.empty() && !same_region(p->writer, place.writer);
  if (lost_writer) {
    // Positions in the former log mean nothing any more.
    p->at.clear();
    plan.rewound = rewind_reason::write_region_changed;
    plan.ask = before(p->since, rewind);
    if (p->home)
      p->home = before(p->home_since, rewind);
  } else {
    plan.ask = continuation{p->at};
  }
  if (place.home) {
    if (p->home) {
      plan.ask = *p->home;
      plan.rewound = rewind_reason::home_is_back;
    }
    return plan;
  }
  if (p->home)
    leave_home(*p->home, p->home_since);
  else
    leave_home(plan.ask, p->writer.empty() ? plan.next.since : p->since);
  return plan;
}

std::string next_token(const read_plan& plan, std::string_view etag) {
  auto next = plan.next;
  next.at = etag;
  if (plan.home_is_from)
    next.home = continuation{std::string{etag}};
  return to_token(next);
}

} // namespace feedcast::cosmos
