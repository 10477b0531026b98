#include "leases/store_document.hpp"

#include "leases/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace feedcast {

namespace {

constexpr std::string_view format_name = "feedcast-leases";
/// Version 1 knew neither keys nor forms.
constexpr std::uint64_t oldest_version = 1;
constexpr std::uint64_t format_version = 2;

error wrong(const std::string& what) {
  return make_error(errc::rejected, what);
}

result<wall_time> time_at(const boost::json::object& o, std::string_view name) {
  const auto text = json::text_at(o, name);
  const auto time = text ? parse_iso8601(*text) : std::nullopt;
  if (!time)
    return wrong("member " + std::string{name} + " is not an ISO 8601 time");
  return *time;
}

/// What version 2 added.
result<bool> read_additions(const boost::json::object& o, lease& out) {
  if (const auto text = json::text_at(o, "form")) {
    const auto form = parse_lease_form(*text);
    if (!form)
      return wrong("a lease has a form that is not known: " + *text);
    out.form = *form;
  }
  if (const auto* keys = o.if_contains("keys")) {
    const auto* span = keys->if_object();
    auto min = span != nullptr ? json::text_at(*span, "min") : std::nullopt;
    auto max = span != nullptr ? json::text_at(*span, "max") : std::nullopt;
    if (!min || !max)
      return wrong("the keys of a lease lack min or max");
    out.keys = key_span{std::move(*min), std::move(*max)};
  }
  if (o.contains("storedAt")) {
    const auto time = time_at(o, "storedAt");
    if (!time)
      return time.error();
    out.stored_at = *time;
  } else {
    out.stored_at = out.timestamp; // version 1: one machine's clock wrote both
  }
  if (o.contains("start")) {
    const auto time = time_at(o, "start");
    if (!time)
      return time.error();
    out.start = *time;
  }
  out.boot = json::text_at(o, "boot").value_or("");
  const auto* away = o.if_contains("away");
  out.away = away != nullptr && away->is_bool() && away->get_bool();
  return true;
}

result<lease> read_one(const boost::json::value& entry) {
  const auto* o = entry.if_object();
  if (o == nullptr)
    return wrong("a lease is not an object");
  auto range = json::text_at(*o, "range");
  auto owner = json::text_at(*o, "owner");
  auto position = json::text_at(*o, "continuation");
  auto version = json::text_at(*o, "version");
  if (!range || !owner || !position || !version)
    return wrong("a lease lacks range, owner, continuation or version");
  const auto time = time_at(*o, "timestamp");
  if (!time)
    return time.error();
  lease out;
  out.range_id = std::move(*range);
  out.owner = std::move(*owner);
  out.continuation = std::move(*position);
  out.timestamp = *time;
  out.version = std::move(*version);
  if (auto ok = read_additions(*o, out); !ok)
    return ok.error();
  return out;
}

boost::json::object write_one(const lease& l) {
  boost::json::object o{{"range", l.range_id},
                        {"owner", l.owner},
                        {"continuation", l.continuation},
                        {"timestamp", format_iso8601(l.timestamp)},
                        {"version", l.version},
                        {"form", boost::json::string_view{to_string(l.form)}},
                        {"storedAt", format_iso8601(l.stored_at)}};
  if (l.keys)
    o["keys"] = boost::json::object{{"min", l.keys->min}, {"max", l.keys->max}};
  if (l.start && l.continuation.empty())
    o["start"] = format_iso8601(*l.start);
  if (!l.boot.empty())
    o["boot"] = l.boot;
  if (l.away)
    o["away"] = true;
  return o;
}

} // namespace

std::string write_store(const store_document& document) {
  boost::json::array leases;
  for (const auto& entry : document.leases)
    leases.push_back(write_one(entry.second));
  boost::json::object out{{"format", boost::json::string_view{format_name}},
                          {"version", format_version},
                          {"initialised", document.state.initialised},
                          {"writes", document.writes}};
  if (document.state.started_at)
    out["startedAt"] = format_iso8601(*document.state.started_at);
  out["leases"] = std::move(leases);
  return boost::json::serialize(out) + '\n';
}

result<store_document> read_store(std::string_view text) {
  const auto o = json::parse_object(text, "the file");
  if (!o)
    return wrong(o.error().detail);
  if (json::text_at(*o, "format") != format_name)
    return wrong("it is not a lease file of feedcast");
  if (const auto version = json::number_at(*o, "version").value_or(0);
      version < oldest_version || version > format_version)
    return wrong("it was written by another version of feedcast");
  const auto* initialised = o->if_contains("initialised");
  const auto writes = json::number_at(*o, "writes");
  const auto* leases = o->if_contains("leases");
  if (initialised == nullptr || !initialised->is_bool() || !writes || leases == nullptr
      || !leases->is_array())
    return wrong("it lacks initialised, writes or leases");
  store_document out;
  out.state.initialised = initialised->get_bool();
  out.writes = *writes;
  if (o->contains("startedAt")) {
    const auto time = time_at(*o, "startedAt");
    if (!time)
      return time.error();
    out.state.started_at = *time;
  }
  for (const auto& entry : leases->get_array()) {
    auto one = read_one(entry);
    if (!one)
      return one.error();
    const auto range = one->range_id;
    if (!out.leases.emplace(range, std::move(*one)).second)
      return wrong("range " + range + " has two leases");
  }
  return out;
}

} // namespace feedcast
