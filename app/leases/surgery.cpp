#include "app/leases/surgery.hpp"

#include <algorithm>
#include <set>

namespace feedcast::app {

namespace {

std::string spell_owner(const lease_view& v) {
  if (v.shown.owner.empty())
    return "nobody's";
  return "of " + v.shown.owner + (v.expired ? ", expired, " : ", ") + "written " + spell_age(v.age)
         + " ago";
}

lease without_owner(const lease& l, wall_time now) {
  auto out = l;
  out.owner.clear();
  out.boot.clear();
  out.away = false;
  out.timestamp = now;
  return out;
}

} // namespace

std::vector<owned_lease> owned_among(const std::vector<lease_view>& leases) {
  std::vector<owned_lease> out;
  for (const auto& v : leases)
    if (v.owned())
      out.push_back({v.shown.range_id, v.shown.owner, v.age});
  return out;
}

std::vector<owned_lease> owned_among(const lease_surgery& surgery,
                                     const std::vector<lease_view>& leases) {
  std::set<std::string> edited;
  for (const auto& e : surgery.edits)
    edited.insert(e.after.range_id);
  auto out = owned_among(leases);
  std::erase_if(out, [&](const auto& o) { return !edited.contains(o.range_id); });
  return out;
}

result<std::vector<lease_view>> choose(const std::vector<lease_view>& leases,
                                       const std::vector<std::string>& range_ids) {
  if (range_ids.empty())
    return leases;
  const std::set<std::string> wanted{range_ids.begin(), range_ids.end()};
  std::vector<lease_view> out;
  for (const auto& v : leases)
    if (wanted.contains(v.shown.range_id))
      out.push_back(v);
  for (const auto& id : wanted)
    if (std::none_of(out.begin(), out.end(), [&](const auto& v) { return v.shown.range_id == id; }))
      return make_error(errc::not_found, "there is no lease of range " + id
                                             + "; hint: `feedcast leases list` names them");
  return out;
}

std::string spell_position(const lease& l) {
  if (!l.continuation.empty())
    return "position " + l.continuation;
  if (!l.start)
    return "no position";
  return *l.start == wall_time{} ? "the beginning" : "time " + format_iso8601(*l.start);
}

lease_surgery plan_release(const std::vector<lease_view>& chosen, wall_time now) {
  lease_surgery out;
  for (const auto& v : chosen) {
    if (v.shown.owner.empty())
      out.untouched.push_back({v.shown.range_id, "it is nobody's"});
    else
      out.edits.push_back({v.shown, without_owner(v.shown, now),
                           spell_owner(v) + " -> nobody's, " + spell_position(v.shown) + " stays"});
  }
  return out;
}

lease_surgery plan_rewind(const std::vector<lease_view>& chosen, wall_time to, wall_time now) {
  lease_surgery out;
  for (const auto& v : chosen) {
    auto after = without_owner(v.shown, now);
    after.continuation.clear();
    after.start = to;
    if (v.shown.owner.empty() && v.shown.continuation.empty() && v.shown.start == to) {
      out.untouched.push_back({v.shown.range_id, "it starts from " + spell_position(after)});
      continue;
    }
    auto text = spell_position(v.shown) + " -> " + spell_position(after);
    if (!v.shown.owner.empty())
      text += "; " + spell_owner(v) + " -> nobody's";
    out.edits.push_back({v.shown, std::move(after), std::move(text)});
  }
  if (!out.edits.empty())
    out.notes.emplace_back(
        "only feedcast knows the new start: a change feed processor of another library that takes "
        "one of these leases starts where it is configured to start, which may be now");
  return out;
}

surgery_outcome carry_out(store_access& store, const lease_surgery& surgery) {
  surgery_outcome out;
  for (const auto& e : surgery.edits) {
    auto written = e.before ? store.replace(e.after) : store.create(e.after);
    // A document of a kind that we don't know may have no room for a start.
    if (written
        && (written->continuation != e.after.continuation || written->start != e.after.start))
      written = make_error(errc::malformed, "it was written, but reads " + spell_position(*written)
                                                + " and not " + spell_position(e.after)
                                                + "; restore it from an export");
    out.edits.push_back(written ? std::nullopt : std::optional{written.error()});
    out.written += written ? 1 : 0;
  }
  if (!surgery.marker)
    return out;
  if (!out.complete())
    out.marker = make_error(errc::canceled, "not all leases were written");
  else if (const auto marked = store.mark_initialised(*surgery.marker); !marked)
    out.marker = marked.error();
  return out;
}

} // namespace feedcast::app
