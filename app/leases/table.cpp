#include "app/leases/table.hpp"

#include "app/leases/report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace feedcast::app {

namespace {

using row = std::array<std::string, 8>;

row cells_of(const lease_view& v) {
  const auto& l = v.shown;
  auto position = l.continuation;
  if (position.empty() && l.start)
    position = "from " + spell_position(l);
  std::string state{v.state()};
  if (v.expired)
    state = "EXPIRED";
  else if (v.range_gone)
    state = "range gone";
  return {l.range_id,
          v.keys ? to_string(*v.keys) : "?",
          std::string{to_string(l.form)},
          l.owner.empty() ? "-" : l.owner,
          spell_age(v.age),
          std::move(state),
          l.owner.empty() ? "-" : (l.away ? "no" : "yes"),
          position.empty() ? "-" : std::move(position)};
}

/// Columns as wide as their widest cell but for the last one.
void append_table(std::string& out, const std::vector<row>& rows) {
  std::array<std::size_t, std::tuple_size_v<row>> widths{};
  for (const auto& r : rows)
    for (std::size_t i = 0; i + 1 < r.size(); ++i)
      widths[i] = std::max(widths[i], r[i].size());
  for (const auto& r : rows) {
    for (std::size_t i = 0; i + 1 < r.size(); ++i)
      out.append(r[i]).append(widths[i] + 2 - r[i].size(), ' ');
    out.append(r.back()) += '\n';
  }
}

std::string owners_as_text(const std::vector<lease_view>& leases) {
  std::string out;
  for (const auto& [owner, count] : owners_of(leases)) {
    out.append(out.empty() ? "" : ", ").append(owner.empty() ? "nobody" : inert(owner));
    out += ' ' + std::to_string(count.leases);
    if (count.expired > 0)
      out += " (" + std::to_string(count.expired) + " expired)";
  }
  return out;
}

std::string coverage_as_text(const key_coverage& c) {
  std::array<char, 32> share{};
  // Rounded down: 100 % is said of the whole only.
  std::snprintf(share.data(), share.size(), "%.3g %%",
                c.gaps.empty() ? 100. : std::min(c.share * 100., 99.9));
  std::string out = share.data();
  out += " of the key space";
  for (const auto& g : c.gaps)
    out += (&g == &c.gaps.front() ? "; nobody reads " : ", ") + to_string(g);
  if (c.unknown > 0)
    out += "; " + std::to_string(c.unknown) + " leases of unknown keys";
  return out;
}

} // namespace

std::string list_as_text(const std::string& subject, const std::vector<lease_view>& leases,
                         const lease_store_state& state) {
  std::string out = inert(subject) + ": " + std::to_string(leases.size()) + " leases\n";
  std::vector<row> rows{{"RANGE", "KEYS", "FORM", "OWNER", "AGE", "STATE", "NEAR", "POSITION"}};
  for (const auto& v : leases) {
    rows.push_back(cells_of(v));
    for (auto& cell : rows.back())
      cell = inert(cell);
  }
  if (!leases.empty())
    append_table(out, rows);
  out += "owners: " + (leases.empty() ? std::string{"none"} : owners_as_text(leases)) + '\n';
  out += "coverage: " + coverage_as_text(coverage_of(leases)) + '\n';
  out += "marker: ";
  if (!state.initialised)
    out += "none; the first leases are not complete\n";
  else if (!state.started_at)
    out += "initialised; a lost lease is read again from the beginning\n";
  else
    out +=
        "initialised; a lost lease is read again from "
        + (*state.started_at == wall_time{} ? "the beginning" : format_iso8601(*state.started_at))
        + '\n';
  return out;
}

} // namespace feedcast::app
