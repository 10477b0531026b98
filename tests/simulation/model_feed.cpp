#include "tests/simulation/model_feed.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace feedcast::simulation {

namespace {

std::string to_text(std::uint32_t bound) {
  if (bound == 0)
    return "";
  if (bound >= bounds::end)
    return "FF";
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04X", bound);
  return text.data();
}

std::uint32_t to_number(const std::string& bound) {
  if (bound.empty())
    return 0;
  if (bound == "FF")
    return bounds::end;
  return static_cast<std::uint32_t>(std::stoul(bound, nullptr, 16));
}

} // namespace

key_span to_span(const bounds& b) {
  return {to_text(b.min), to_text(b.max)};
}

bounds to_bounds(const key_span& s) {
  return {to_number(s.min), to_number(s.max)};
}

model_feed::model_feed(std::size_t ranges) {
  for (std::size_t i = 0; i < ranges; ++i) {
    const auto cut = [&](std::size_t n) {
      return static_cast<std::uint32_t>(n * bounds::end / ranges);
    };
    physical p;
    p.id = new_id();
    p.keys = {cut(i), cut(i + 1)};
    p.lsn =
        static_cast<std::int64_t>(100 * i); // numbers of different logs mean nothing to each other
    ever_[p.id] = p.keys;
    current_.push_back(std::move(p));
  }
}

void model_feed::write(const std::vector<std::uint32_t>& keys, moment at) {
  for (auto& p : current_) {
    if (!p.keys.has(keys.front()))
      continue;
    ++p.lsn;
    for (const auto key : keys)
      if (p.keys.has(key)) {
        p.log.push_back(static_cast<std::uint32_t>(changes_.size()));
        changes_.push_back({key, p.lsn, at});
      }
  }
}

bool model_feed::split(std::size_t pick, dice& d) {
  auto& old = current_[pick % current_.size()];
  if (old.keys.max - old.keys.min < 64)
    return false;
  const auto third = (old.keys.max - old.keys.min) / 3;
  const auto cut =
      static_cast<std::uint32_t>(d.between(old.keys.min + third, old.keys.max - third));
  std::vector<physical> children(2);
  children[0].keys = {old.keys.min, cut};
  children[1].keys = {cut, old.keys.max};
  for (auto& c : children) {
    c.id = new_id();
    c.parents = old.parents;
    c.parents.push_back(old.id);
    c.lsn = old.lsn;
    for (const auto i : old.log)
      if (c.keys.has(changes_[i].key))
        c.log.push_back(i);
    ever_[c.id] = c.keys;
  }
  const auto at =
      current_.erase(current_.begin() + static_cast<std::ptrdiff_t>(pick % current_.size()));
  current_.insert(at, children.begin(), children.end());
  return true;
}

bool model_feed::merge(std::size_t pick) {
  if (current_.size() < 2)
    return false;
  const auto i = pick % (current_.size() - 1);
  auto& a = current_[i];
  auto& b = current_[i + 1];
  physical p;
  p.id = new_id();
  p.keys = {a.keys.min, b.keys.max};
  p.lsn = std::max(a.lsn, b.lsn);
  for (const auto* parent : {&a, &b}) {
    p.parents.insert(p.parents.end(), parent->parents.begin(), parent->parents.end());
    p.parents.push_back(parent->id);
  }
  p.log = a.log;
  p.log.insert(p.log.end(), b.log.begin(), b.log.end());
  std::stable_sort(p.log.begin(), p.log.end(),
                   [&](auto x, auto y) { return changes_[x].lsn < changes_[y].lsn; });
  ever_[p.id] = p.keys;
  a = std::move(p);
  current_.erase(current_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  return true;
}

std::vector<known_range> model_feed::ranges() const {
  std::vector<known_range> all;
  for (const auto& p : current_)
    all.push_back({p.id, p.parents, to_span(p.keys)});
  return all;
}

std::optional<bounds> model_feed::keys_of(const std::string& range_id) const {
  const auto known = ever_.find(range_id);
  return known == ever_.end() ? std::nullopt : std::optional{known->second};
}

std::optional<std::string> model_feed::range_of(const bounds& keys) const {
  for (const auto& p : current_)
    if (p.keys.covers(keys))
      return p.id;
  return std::nullopt;
}

std::int64_t model_feed::last_lsn(const bounds& keys) const {
  for (const auto& p : current_)
    if (p.keys.covers(keys))
      return p.lsn;
  return 0;
}

result<model_feed::page> model_feed::read(const std::string& range_id, const bounds& keys,
                                          std::int64_t position, moment since,
                                          std::size_t most) const {
  const auto p = std::find_if(current_.begin(), current_.end(),
                              [&](const auto& r) { return r.id == range_id; });
  if (p == current_.end())
    return make_error(errc::gone, "the range was split or merged");
  page answer;
  answer.position = std::max(position, p->lsn);
  auto next = std::upper_bound(p->log.begin(), p->log.end(), position,
                               [&](auto lsn, auto i) { return lsn < changes_[i].lsn; });
  for (; next != p->log.end(); ++next) {
    const auto& c = changes_[*next];
    if (answer.changes.size() >= most && changes_[answer.changes.back()].lsn != c.lsn) {
      answer.position = changes_[answer.changes.back()].lsn;
      break;
    }
    if (keys.has(c.key) && c.at >= since)
      answer.changes.push_back(*next);
  }
  return answer;
}

} // namespace feedcast::simulation
