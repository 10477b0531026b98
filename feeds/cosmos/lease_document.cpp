#include "feeds/cosmos/lease_document.hpp"

#include "core/log.hpp"
#include "feeds/cosmos/bridge_position.hpp"
#include "feeds/cosmos/java_state.hpp"
#include "feeds/cosmos/lease_members.hpp"
#include "leases/json.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <unordered_map>

namespace feedcast::cosmos {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t longest_lease = std::size_t{64} << 10;
constexpr std::string_view started_at_member = "feedcastStartedAt";
constexpr std::string_view all_versions_mode = "Full-Fidelity Feed";
/// As .NET and Java spell it; .NET reads either.
constexpr std::string_view dotnet_range = "FeedRange";
constexpr std::string_view java_range = "feedRange";

boost::json::value text_or_null(const std::string& text) {
  // In parentheses: braces would make it a list of one element.
  return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
}

/// The server's time of the last write; whole seconds.
std::optional<wall_time> written_at(const boost::json::object& o) {
  // Of the last year that can be read again.
  constexpr std::uint64_t last_second = 9'214'646'399;
  if (const auto seconds = json::number_at(o, "_ts"))
    return wall_time{std::chrono::seconds{std::min(*seconds, last_second)}};
  return std::nullopt;
}

/// Reads one lease; its errors name it.
class lease_reader {
 public:
  lease_reader(const boost::json::object& o, const lease_ids& ids)
      : o_{o}, ids_{ids}, id_{json::text_at(o, "id").value_or("")} {}

  result<lease> read() {
    for (const auto step : {&lease_reader::read_kind, &lease_reader::read_identity,
                            &lease_reader::read_times, &lease_reader::read_position})
      if (auto ok = (this->*step)(); !ok)
        return ok.error();
    if (auto ok = read_properties(o_, out_); !ok)
      return wrong(ok.error().detail);
    return std::move(out_);
  }

 private:
  error wrong(std::string_view what) const {
    return make_error(errc::malformed, "lease " + id_ + ": " + std::string{what});
  }

  error foreign(std::string_view what) const {
    return make_error(errc::rejected,
                      "lease " + id_ + ' ' + std::string{what} + ": choose another lease prefix");
  }

  result<bool> read_kind() {
    out_.raw = boost::json::serialize(o_);
    if (out_.raw.size() > longest_lease)
      return wrong("the document is over 64 KiB");
    const bool has_token = o_.contains("LeaseToken") || o_.contains("PartitionId");
    if (!has_token && o_.contains("partitionId"))
      return foreign("is in the form of the Java processor of 2018, which feedcast does not share "
                     "leases with");
    if (const auto version = json::number_at(o_, "version").value_or(0); version > 1)
      return foreign("is of version " + std::to_string(version)
                     + ", which this feedcast does not know");
    return read_mode();
  }

  /// Without a Mode it is of the latest versions.
  result<bool> read_mode() {
    // Java's leases of key spans have theirs in the state.
    if (!o_.contains("Mode") && o_.contains(java_range) && json::number_at(o_, "version") == 1)
      return true;
    const bool all = json::text_at(o_, "Mode") == all_versions_mode;
    if (all == (ids_.mode() == settings::feed_mode::all_versions))
      return true;
    if (all)
      return foreign("belongs to a processor of all versions and deletes (Mode "
                     + std::string{all_versions_mode}
                     + "), whose positions mean something else, while this feed has mode latest");
    return foreign("belongs to a processor of the latest versions, whose positions mean something "
                   "else, while this feed has mode all-versions");
  }

  result<bool> read_identity() {
    auto token = json::text_at(o_, "LeaseToken");
    if (!token)
      token = json::text_at(o_, "PartitionId");
    if (!token || token->empty())
      return wrong("it has neither LeaseToken nor PartitionId");
    // Ids are derived from tokens on every write, so a document for which that does not hold could
    // not be updated.
    if (ids_.lease(*token) != id_)
      return wrong("its token does not fit its id");
    out_.range_id = std::move(*token);
    out_.owner = json::text_at(o_, "Owner").value_or("");
    out_.version = json::text_at(o_, "_etag").value_or("");
    if (out_.version.empty())
      return wrong("it has no _etag");
    return read_keys();
  }

  result<bool> read_keys() {
    const auto java = read_feed_range(o_, java_range);
    const auto dotnet = read_feed_range(o_, dotnet_range);
    if (json::number_at(o_, "version") != 1) {
      out_.keys = dotnet ? dotnet : java;
      return true;
    }
    out_.form = java ? lease_form::java_epk : lease_form::dotnet_epk;
    out_.keys = java ? java : dotnet;
    if (!out_.keys)
      return wrong("it is a lease of a key span (version 1) without a usable FeedRange");
    if (to_string(*out_.keys) != out_.range_id)
      return wrong("its token is not that of its keys, which is " + to_string(*out_.keys));
    return true;
  }

  /// Whose clock: `timestamp` is the writer's, `_ts` the server's.
  result<bool> read_times() {
    const auto stored = written_at(o_);
    const auto text = json::text_at(o_, "timestamp");
    const auto time = text ? parse_iso8601(*text) : std::nullopt;
    if (text && !time)
      return wrong("its timestamp is not an ISO 8601 time");
    out_.timestamp = time.value_or(stored.value_or(wall_time{}));
    out_.stored_at = stored.value_or(out_.timestamp);
    return true;
  }

  result<bool> read_position() {
    out_.continuation = json::text_at(o_, "ContinuationToken").value_or("");
    if (out_.form == lease_form::java_epk && !out_.continuation.empty())
      if (auto ok = read_state(); !ok)
        return ok;
    if (ids_.mode() == settings::feed_mode::all_versions)
      out_.continuation = marked_position(out_.continuation, settings::feed_mode::all_versions);
    return true;
  }

  result<bool> read_state() {
    auto inner = read_java_state(out_.continuation, ids_.mode());
    if (!inner)
      return make_error(inner.error().code, "lease " + id_ + ": " + inner.error().detail);
    out_.continuation = std::move(*inner);
    return true;
  }

  const boost::json::object& o_;
  const lease_ids& ids_;
  const std::string id_;
  lease out_;
};

/// What of a position goes into ContinuationToken (`at`), and what beside it. One of all versions
/// stays whole; one that says nothing of its mode comes from leases of the latest versions.
result<position> parts_of(const lease& l, settings::feed_mode mode) {
  if (mode == settings::feed_mode::latest)
    return parse_position(l.continuation);
  position whole;
  whole.at = marked_position(l.continuation, settings::feed_mode::latest);
  return whole;
}

/// The text for ContinuationToken.
result<std::string> position_of(const lease& l, const std::string& etag,
                                const boost::json::object& before,
                                const std::string& collection_rid, settings::feed_mode mode) {
  if (l.form != lease_form::java_epk)
    return etag;
  const auto state = json::text_at(before, "ContinuationToken").value_or("");
  const auto inner =
      state.empty() ? result<std::string>{std::string{}} : read_java_state(state, mode);
  // Left as it is to the byte, also a state that holds no continuation yet.
  if (inner && *inner == etag)
    return state;
  if (etag.empty())
    return std::string{};
  return write_java_state(inner ? state : "", etag, l.keys.value_or(whole_key_space()),
                          collection_rid, mode);
}

} // namespace

result<lease> read_lease(const boost::json::object& document, const lease_ids& ids) {
  return lease_reader{document, ids}.read();
}

result<lease> read_lease(std::string_view document, const lease_ids& ids) {
  const auto o = json::parse_object(document, "a lease document");
  if (!o)
    return o.error();
  return read_lease(*o, ids);
}

result<std::vector<lease>> read_leases(const std::vector<boost::json::object>& documents,
                                       const lease_ids& ids) {
  std::vector<lease> out;
  std::unordered_map<std::string, std::size_t> place;
  for (const auto& document : documents) {
    auto one = read_lease(document, ids);
    if (!one)
      return one.error();
    const auto [at, is_new] = place.try_emplace(one->range_id, out.size());
    if (is_new) {
      out.push_back(std::move(*one));
      continue;
    }
    log::warn("a lease was listed twice; the one stored last counts",
              {{"lease", ids.lease(one->range_id)}});
    if (auto& before = out[at->second]; one->stored_at >= before.stored_at)
      before = std::move(*one);
  }
  return out;
}

result<std::string> write_lease(const lease& l, const lease_ids& ids,
                                const std::string& collection_rid) {
  boost::json::object o;
  if (!l.raw.empty()) {
    auto before = json::parse_object(l.raw, "the lease document as it was read");
    if (!before)
      return before.error();
    o = std::move(*before);
  }
  const auto at = parts_of(l, ids.mode());
  if (!at)
    return at.error();
  const auto token = position_of(l, at->at, o, collection_rid, ids.mode());
  if (!token)
    return token.error();
  const bool of_span = l.form != lease_form::pk;
  o["id"] = ids.lease(l.range_id);
  if (of_span)
    o["version"] = 1;
  else if (json::number_at(o, "version") == 1)
    o["version"] = 0;
  if (!o.contains("PartitionId") || o.contains("LeaseToken"))
    o["LeaseToken"] = l.range_id;
  write_feed_range(l, o, l.form == lease_form::java_epk ? java_range : dotnet_range);
  o["Owner"] = text_or_null(l.owner);
  o["ContinuationToken"] = text_or_null(*token);
  if (ids.mode() == settings::feed_mode::all_versions)
    o["Mode"] = all_versions_mode;
  write_properties(l, *at, o);
  o["timestamp"] = format_iso8601(l.timestamp);
  return boost::json::serialize(o);
}

std::string write_marker(wall_time started_at, const lease_ids& ids) {
  boost::json::object o;
  o["id"] = ids.marker();
  o[started_at_member] = format_iso8601(started_at);
  return boost::json::serialize(o);
}

lease_store_state read_marker(const boost::json::object& document) {
  constexpr auto first_leases = 60s;
  lease_store_state out{true, std::nullopt};
  if (const auto text = json::text_at(document, started_at_member))
    out.started_at = parse_iso8601(*text);
  else if (const auto written = written_at(document))
    out.started_at = std::max(*written - first_leases, wall_time{});
  return out;
}

result<lease_store_state> read_marker(std::string_view document) {
  const auto o = json::parse_object(document, "the lease marker");
  if (!o)
    return o.error();
  return read_marker(*o);
}

} // namespace feedcast::cosmos
