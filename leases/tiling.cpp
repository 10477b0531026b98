#include "leases/tiling.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace feedcast {

namespace {

range_start as_configured(const configured_start& start) {
  switch (start.from) {
  case settings::start_kind::beginning:
    return {range_start::kind::beginning, "", {}};
  case settings::start_kind::time:
    return {range_start::kind::time, "", start.at};
  case settings::start_kind::now:
    break;
  }
  return {range_start::kind::now, "", {}};
}

range_start from_time(wall_time at) {
  if (at <= wall_time{})
    return {range_start::kind::beginning, "", {}};
  return {range_start::kind::time, "", at};
}

range_start of_a_gap(const lease_store_state& state, const configured_start& start, bool first) {
  return first ? as_configured(start) : from_time(state.started_at.value_or(wall_time{}));
}

/// `whole` without the keys of `taken`, which is sorted.
std::vector<key_span> without(const key_span& whole, const std::vector<key_span>& taken) {
  std::vector<key_span> out;
  auto reached = whole.min;
  for (const auto& t : taken) {
    if (t.min >= whole.max)
      break;
    if (t.min > reached)
      out.push_back({reached, t.min});
    reached = std::max(reached, t.max);
    if (reached >= whole.max)
      return out;
  }
  out.push_back({reached, whole.max});
  return out;
}

class planning {
 public:
  explicit planning(const tiling_facts& facts)
      : facts_(facts), first_(is_first_start(facts.leases, facts.state)) {
    for (const auto& r : facts.ranges)
      by_id_.emplace(r.id, &r);
    for (const auto& l : facts.leases)
      note(l);
  }

  lease_plan make() {
    lease_plan plan;
    for (const auto& e : entries_) {
      if (e.kind == entry::unknown)
        plan.unexplained.push_back(e.what->range_id);
      if (e.kind == entry::lost || e.kind == entry::mixed || overlapped(e))
        plan.replace.push_back(replacement(e));
    }
    fill_gaps(plan);
    return plan;
  }

 private:
  struct entry {
    enum state {
      kept,    ///< can be read as it is
      lost,    ///< its range is no more; `keys` are known
      mixed,   ///< merged with others, `keys` are those of all of them
      unknown, ///< its keys are not known
    };

    const lease* what;
    state kind;
    key_span keys;
  };

  void note(const lease& l) {
    if (l.form != lease_form::pk) {
      const auto keys = l.keys.value_or(key_span{});
      if (keys.min >= keys.max)
        return entries_.push_back({&l, entry::unknown, {}});
      return entries_.push_back({&l, parts_of(keys) == 1 ? entry::kept : entry::lost, keys});
    }
    if (const auto at = by_id_.find(l.range_id); at != by_id_.end())
      return entries_.push_back({&l, entry::kept, at->second->keys});
    if (l.keys)
      return entries_.push_back({&l, entry::lost, *l.keys});
    if (const auto at = facts_.remembered.find(l.range_id); at != facts_.remembered.end())
      return entries_.push_back({&l, entry::lost, at->second});
    entries_.push_back(by_descent(l));
  }

  /// The keys of a range that is no more, from the ranges that name it as a parent.
  entry by_descent(const lease& l) const {
    std::optional<key_span> keys;
    std::set<std::string> other_parents;
    for (const auto& r : facts_.ranges) { // sorted by key
      if (std::find(r.parents.begin(), r.parents.end(), l.range_id) == r.parents.end())
        continue;
      if (keys && keys->max != r.keys.min)
        return {&l, entry::unknown, {}};
      keys = key_span{keys ? keys->min : r.keys.min, r.keys.max};
      other_parents.insert(r.parents.begin(), r.parents.end());
    }
    if (!keys)
      return {&l, entry::unknown, {}};
    const bool merged =
        std::any_of(facts_.leases.begin(), facts_.leases.end(), [&](const lease& o) {
          return o.form == lease_form::pk && o.range_id != l.range_id
                 && other_parents.contains(o.range_id) && !by_id_.contains(o.range_id);
        });
    return {&l, merged ? entry::mixed : entry::lost, *keys};
  }

  std::size_t parts_of(const key_span& keys) const {
    return static_cast<std::size_t>(
        std::count_if(facts_.ranges.begin(), facts_.ranges.end(), [&](const known_range& r) {
          return intersection(r.keys, keys).has_value();
        }));
  }

  /// `keys` without those that other leases look after, so that `e` need not hand them on.
  std::vector<key_span> left_of(const entry& e, const key_span& keys) const {
    std::vector<key_span> taken;
    for (const auto& o : entries_)
      if (gives_way(e, o))
        taken.push_back(o.keys);
    std::sort(taken.begin(), taken.end());
    return without(keys, taken);
  }

  /// Of two leases of the same keys, the one that goes on: a lease of keys was made from the other.
  static bool succeeds(const entry& a, const entry& b) {
    const bool a_is_range = a.what->form == lease_form::pk;
    const bool b_is_range = b.what->form == lease_form::pk;
    return a_is_range == b_is_range ? a.what->range_id > b.what->range_id : b_is_range;
  }

  /// True if `e` relies on `o` for the keys of both. Never both ways round: else they could go
  /// together.
  static bool gives_way(const entry& e, const entry& o) {
    if (o.what == e.what || o.kind == entry::unknown || o.kind == entry::mixed)
      return false;
    const bool smaller = o.keys == e.keys ? succeeds(o, e) : covers(e.keys, o.keys);
    return o.kind == entry::kept ? smaller || e.kind != entry::kept
                                 : smaller && e.kind != entry::kept;
  }

  bool overlapped(const entry& e) const {
    return e.kind == entry::kept
           && std::any_of(entries_.begin(), entries_.end(),
                          [&](const entry& o) { return gives_way(e, o); });
  }

  planned_lease part(const known_range& r, const key_span& keys, bool as_range) const {
    const bool whole = keys == r.keys && as_range;
    return {whole ? r.id : to_string(keys), whole ? lease_form::pk : facts_.span_form, keys, {}};
  }

  planned_lease successor(const entry& e, const known_range& r, const key_span& keys) const {
    auto p = part(r, keys, e.what->form == lease_form::pk);
    if (p.form != lease_form::pk && e.what->form != lease_form::pk)
      p.form = e.what->form;
    return p;
  }

  bool exists(const planned_lease& p) const {
    return std::any_of(facts_.leases.begin(), facts_.leases.end(),
                       [&](const lease& l) { return l.range_id == p.range_id; });
  }

  replaced_lease replacement(const entry& e) {
    replaced_lease out{e.what->range_id, {}, {}, e.kind == entry::kept};
    for (const auto& r : facts_.ranges) {
      const auto keys = intersection(r.keys, e.keys);
      if (!keys)
        continue;
      auto whole = successor(e, r, *keys);
      if (!out.overlapped && exists(whole)) {
        out.by.push_back(std::move(whole.range_id));
        continue;
      }
      for (const auto& left : left_of(e, *keys)) {
        auto p = successor(e, r, left);
        p.start = e.kind == entry::mixed ? start_of_merged(r)
                                         : start_of(*e.what, facts_.state, facts_.start, first_);
        out.by.push_back(p.range_id);
        if (!exists(p) && promised_.insert(p.range_id).second)
          out.create.push_back(std::move(p));
      }
    }
    return out;
  }

  /// Merged ranges with unknown keys: their position if it is one and the same.
  range_start start_of_merged(const known_range& r) const {
    std::optional<std::string> shared;
    for (const auto& l : facts_.leases) {
      if (l.form != lease_form::pk
          || std::find(r.parents.begin(), r.parents.end(), l.range_id) == r.parents.end())
        continue;
      if (l.continuation.empty() || (shared && *shared != l.continuation))
        return of_a_gap(facts_.state, facts_.start, first_);
      shared = l.continuation;
    }
    if (!shared)
      return of_a_gap(facts_.state, facts_.start, first_);
    return {range_start::kind::position, *shared, {}};
  }

  void fill_gaps(lease_plan& plan) const {
    std::vector<key_span> taken;
    for (const auto& e : entries_)
      if (e.kind != entry::unknown)
        taken.push_back(e.keys);
    std::sort(taken.begin(), taken.end());
    double missing = 0;
    for (const auto& r : facts_.ranges)
      for (const auto& gap : without(r.keys, taken)) {
        auto p = part(r, gap, facts_.range_form == lease_form::pk);
        p.start = of_a_gap(facts_.state, facts_.start, first_);
        missing += share_of_key_space(gap);
        plan.gaps.push_back(std::move(p));
      }
    plan.coverage = plan.gaps.empty() ? 1 : std::max(0.0, 1 - missing);
  }

  const tiling_facts& facts_;
  const bool first_;
  std::map<std::string, const known_range*> by_id_;
  std::vector<entry> entries_;
  std::set<std::string> promised_; ///< to be created by one of the replacements already
};

} // namespace

lease_plan plan_leases(const tiling_facts& facts) {
  return planning{facts}.make();
}

range_start start_of(const lease& l, const lease_store_state& state, const configured_start& start,
                     bool first_start) {
  if (!l.continuation.empty())
    return {range_start::kind::position, l.continuation, {}};
  if (l.start)
    return from_time(*l.start);
  return of_a_gap(state, start, first_start);
}

bool is_first_start(const std::vector<lease>& leases, const lease_store_state& state) {
  return !state.initialised && std::none_of(leases.begin(), leases.end(), [](const lease& l) {
    return !l.continuation.empty();
  });
}

wall_time repair_anchor(const configured_start& start, wall_time now) {
  switch (start.from) {
  case settings::start_kind::beginning:
    return wall_time{};
  case settings::start_kind::time:
    return start.at;
  case settings::start_kind::now:
    break;
  }
  return now;
}

} // namespace feedcast
