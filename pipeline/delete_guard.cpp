#include "pipeline/delete_guard.hpp"

#include <algorithm>
#include <optional>

namespace feedcast {

namespace {

using std::chrono::seconds;

/// "36000 s" is read by nobody: whole hours and minutes are said as such.
std::string text_of(milliseconds time) {
  const auto all = std::chrono::ceil<seconds>(time).count();
  if (all != 0 && all % 3600 == 0)
    return std::to_string(all / 3600) + " h";
  if (all != 0 && all % 60 == 0)
    return std::to_string(all / 60) + " min";
  return std::to_string(all) + " s";
}

/// How long the feed may go unread, and who says so.
struct span_of_time {
  milliseconds length;
  std::string what;
};

span_of_time longest_gap(const delete_facts& f) {
  if (f.worst_lag > f.declared_outage)
    return {f.worst_lag, "the worst lag since the start (" + text_of(f.worst_lag) + ")"};
  return {f.declared_outage, "max_outage (" + text_of(f.declared_outage) + ")"};
}

/// How long a tombstone can be seen.
struct tombstone_life {
  bool unlimited = false;
  std::optional<milliseconds> length; ///< nullopt: unlimited, or not known
  std::string_view what;
};

tombstone_life life_of(const delete_facts& f) {
  // The database ignores every ttl.
  if (f.feed.known && !f.feed.default_ttl)
    return {true, std::nullopt, ""};
  tombstone_life out;
  const auto note = [&](milliseconds length, std::string_view what) {
    if (!out.length || length < *out.length) {
      out.length = length;
      out.what = what;
    }
  };
  if (f.declared_ttl.count() > 0)
    note(f.declared_ttl, "tombstone_ttl as declared");
  if (f.seen_ttl > 0)
    note(seconds{f.seen_ttl}, "the shortest ttl of the tombstones seen");
  if (f.untimed > 0 && f.feed.default_ttl.value_or(0) > 0)
    note(seconds{*f.feed.default_ttl}, "the collection's defaultTtl");
  out.unlimited = !out.length && f.untimed > 0 && f.feed.default_ttl == -1;
  return out;
}

void judge_latest(const delete_facts& f, std::vector<named_finding>& out) {
  if (f.declared_ttl.count() == 0 && f.tombstones == 0) {
    out.push_back(
        {delete_finding::deletes_invisible, false,
         "no tombstone was seen since the start, and none is declared: without soft deletes "
         "nothing tells of a delete; set soft-delete-ttl in OpenWhisk and declare it as "
         "tombstone_ttl of this feed, or read the feed in mode all-versions"});
    return;
  }
  const auto life = life_of(f);
  const auto gap = longest_gap(f);
  if (!life.unlimited && !life.length)
    out.push_back({delete_finding::tombstone_ttl_unknown, false,
                   "tombstones were seen, but not for how long they stay: declare tombstone_ttl of "
                   "this feed, the value of OpenWhisk's soft-delete-ttl"});
  if (life.length && *life.length <= gap.length)
    out.push_back({delete_finding::tombstone_ttl_too_short, false,
                   "tombstones go away after " + text_of(*life.length) + " ("
                       + std::string{life.what} + "), which does not outlast " + gap.what
                       + ": deletes are lost if the feed goes unread for so long; raise "
                         "soft-delete-ttl in OpenWhisk, or lower max_outage of this feed"});
  if (life.unlimited)
    out.push_back(
        {delete_finding::tombstones_never_expire, true,
         "tombstones stay in the collection for ever, because "
             + std::string{f.feed.default_ttl ? "they have no ttl" : "it has no defaultTtl"}
             + ": no delete is missed, but they take room; set its defaultTtl to -1"});
}

void judge_all_versions(const delete_facts& f, std::vector<named_finding>& out) {
  if (!f.feed.refused.empty()) {
    out.push_back({delete_finding::all_versions_refused, false, f.feed.refused});
    return;
  }
  if (!f.feed.known)
    return;
  const auto gap = longest_gap(f);
  if (!f.feed.retention)
    out.push_back({delete_finding::retention_unknown, false,
                   "all versions are told, but neither the collection (changeFeedPolicy) nor the "
                   "account (continuous backup) says for how long: see that it is longer than "
                       + gap.what});
  else if (*f.feed.retention <= gap.length)
    out.push_back({delete_finding::retention_too_short, false,
                   "former versions are kept for " + text_of(*f.feed.retention)
                       + ", which does not outlast " + gap.what
                       + ": hard deletes are lost if the feed goes unread for so long; raise "
                         "retentionDuration of the collection's changeFeedPolicy, or lower "
                         "max_outage of this feed"});
}

} // namespace

std::string_view to_string(delete_finding f) noexcept {
  switch (f) {
  case delete_finding::deletes_invisible:
    return "deletes_invisible";
  case delete_finding::tombstone_ttl_unknown:
    return "tombstone_ttl_unknown";
  case delete_finding::tombstone_ttl_too_short:
    return "tombstone_ttl_too_short";
  case delete_finding::tombstones_never_expire:
    return "tombstones_never_expire";
  case delete_finding::all_versions_refused:
    return "all_versions_refused";
  case delete_finding::retention_unknown:
    return "retention_unknown";
  case delete_finding::retention_too_short:
    return "retention_too_short";
  }
  return "unknown";
}

std::vector<named_finding> judge_deletes(const delete_facts& facts) {
  std::vector<named_finding> out;
  if (facts.feed.deletes_stay)
    return out;
  if (facts.feed.all_versions)
    judge_all_versions(facts, out);
  else
    judge_latest(facts, out);
  return out;
}

} // namespace feedcast
