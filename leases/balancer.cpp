#include "leases/balancer.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>
#include <utility>

namespace feedcast {

struct balancer::table {
  processor_state* state = nullptr;
  bool near = true;
  std::set<std::string> mine;
  std::map<std::string, std::set<std::string>>
      others;                           ///< owner -> leases that are compared with ours
  std::map<std::string, unsigned> free; ///< to be had by this instance -> looks since when
  std::size_t floor = 0;
  std::size_t ceil = 0;
};

balancer::balancer(std::string instance, std::uint64_t seed)
    : instance_{std::move(instance)}, seed_{seed} {}

std::size_t balancer::total(const std::string& owner) const {
  std::size_t n = 0;
  for (const auto& [name, p] : processors_)
    n += static_cast<std::size_t>(std::count_if(p.owner.begin(), p.owner.end(),
                                                [&](const auto& o) { return o.second == owner; }));
  return n;
}

/// Another order of the same texts for every seed and name.
std::uint64_t balancer::order(const std::string& text) const noexcept {
  std::uint64_t h = 14695981039346656037ULL ^ (seed_ * 0x9E3779B97F4A7C15ULL);
  const auto mix = [&](const std::string& s) {
    for (const auto c : s)
      h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  };
  mix(instance_);
  mix(text);
  h ^= h >> 32;
  h *= 0xD6E8FEB86659FD93ULL;
  return h ^ (h >> 32);
}

balancer::table balancer::sorted(const balance_view& view) {
  table t;
  t.state = &processors_[view.processor];
  t.near = view.near;
  const auto before = std::exchange(t.state->free, {});
  t.state->owner.clear();
  std::size_t all = 0;
  for (const auto& l : view.leases) {
    const auto free = l.owner.empty() || l.expired;
    if (!free)
      t.state->owner[l.range_id] = l.owner;
    if (!free && l.owner == instance_) {
      t.mine.insert(l.range_id);
      ++all;
    } else if (free || (view.near && l.away)) {
      const auto known = before.find(l.range_id);
      const auto looks = known == before.end() ? 1 : known->second + 1;
      t.state->free[l.range_id] = looks;
      // Somebody nearer has a look's time to take it first.
      if (view.near || looks > 1) {
        t.free[l.range_id] = looks;
        ++all;
      }
    } else if (view.near == !l.away) {
      t.others[l.owner].insert(l.range_id);
      ++all;
    }
    // else: whoever is nearer keeps it
  }
  const auto owners = t.others.size() + 1;
  t.floor = all / owners;
  t.ceil = (all + owners - 1) / owners;
  return t;
}

/// How many of those who could do with one more come before this instance: who owns less in all,
/// then by name, so that instances with the same view choose different leases.
std::size_t balancer::rank(const table& t) const {
  const auto me = std::pair{total(instance_), instance_};
  std::size_t n = 0;
  for (const auto& [owner, leases] : t.others)
    if (leases.size() < t.ceil && std::pair{total(owner), owner} < me)
      ++n;
  return n;
}

/// Likewise, but by what everybody sees alike: totals differ between instances that run different
/// processors, and two could leave it to each other for ever.
std::size_t balancer::position(const table& t) const {
  const auto me = std::pair{t.mine.size(), instance_};
  return static_cast<std::size_t>(
      std::count_if(t.others.begin(), t.others.end(), [&](const auto& o) {
        return o.second.size() < t.ceil && std::pair{o.second.size(), o.first} < me;
      }));
}

void balancer::take(table& t, balance_decision& d, const std::string& range_id) {
  d.take.push_back(range_id);
  t.mine.insert(range_id);
  t.free.erase(range_id);
  t.state->free.erase(range_id);
  auto& owner = t.state->owner[range_id];
  if (const auto victim = t.others.find(owner); victim != t.others.end())
    victim->second.erase(range_id);
  owner = instance_;
}

/// Rule 1, and rule 3 as far as floor.
void balancer::take_shortage(table& t, balance_decision& d) {
  const auto first = [&](const auto& leases, auto name) {
    return std::min_element(leases.begin(), leases.end(), [&](const auto& a, const auto& b) {
      return order(name(a)) < order(name(b));
    });
  };
  while (t.mine.size() < t.floor && !t.free.empty()) {
    const std::string next =
        first(t.free, [](const auto& f) -> const std::string& { return f.first; })->first;
    take(t, d, next);
  }
  while (t.mine.size() < t.floor) {
    const auto victim =
        std::max_element(t.others.begin(), t.others.end(), [&](const auto& a, const auto& b) {
          return std::tuple{a.second.size(), total(a.first), order(a.first)}
                 < std::tuple{b.second.size(), total(b.first), order(b.first)};
        });
    if (victim == t.others.end() || victim->second.size() <= t.floor)
      return;
    const std::string next =
        *first(victim->second, [](const auto& id) -> const std::string& { return id; });
    take(t, d, next);
  }
}

/// One lease above floor, if there is one for this instance.
void balancer::take_remainder(table& t, balance_decision& d) {
  if (t.mine.size() >= t.ceil)
    return;
  const auto before_me = rank(t);
  // Rule 3: what nobody wanted at the last look.
  std::vector<std::string> old;
  auto anybody = !t.near;
  for (const auto& [id, looks] : t.free)
    if (looks > 1) {
      old.push_back(id);
      anybody = anybody || looks > 2;
    }
  if (!old.empty() && (before_me < old.size() || anybody)) {
    take(t, d, old[before_me % old.size()]);
    return;
  }
  if (!t.free.empty())
    return;
  // Rule 1: what somebody has above ceil.
  std::vector<std::string> above;
  for (const auto& [owner, leases] : t.others) {
    auto it = leases.begin();
    for (auto n = leases.size(); n > t.ceil; --n)
      above.push_back(*it++);
  }
  const auto turn = position(t);
  if (turn < above.size()) {
    take(t, d, above[turn]);
    return;
  }
  if (!above.empty() || t.mine.size() < t.floor)
    return;
  // Rule 2. Everybody in want of it tries for the same lease, so that only one gets it.
  const auto richest =
      std::max_element(t.others.begin(), t.others.end(), [&](const auto& a, const auto& b) {
        return std::tuple{a.second.size() == t.ceil, total(a.first), a.first}
               < std::tuple{b.second.size() == t.ceil, total(b.first), b.first};
      });
  if (richest != t.others.end() && richest->second.size() == t.ceil
      && total(richest->first) > total(instance_) + 1) {
    const std::string next = *richest->second.begin();
    take(t, d, next);
  }
}

balance_decision balancer::decide(const balance_view& view) {
  const std::lock_guard lock{mutex_};
  auto t = sorted(view);
  balance_decision d;
  take_shortage(t, d);
  take_remainder(t, d);
  d.look_soon = !t.free.empty() && t.mine.size() < t.ceil;
  return d;
}

void balancer::owns(const std::string& processor, const std::string& range_id) {
  const std::lock_guard lock{mutex_};
  auto& p = processors_[processor];
  p.owner[range_id] = instance_;
  p.free.erase(range_id);
}

void balancer::owns_not(const std::string& processor, const std::string& range_id) {
  const std::lock_guard lock{mutex_};
  const auto p = processors_.find(processor);
  if (p == processors_.end())
    return;
  const auto known = p->second.owner.find(range_id);
  if (known != p->second.owner.end() && known->second == instance_)
    p->second.owner.erase(known);
}

void balancer::forget(const std::string& processor) {
  const std::lock_guard lock{mutex_};
  processors_.erase(processor);
}

std::size_t balancer::instances(const std::string& processor) const {
  const std::lock_guard lock{mutex_};
  std::set<std::string> names{instance_};
  if (const auto p = processors_.find(processor); p != processors_.end())
    for (const auto& [range, owner] : p->second.owner)
      names.insert(owner);
  return names.size();
}

} // namespace feedcast
