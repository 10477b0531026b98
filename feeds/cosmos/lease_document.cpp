#include "feeds/cosmos/lease_document.hpp"

#include "feeds/cosmos/resources.hpp"
#include "leases/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace feedcast::cosmos {

namespace {

constexpr std::size_t longest_lease = std::size_t{64} << 10;
constexpr std::string_view started_at_member = "feedcastStartedAt";

boost::json::value text_or_null(const std::string& text) {
  // In parentheses: braces would make it a list of one element.
  return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
}

/// Whose clock: `timestamp` is the writer's, `_ts` (whole seconds) the server's.
result<wall_time> timestamp_of(const boost::json::object& o, const std::string& id) {
  if (const auto text = json::text_at(o, "timestamp")) {
    if (const auto time = parse_iso8601(*text))
      return *time;
    return make_error(errc::malformed, "lease " + id + ": its timestamp is not an ISO 8601 time");
  }
  const auto seconds = json::number_at(o, "_ts").value_or(0);
  // Of the last year that can be read again.
  constexpr std::uint64_t last_second = 9'214'646'399;
  return wall_time{std::chrono::seconds{std::min(seconds, last_second)}};
}

result<lease> from_object(const boost::json::object& o, const lease_ids& ids) {
  const auto id = json::text_at(o, "id").value_or("");
  const auto wrong = [&](std::string_view what) {
    return make_error(errc::malformed, "lease " + id + ": " + std::string{what});
  };
  lease out;
  out.raw = boost::json::serialize(o);
  if (out.raw.size() > longest_lease)
    return wrong("the document is over 64 KiB");
  if (json::number_at(o, "version").value_or(0) != 0)
    return make_error(errc::rejected,
                      "lease " + id
                          + " is a lease of a key range (version 1), written by another change "
                            "feed processor: choose another lease prefix");
  auto token = json::text_at(o, "LeaseToken");
  if (!token)
    token = json::text_at(o, "PartitionId");
  if (!token || token->empty())
    return wrong("it has neither LeaseToken nor PartitionId");
  // Ids are derived from tokens on every write, so a document for which that does not hold could
  // not be updated.
  if (ids.lease(*token) != id)
    return wrong("its token does not fit its id");
  out.range_id = std::move(*token);
  out.owner = json::text_at(o, "Owner").value_or("");
  out.continuation = json::text_at(o, "ContinuationToken").value_or("");
  out.version = json::text_at(o, "_etag").value_or("");
  if (out.version.empty())
    return wrong("it has no _etag");
  const auto time = timestamp_of(o, id);
  if (!time)
    return time.error();
  out.timestamp = *time;
  return out;
}

} // namespace

result<lease_ids> lease_ids::make(std::string_view prefix, std::string_view host,
                                  std::string_view database, std::string_view collection) {
  constexpr std::size_t room_for_suffix = 32;
  std::string stem{prefix};
  stem.append(host).append("_").append(database).append("_").append(collection);
  if (auto ok = check_name(stem + std::string(room_for_suffix, '0'), "the lease id '" + stem + "'");
      !ok)
    return ok.error();
  if (std::any_of(stem.begin(), stem.end(),
                  [](char c) { return static_cast<unsigned char>(c) > 0x7e; }))
    return make_error(errc::rejected,
                      "the lease id '" + stem + "' is not ASCII: choose another lease prefix");
  return lease_ids{std::move(stem)};
}

result<lease> read_lease(std::string_view document, const lease_ids& ids) {
  const auto o = json::parse_object(document, "a lease document");
  if (!o)
    return o.error();
  return from_object(*o, ids);
}

result<std::vector<lease>> read_leases(std::string_view query_answer, const lease_ids& ids) {
  const auto page = json::parse_object(query_answer, "the list of leases");
  if (!page)
    return page.error();
  const auto* documents = page->if_contains("Documents");
  if (documents == nullptr || !documents->is_array())
    return make_error(errc::malformed, "the list of leases has no member Documents");
  std::vector<lease> out;
  for (const auto& document : documents->get_array()) {
    if (!document.is_object())
      return make_error(errc::malformed, "the list of leases holds something that is no document");
    auto one = from_object(document.get_object(), ids);
    if (!one)
      return one.error();
    out.push_back(std::move(*one));
  }
  return out;
}

result<std::string> write_lease(const lease& l, const lease_ids& ids) {
  boost::json::object o;
  if (!l.raw.empty()) {
    auto before = json::parse_object(l.raw, "the lease document as it was read");
    if (!before)
      return before.error();
    o = std::move(*before);
  }
  o["id"] = ids.lease(l.range_id);
  if (!o.contains("PartitionId") || o.contains("LeaseToken"))
    o["LeaseToken"] = l.range_id;
  o["Owner"] = text_or_null(l.owner);
  o["ContinuationToken"] = text_or_null(l.continuation);
  if (!o.contains("properties"))
    o["properties"] = boost::json::object{};
  o["timestamp"] = format_iso8601(l.timestamp);
  return boost::json::serialize(o);
}

std::string write_marker(wall_time started_at, const lease_ids& ids) {
  boost::json::object o;
  o["id"] = ids.marker();
  o[started_at_member] = format_iso8601(started_at);
  return boost::json::serialize(o);
}

result<lease_store_state> read_marker(std::string_view document) {
  const auto o = json::parse_object(document, "the lease marker");
  if (!o)
    return o.error();
  lease_store_state out{true, std::nullopt};
  if (const auto text = json::text_at(*o, started_at_member))
    out.started_at = parse_iso8601(*text);
  return out;
}

} // namespace feedcast::cosmos
