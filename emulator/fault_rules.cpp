#include "emulator/fault_rules.hpp"

#include <algorithm>

namespace feedcast::emulator {
namespace {

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
         && (rule.times == 0 || rule.hits < rule.times);
}

} // namespace

std::uint64_t fault_rules::add(fault_rule rule) {
  const std::lock_guard lock(mutex_);
  rule.id = next_id_++;
  rule.hits = 0;
  entries_.push_back({rule, rule.id});
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

template <class Suits>
std::optional<fault_rule> fault_rules::hit(const fault_subject& subject, Suits suits) {
  const std::lock_guard lock(mutex_);
  for (entry& e : entries_) {
    if (!suits(e.rule) || !covers(e.rule, subject))
      continue;
    if (e.rule.rate < 1 && next_random(e.random) >= e.rule.rate)
      continue;
    ++e.rule.hits;
    return e.rule;
  }
  return std::nullopt;
}

std::optional<fault_rule> fault_rules::before_serving(const fault_subject& subject) {
  return hit(subject, [](const fault_rule& r) {
    return r.kind == fault_kind::status || (r.kind == fault_kind::reset && !r.apply);
  });
}

std::optional<fault_rule> fault_rules::before_sending(const fault_subject& subject, bool has_body) {
  return hit(subject, [has_body](const fault_rule& r) {
    return (r.kind == fault_kind::reset && r.apply) || r.kind == fault_kind::delay
           || (has_body && (r.kind == fault_kind::truncate || r.kind == fault_kind::corrupt));
  });
}

} // namespace feedcast::emulator
