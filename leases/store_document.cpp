#include "leases/store_document.hpp"

#include "leases/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace feedcast {

namespace {

constexpr std::string_view format_name = "feedcast-leases";
constexpr std::uint64_t format_version = 1;

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
  return lease{
      std::move(*range), std::move(*owner), std::move(*position), *time, std::move(*version), ""};
}

} // namespace

std::string write_store(const store_document& document) {
  boost::json::array leases;
  for (const auto& [range, l] : document.leases)
    leases.push_back(boost::json::object{{"range", range},
                                         {"owner", l.owner},
                                         {"continuation", l.continuation},
                                         {"timestamp", format_iso8601(l.timestamp)},
                                         {"version", l.version}});
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
  if (json::number_at(*o, "version") != format_version)
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
