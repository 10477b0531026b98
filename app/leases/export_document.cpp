#include "app/leases/export_document.hpp"

#include "app/leases/json_text.hpp"
#include "leases/json.hpp"

#include <boost/json/array.hpp>

#include <set>

namespace feedcast::app {

namespace {

constexpr std::string_view format_name = "feedcast-leases-export";
constexpr std::uint64_t format_version = 1;

error wrong(const std::string& what) {
  return make_error(errc::rejected, what);
}

boost::json::value text_or_null(const std::string& text) {
  return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
}

boost::json::object lease_to_json(const lease& l) {
  return {{"range", l.range_id},
          {"form", boost::json::string_view{to_string(l.form)}},
          {"keys", l.keys ? boost::json::value(to_json(*l.keys)) : boost::json::value(nullptr)},
          {"position", text_or_null(l.continuation)},
          {"start", time_or_null(l.start)},
          {"owner", text_or_null(l.owner)}};
}

/// Missing and null are the same; `rejected` if there is something else.
result<std::optional<wall_time>> time_at(const boost::json::object& o, std::string_view name) {
  const auto* v = o.if_contains(name);
  if (v == nullptr || v->is_null())
    return std::optional<wall_time>{};
  const auto text = json::text_at(o, name);
  const auto time = text ? parse_iso8601(*text) : std::nullopt;
  if (!time)
    return wrong("member " + std::string{name} + " is not an ISO 8601 time");
  return time;
}

result<lease> read_lease(const boost::json::value& entry) {
  const auto* o = entry.if_object();
  if (o == nullptr)
    return wrong("a lease is not an object");
  lease out;
  auto range = json::text_at(*o, "range");
  const auto form = parse_lease_form(json::text_at(*o, "form").value_or(""));
  if (!range || range->empty() || !form)
    return wrong("a lease lacks range or form, or has a form that is not known");
  out.range_id = std::move(*range);
  out.form = *form;
  if (const auto* keys = o->if_contains("keys"); keys != nullptr && !keys->is_null()) {
    auto min = keys->is_object() ? json::text_at(keys->get_object(), "min") : std::nullopt;
    auto max = keys->is_object() ? json::text_at(keys->get_object(), "max") : std::nullopt;
    if (!min || !max || *min >= *max)
      return wrong("lease " + out.range_id + " has keys that are no span");
    out.keys = key_span{std::move(*min), std::move(*max)};
  }
  if (!out.keys && out.form != lease_form::pk)
    return wrong("lease " + out.range_id + " lacks its keys");
  const auto* position = o->if_contains("position");
  if (position == nullptr || !(position->is_null() || position->is_string()))
    return wrong("lease " + out.range_id + " lacks its position");
  out.continuation = json::text_at(*o, "position").value_or("");
  const auto start = time_at(*o, "start");
  if (!start)
    return start.error();
  out.start = *start;
  out.owner = json::text_at(*o, "owner").value_or("");
  return out;
}

result<processor_identity> read_identity(const boost::json::object& o) {
  const auto* v = o.if_contains("processor");
  if (v == nullptr || !v->is_object())
    return wrong("it lacks processor");
  const auto& p = v->get_object();
  const auto text = [&](std::string_view name) { return json::text_at(p, name).value_or(""); };
  processor_identity out{text("target"),   text("feed"),       text("host"),
                         text("database"), text("collection"), text("collection_rid"),
                         text("prefix")};
  // Where a collection is a database, it lies in none.
  if (out.host.empty() || !json::text_at(p, "database") || out.collection.empty())
    return wrong("its processor lacks host, database or collection");
  return out;
}

std::string describe(const processor_identity& p) {
  return "collection " + p.collection + " of database " + p.database + " at " + p.host
         + (p.collection_rid.empty() ? "" : " (_rid " + p.collection_rid + ')');
}

} // namespace

std::string write_export(const lease_export& e) {
  const auto& p = e.processor;
  boost::json::array leases;
  for (const auto& l : e.leases)
    leases.push_back(lease_to_json(l));
  const boost::json::object out{
      {"format", boost::json::string_view{format_name}},
      {"version", format_version},
      {"exported_at", format_iso8601(e.exported_at)},
      {"processor", boost::json::object{{"target", p.target},
                                        {"feed", p.feed},
                                        {"host", p.host},
                                        {"database", p.database},
                                        {"collection", p.collection},
                                        {"collection_rid", text_or_null(p.collection_rid)},
                                        {"prefix", p.prefix}}},
      {"marker", boost::json::object{{"initialised", e.state.initialised},
                                     {"anchor", time_or_null(e.state.started_at)}}},
      {"leases", std::move(leases)}};
  return indented(out) + '\n';
}

result<lease_export> read_export(std::string_view text) {
  const auto o = json::parse_object(text, "the file");
  if (!o)
    return wrong(o.error().detail);
  if (json::text_at(*o, "format") != format_name)
    return wrong("it was not written by `feedcast leases export`");
  if (json::number_at(*o, "version") != format_version)
    return wrong("it was written by another version of feedcast");
  lease_export out;
  auto identity = read_identity(*o);
  if (!identity)
    return identity.error();
  out.processor = std::move(*identity);
  const auto time = time_at(*o, "exported_at");
  if (!time)
    return time.error();
  out.exported_at = time->value_or(wall_time{});
  const auto* marker = o->if_contains("marker");
  const auto* initialised = marker != nullptr && marker->is_object()
                                ? marker->get_object().if_contains("initialised")
                                : nullptr;
  const auto* leases = o->if_contains("leases");
  if (initialised == nullptr || !initialised->is_bool() || leases == nullptr || !leases->is_array())
    return wrong("it lacks marker or leases");
  out.state.initialised = initialised->get_bool();
  const auto anchor = time_at(marker->get_object(), "anchor");
  if (!anchor)
    return anchor.error();
  out.state.started_at = *anchor;
  std::set<std::string> seen;
  for (const auto& entry : leases->get_array()) {
    auto one = read_lease(entry);
    if (!one)
      return one.error();
    if (!seen.insert(one->range_id).second)
      return wrong("range " + one->range_id + " has two leases");
    out.leases.push_back(std::move(*one));
  }
  return out;
}

result<bool> check_same_feed(const processor_identity& from, const processor_identity& to) {
  const bool rids_known = !from.collection_rid.empty() && !to.collection_rid.empty();
  const bool same =
      from.database == to.database && from.collection == to.collection
      && (rids_known ? from.collection_rid == to.collection_rid : from.host == to.host);
  if (same)
    return true;
  return make_error(errc::rejected, "the positions are of " + describe(from)
                                        + ", and mean nothing in " + describe(to));
}

} // namespace feedcast::app
