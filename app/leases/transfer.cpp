#include "app/leases/transfer.hpp"

#include <algorithm>
#include <set>

namespace feedcast::app {

namespace {

bool says_where(const lease& l) {
  return !l.continuation.empty() || l.start.has_value();
}

bool same_range(const lease& a, const lease& b) {
  return a.range_id == b.range_id && (a.form == lease_form::pk) == (b.form == lease_form::pk);
}

bool overlap(const lease_view& a, const lease_view& b) {
  return a.keys && b.keys && intersection(*a.keys, *b.keys).has_value();
}

/// Plans lease by lease; remembers what of the source was used.
class transfer {
 public:
  transfer(const lease_source& from, const lease_destination& to) : from_(from), to_(to) {}

  result<lease_surgery> plan() {
    for (const auto& t : to_.leases)
      if (const auto done = fill(t); !done)
        return done.error();
    for (const auto& s : from_.leases)
      if (!used_.contains(s.shown.range_id))
        if (const auto done = create(s); !done)
          return done.error();
    if (!to_.state.initialised && from_.state.initialised)
      // A marker without an anchor: a lease that is lost later is repaired from the beginning.
      out_.marker = from_.state.started_at.value_or(wall_time{});
    return std::move(out_);
  }

 private:
  /// The same range, else the narrowest that covers its keys.
  const lease_view* source_of(const lease_view& t) const {
    const lease_view* best = nullptr;
    for (const auto& s : from_.leases) {
      if (same_range(s.shown, t.shown))
        return &s;
      if (s.keys && t.keys && covers(*s.keys, *t.keys)
          && (best == nullptr || covers(*best->keys, *s.keys)))
        best = &s;
    }
    return best;
  }

  result<bool> fill(const lease_view& t) {
    const auto* s = source_of(t);
    if (s == nullptr) {
      for (const auto& other : from_.leases)
        if (overlap(other, t))
          return make_error(errc::conflict,
                            "lease " + t.shown.range_id + " (keys " + to_string(*t.keys)
                                + ") lies across several leases of " + from_.name + ", as "
                                + other.shown.range_id
                                + ": which of their positions is the earliest can't be told; "
                                  "hint: `feedcast leases rewind` reads it again from a time");
      out_.untouched.push_back({t.shown.range_id, from_.name + " has nothing for it"});
      return true;
    }
    used_.insert(s->shown.range_id);
    auto after = t.shown;
    after.continuation = s->shown.continuation;
    after.start = s->shown.continuation.empty() ? s->shown.start : std::nullopt;
    if (!says_where(s->shown)) {
      out_.untouched.push_back({t.shown.range_id, from_.name + " has no position for it"});
    } else if (after.continuation == t.shown.continuation && after.start == t.shown.start) {
      out_.untouched.push_back({t.shown.range_id, "it has this position"});
    } else {
      after.owner.clear();
      after.boot.clear();
      after.away = false;
      after.timestamp = to_.now;
      auto text = spell_position(t.shown) + " -> " + spell_position(after);
      if (!same_range(s->shown, t.shown))
        text += " of " + s->shown.range_id;
      if (!t.shown.owner.empty())
        text += "; of " + t.shown.owner + " -> nobody's";
      out_.edits.push_back({t.shown, std::move(after), std::move(text)});
    }
    return true;
  }

  result<bool> create(const lease_view& s) {
    for (const auto& t : to_.leases)
      if (overlap(s, t)) {
        out_.untouched.push_back(
            {s.shown.range_id, "not created: lease " + t.shown.range_id + " has its keys"});
        return true;
      }
    lease l;
    l.form = s.shown.form == lease_form::pk ? to_.range_form : to_.span_form;
    if (l.form != lease_form::pk && !s.keys)
      return make_error(errc::conflict,
                        "lease " + s.shown.range_id + " of " + from_.name
                            + " can't be made: nobody knows its keys, which the form of these "
                              "leases needs; hint: `feedcast leases rewind` after the next start");
    l.range_id = l.form == lease_form::pk ? s.shown.range_id : to_string(*s.keys);
    l.keys = s.keys;
    l.continuation = s.shown.continuation;
    l.start = s.shown.continuation.empty() ? s.shown.start : std::nullopt;
    l.timestamp = to_.now;
    auto text = "new, with " + spell_position(l);
    out_.edits.push_back({std::nullopt, std::move(l), std::move(text)});
    return true;
  }

  const lease_source& from_;
  const lease_destination& to_;
  std::set<std::string> used_;
  lease_surgery out_;
};

} // namespace

result<lease_surgery> plan_transfer(const lease_source& from, const lease_destination& to) {
  return transfer{from, to}.plan();
}

} // namespace feedcast::app
