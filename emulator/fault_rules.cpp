#include "emulator/fault_rules.hpp"

#include <algorithm>

namespace feedcast::emulator {
namespace {

/// Operations that a rule remembers at a time.
constexpr std::size_t most_activities = 10'000;

/// A number in [0, 1) that depends on the rule and its number of tries only, so that a run can be
/// repeated.
double next_random(std::uint64_t& state) noexcept {
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return static_cast<double>(state >> 11) * 0x1.0p-53;
}

bool covers(const fault_rule& rule, const fault_subject& subject) {
  return subject.what != operation::control && (!rule.on || *rule.on == subject.what)
         && (rule.container.empty() || rule.container == subject.container)
         && (rule.range.empty() || rule.range == subject.range)
         && (rule.region.empty() || rule.region == subject.region)
         && (rule.hit_limit == 0 || rule.hits < rule.hit_limit);
}

/// Truncated, corrupted or measured wrongly: that takes a body.
bool is_for_bodies(fault_kind kind) noexcept {
  return kind == fault_kind::truncate || kind == fault_kind::corrupt
         || kind == fault_kind::wrong_length;
}

} // namespace

std::uint64_t fault_rules::add(fault_rule rule) {
  const std::lock_guard lock(mutex_);
  rule.id = next_id_++;
  rule.hits = 0;
  entries_.push_back({rule, rule.id, clock_.steady(), {}});
  return rule.id;
}

bool fault_rules::remove(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(entries_, [id](const entry& e) { return e.rule.id == id; }) != 0;
}

void fault_rules::clear() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
}

std::vector<fault_rule> fault_rules::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<fault_rule> all;
  all.reserve(entries_.size());
  for (const entry& e : entries_)
    all.push_back(e.rule);
  return all;
}

bool fault_rules::empty() const {
  const std::lock_guard lock(mutex_);
  return entries_.empty();
}

bool fault_rules::in_force(const entry& e) const {
  const fault_rule& rule = e.rule;
  if (rule.start_delay.count() == 0 && !rule.duration)
    return true;
  const auto age = clock_.steady() - e.added;
  return age >= rule.start_delay && (!rule.duration || age < rule.start_delay + *rule.duration);
}

template <class Suits>
std::optional<fault_rule> fault_rules::hit(const fault_subject& subject, Suits suits) {
  const std::lock_guard lock(mutex_);
  for (entry& e : entries_) {
    if (!suits(e.rule) || !covers(e.rule, subject) || !in_force(e))
      continue;
    std::uint64_t* of_operation = nullptr;
    if (e.rule.times_per_operation > 0 && !subject.activity.empty()) {
      if (e.hits_by_activity.size() >= most_activities)
        e.hits_by_activity.clear();
      of_operation = &e.hits_by_activity[std::string(subject.activity)];
      if (*of_operation >= e.rule.times_per_operation)
        continue;
    }
    if (e.rule.rate < 1 && next_random(e.random) >= e.rule.rate)
      continue;
    if (of_operation != nullptr)
      ++*of_operation;
    ++e.rule.hits;
    return e.rule;
  }
  return std::nullopt;
}

std::optional<fault_rule> fault_rules::before_serving(const fault_subject& subject) {
  return hit(subject, [](const fault_rule& r) { return !r.carries_out(); });
}

std::optional<fault_rule> fault_rules::before_sending(const fault_subject& subject, bool has_body) {
  return hit(subject, [has_body](const fault_rule& r) {
    return r.carries_out() && (has_body || !is_for_bodies(r.kind));
  });
}

} // namespace feedcast::emulator
