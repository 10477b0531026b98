#include "feeds/couchdb/lease_record.hpp"

#include "feeds/couchdb/documents.hpp"
#include "leases/json.hpp"

#include <boost/json/serialize.hpp>

namespace feedcast::couchdb {

namespace {

constexpr std::string_view lease_type = "feedcast-lease";
constexpr std::uint64_t newest_version = 1;

boost::json::string_view text(std::string_view t) noexcept {
  return {t.data(), t.size()};
}

/// Sets or takes away a member; the order of the others stays.
void put(boost::json::object& o, std::string_view name, std::string_view value) {
  if (value.empty())
    o.stable_erase(name);
  else
    o[name] = text(value);
}

/// Reads one lease; its errors name it.
class record_reader {
 public:
  record_reader(const boost::json::object& o, const record_ids& ids)
      : o_{o}, ids_{ids}, id_{json::text_at(o, "_id").value_or("")} {}

  result<lease> read() {
    for (const auto step :
         {&record_reader::read_kind, &record_reader::read_identity, &record_reader::read_times})
      if (auto ok = (this->*step)(); !ok)
        return ok.error();
    out_.owner = json::text_at(o_, "owner").value_or("");
    out_.boot = json::text_at(o_, "boot").value_or("");
    out_.continuation = json::text_at(o_, "continuation").value_or("");
    const auto* away = o_.if_contains("away");
    out_.away = away != nullptr && away->is_bool() && away->get_bool();
    out_.raw = boost::json::serialize(o_);
    return std::move(out_);
  }

 private:
  error wrong(std::string_view what) const {
    return make_error(errc::malformed, "lease " + id_ + ": " + std::string{what});
  }

  result<bool> read_kind() {
    if (json::text_at(o_, "type") != lease_type)
      return wrong("the document is no lease of feedcast");
    const auto version = json::number_at(o_, "version").value_or(0);
    if (version == 0 || version > newest_version)
      return make_error(errc::rejected, "lease " + id_ + " is of version " + std::to_string(version)
                                            + ", which this feedcast does not know");
    return true;
  }

  result<bool> read_identity() {
    auto range = json::text_at(o_, "range");
    if (!range || range->empty() || ids_.lease(*range) != id_)
      return wrong("its range does not fit its id");
    out_.range_id = std::move(*range);
    const auto form = parse_lease_form(json::text_at(o_, "form").value_or(""));
    if (!form)
      return wrong("its form is not known");
    out_.form = *form;
    out_.version = revision_of(o_);
    if (out_.version.empty())
      return wrong("it has no _rev");
    return read_keys();
  }

  result<bool> read_keys() {
    const auto* keys = o_.if_contains("keys");
    if (keys == nullptr)
      return true;
    const auto* span = keys->if_object();
    auto min = span != nullptr ? json::text_at(*span, "min") : std::nullopt;
    auto max = span != nullptr ? json::text_at(*span, "max") : std::nullopt;
    if (!min || !max)
      return wrong("its keys lack min or max");
    out_.keys = key_span{std::move(*min), std::move(*max)};
    return true;
  }

  std::optional<wall_time> time_at(std::string_view name) const {
    const auto t = json::text_at(o_, name);
    return t ? parse_iso8601(*t) : std::nullopt;
  }

  result<bool> read_times() {
    const auto written = time_at("timestamp");
    const auto stored = time_at("storedAt");
    if (!written || !stored)
      return wrong("timestamp or storedAt is not an ISO 8601 time");
    out_.timestamp = *written;
    out_.stored_at = *stored;
    if (!o_.contains("start"))
      return true;
    out_.start = time_at("start");
    if (!out_.start)
      return wrong("start is not an ISO 8601 time");
    return true;
  }

  const boost::json::object& o_;
  const record_ids& ids_;
  const std::string id_;
  lease out_;
};

} // namespace

result<record_ids> record_ids::make(const std::string& prefix, const std::string& host,
                                    const std::string& database) {
  auto stem = prefix + host + '_' + database;
  if (stem.starts_with('_'))
    return make_error(errc::rejected, "the lease id '" + stem
                                          + "' begins with an underscore, which the server keeps "
                                            "for itself: choose another lease prefix");
  return record_ids{std::move(stem)};
}

result<lease> read_record(const boost::json::object& document, const record_ids& ids) {
  return record_reader{document, ids}.read();
}

result<boost::json::object> write_record(const lease& l, const record_ids& ids,
                                         const std::string& mark) {
  boost::json::object o;
  if (!l.raw.empty()) {
    auto before = json::parse_object(l.raw, "the lease document as it was read");
    if (!before)
      return before.error();
    o = std::move(*before);
    o.stable_erase("_conflicts"); // told with a document, never stored in it
  }
  o["_id"] = ids.lease(l.range_id);
  put(o, "_rev", l.version);
  o["type"] = text(lease_type);
  o["version"] = newest_version;
  o["range"] = l.range_id;
  o["form"] = text(to_string(l.form));
  if (l.keys)
    o["keys"] = boost::json::object{{"min", l.keys->min}, {"max", l.keys->max}};
  else
    o.stable_erase("keys");
  o["owner"] = l.owner;
  put(o, "boot", l.boot);
  if (l.away)
    o["away"] = true;
  else
    o.stable_erase("away");
  o["continuation"] = l.continuation;
  put(o, "start", l.start && l.continuation.empty() ? format_iso8601(*l.start) : "");
  o["timestamp"] = format_iso8601(l.timestamp);
  o["storedAt"] = format_iso8601(l.stored_at);
  o["write"] = mark;
  return o;
}

std::string mark_of(const boost::json::object& document) {
  return json::text_at(document, "write").value_or("");
}

boost::json::object write_marker(wall_time started_at) {
  return {{"type", "feedcast-leases"}, {"startedAt", format_iso8601(started_at)}};
}

result<lease_store_state> read_marker(const boost::json::object& document) {
  const auto t = json::text_at(document, "startedAt");
  const auto at = t ? parse_iso8601(*t) : std::nullopt;
  if (!at)
    return make_error(errc::malformed, "the lease marker does not say when it was written");
  return lease_store_state{true, at};
}

boost::json::object write_lock(const std::string& mark, wall_time now) {
  return {{"type", "feedcast-lock"}, {"write", mark}, {"storedAt", format_iso8601(now)}};
}

wall_time locked_at(const boost::json::object& document) {
  const auto t = json::text_at(document, "storedAt");
  return t ? parse_iso8601(*t).value_or(wall_time{}) : wall_time{};
}

} // namespace feedcast::couchdb
