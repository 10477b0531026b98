#include "feeds/cosmos/lease_members.hpp"

#include "leases/json.hpp"

#include <algorithm>

namespace feedcast::cosmos {

namespace {

constexpr std::string_view boot_member = "feedcastBoot";
constexpr std::string_view away_member = "feedcastAway";
constexpr std::string_view owner_member = "feedcastOwner";
constexpr std::string_view start_member = "feedcastStart"; ///< ISO 8601, or:
constexpr std::string_view beginning = "beginning";
constexpr std::string_view home_member = "feedcastHome";
constexpr std::string_view home_since_member = "feedcastHomeSince"; ///< ISO 8601, as the next
constexpr std::string_view since_member = "feedcastWriterSeen";
constexpr std::string_view writer_member = "feedcastWriter";

bool is_hex(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/// Bounds are inclusive below and exclusive above unless a member says otherwise.
bool usual_bounds(const boost::json::object& range) {
  const auto is = [&](std::string_view name, bool unusual) {
    const auto* value = range.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool() == unusual;
  };
  return !is("isMinInclusive", false) && !is("isMaxInclusive", true);
}

boost::json::object& object_at(boost::json::object& o, std::string_view name) {
  auto& value = o[name];
  if (!value.is_object())
    value = boost::json::object{};
  return value.get_object();
}

/// Sets or takes away a member; the order of the others stays.
void put(boost::json::object& o, std::string_view name, std::string_view text) {
  if (text.empty())
    o.stable_erase(name);
  else
    o[name] = boost::json::string_view{text};
}

std::optional<wall_time> read_start(const boost::json::object& properties) {
  const auto text = json::text_at(properties, start_member);
  if (!text)
    return std::nullopt;
  return *text == beginning ? wall_time{} : parse_iso8601(*text);
}

std::string start_text(const lease& l) {
  if (!l.start || !l.continuation.empty())
    return {};
  return *l.start == wall_time{} ? std::string{beginning} : format_iso8601(*l.start);
}

wall_time time_at(const boost::json::object& properties, std::string_view member) {
  const auto text = json::text_at(properties, member);
  return text ? parse_iso8601(*text).value_or(wall_time{}) : wall_time{};
}

result<bool> read_regions(const boost::json::object& properties, lease& out) {
  if (out.continuation.empty())
    return true;
  position p;
  p.at = out.continuation;
  if (const auto home = json::text_at(properties, home_member)) {
    auto read = parse_home(*home);
    if (!read)
      return read.error();
    p.home = std::move(*read);
    p.home_since = time_at(properties, home_since_member);
  }
  p.writer = json::text_at(properties, writer_member).value_or("");
  p.since = time_at(properties, since_member);
  out.continuation = to_token(p);
  return true;
}

void write_regions(const position& at, boost::json::object& properties) {
  put(properties, home_member, home_text(at));
  put(properties, home_since_member, at.home ? format_iso8601(at.home_since) : "");
  put(properties, writer_member, at.writer);
  put(properties, since_member, at.writer.empty() ? "" : format_iso8601(at.since));
}

} // namespace

bool usable_keys(const key_span& keys) noexcept {
  constexpr std::size_t longest = 1024;
  return keys.min.size() <= longest && keys.max.size() <= longest && keys.min < keys.max
         && std::all_of(keys.min.begin(), keys.min.end(), is_hex)
         && std::all_of(keys.max.begin(), keys.max.end(), is_hex);
}

std::optional<key_span> read_feed_range(const boost::json::object& lease, std::string_view member) {
  const auto* value = lease.if_contains(member);
  const auto* outer = value != nullptr ? value->if_object() : nullptr;
  const auto* inner = outer != nullptr ? outer->if_contains("Range") : nullptr;
  const auto* range = inner != nullptr ? inner->if_object() : nullptr;
  if (range == nullptr || !usual_bounds(*range))
    return std::nullopt;
  auto min = json::text_at(*range, "min");
  auto max = json::text_at(*range, "max");
  if (!min || !max)
    return std::nullopt;
  key_span out{std::move(*min), std::move(*max)};
  if (!usable_keys(out))
    return std::nullopt;
  return out;
}

result<bool> read_properties(const boost::json::object& document, lease& out) {
  const auto* value = document.if_contains("properties");
  const auto* properties = value != nullptr ? value->if_object() : nullptr;
  if (properties == nullptr)
    return true;
  // A library that doesn't know it may have kept it beside its own position.
  if (out.continuation.empty())
    out.start = read_start(*properties);
  if (auto ok = read_regions(*properties, out); !ok)
    return ok;
  if (out.owner.empty())
    return true;
  // Written for somebody else, and kept by a library that took the lease.
  if (json::text_at(*properties, owner_member).value_or(out.owner) != out.owner)
    return true;
  out.boot = json::text_at(*properties, boot_member).value_or("");
  out.away = json::text_at(*properties, away_member) == "true";
  return true;
}

void write_properties(const lease& l, const position& at, boost::json::object& document) {
  const auto* before = document.if_contains("properties");
  if (before != nullptr && !before->is_object() && !before->is_null())
    return; // of a kind that is nobody's we know
  auto& properties = object_at(document, "properties");
  const bool owned = !l.owner.empty();
  const bool says_something = owned && (!l.boot.empty() || l.away);
  put(properties, owner_member, says_something ? l.owner : "");
  put(properties, boot_member, owned ? l.boot : "");
  put(properties, away_member, owned && l.away ? "true" : "");
  put(properties, start_member, start_text(l));
  write_regions(at, properties);
}

void write_feed_range(const lease& l, boost::json::object& document, std::string_view member) {
  if (!l.keys || read_feed_range(document, member) == l.keys)
    return;
  const auto* before = document.if_contains(member);
  if (before != nullptr && !before->is_null() && !read_feed_range(document, member))
    return;
  document[member] = boost::json::object{
      {"Range", boost::json::object{{"min", l.keys->min}, {"max", l.keys->max}}}};
}

} // namespace feedcast::cosmos
