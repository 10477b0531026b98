#include "app/leases/view.hpp"

#include <algorithm>
#include <tuple>

namespace feedcast::app {

namespace {

/// As the service judges: times of a store may be whole seconds, so that a difference of them may
/// be one too large.
constexpr milliseconds clock_grain{1'000};

lease_view view_one(const lease& l, wall_time now, const std::optional<range_keys>& ranges,
                    milliseconds expiry) {
  lease_view v;
  v.shown = l;
  v.keys = l.keys;
  if (ranges && l.form == lease_form::pk) {
    const auto current = ranges->find(l.range_id);
    v.range_gone = current == ranges->end();
    if (!v.range_gone)
      v.keys = current->second;
  }
  v.age = std::max(std::chrono::floor<milliseconds>(now - l.stored_at), milliseconds{0});
  v.expired = !l.owner.empty() && v.age > expiry + clock_grain;
  return v;
}

} // namespace

range_keys keys_of(const std::vector<feed_range>& ranges) {
  range_keys out;
  for (const auto& r : ranges)
    out[r.id] = {r.min_key, r.max_key};
  return out;
}

std::string_view lease_view::state() const noexcept {
  if (range_gone)
    return "gone";
  if (expired)
    return "expired";
  return shown.owner.empty() ? "free" : "owned";
}

std::vector<lease_view> view_of(const lease_listing& listing,
                                const std::optional<range_keys>& ranges, milliseconds expiry) {
  std::vector<lease_view> out;
  for (const auto& l : listing.leases)
    out.push_back(view_one(l, listing.now, ranges, expiry));
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return std::tuple{!a.keys.has_value(), a.keys, a.shown.range_id}
           < std::tuple{!b.keys.has_value(), b.keys, b.shown.range_id};
  });
  return out;
}

std::map<std::string, owner_count> owners_of(const std::vector<lease_view>& leases) {
  std::map<std::string, owner_count> out;
  for (const auto& v : leases) {
    auto& count = out[v.shown.owner];
    ++count.leases;
    count.expired += v.expired ? 1 : 0;
  }
  return out;
}

key_coverage coverage_of(const std::vector<lease_view>& leases) {
  key_coverage out;
  std::vector<key_span> spans;
  for (const auto& v : leases) {
    if (v.keys)
      spans.push_back(*v.keys);
    else
      ++out.unknown;
  }
  std::sort(spans.begin(), spans.end());
  const auto whole = whole_key_space();
  auto reached = whole.min;
  out.share = 1;
  const auto gap = [&](const std::string& until) {
    if (reached >= until)
      return;
    out.gaps.push_back({reached, until});
    out.share -= share_of_key_space(out.gaps.back());
  };
  for (const auto& s : spans) {
    gap(std::min(s.min, whole.max));
    reached = std::max(reached, s.max);
  }
  gap(whole.max);
  out.share = out.gaps.size() == 1 && out.gaps.front() == whole ? 0 : std::clamp(out.share, 0., 1.);
  return out;
}

std::string spell_age(milliseconds age) {
  using namespace std::chrono;
  const auto spell = [](auto count, const char* unit) {
    return std::to_string(count.count()) + ' ' + unit;
  };
  if (age < minutes{2})
    return spell(floor<seconds>(age), "s");
  if (age < hours{2})
    return spell(floor<minutes>(age), "min");
  if (age < hours{48})
    return spell(floor<hours>(age), "h");
  return spell(floor<hours>(age) / 24, "d");
}

} // namespace feedcast::app
