#include "emulator/read_view.hpp"

#include "emulator/admission.hpp"
#include "emulator/call.hpp"
#include "emulator/headers.hpp"
#include "emulator/region_gate.hpp"

#include <algorithm>
#include <charconv>

namespace feedcast::emulator {
namespace {

/// Cuts `text` at the first `c` and returns what stood before it.
std::string_view cut(std::string_view& text, char c) {
  const std::size_t end = std::min(text.find(c), text.size());
  const std::string_view head = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return head;
}

template <class Number>
bool read_all(std::string_view text, Number& out) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failure == std::errc{} && end == text.data() + text.size();
}

bool concerns(const range_info& range, std::string_view id) {
  return id == range.id
         || std::find(range.parents.begin(), range.parents.end(), id) != range.parents.end();
}

/// "-1#25#3=24", or in the old form "25".
std::optional<session_progress> read_progress(std::string_view text) {
  session_progress progress;
  if (text.find('#') == std::string_view::npos)
    return read_all(text, progress.lsn) ? std::optional(progress) : std::nullopt;
  if (!read_all(cut(text, '#'), progress.version) || !read_all(cut(text, '#'), progress.lsn))
    return std::nullopt;
  return progress;
}

refusal session_not_available() {
  return refuse(404, "The read session is not available for the input session token.",
                substatus::session_not_available);
}

/// What a read of one range is about to be held against.
struct session_demand {
  std::uint64_t lsn = 0;
  std::uint64_t newest = 0; ///< of the range
};

/// The part of the request's session token that counts; nothing if there is none.
std::optional<session_demand> demand_of(const call& c, const container& owner) {
  const std::string_view token = c.header(header::session_token);
  if (token.empty())
    return std::nullopt;
  const std::string id = serving_range(c, owner);
  const range_map map = owner.ranges();
  const auto range = std::find_if(map.ranges.begin(), map.ranges.end(),
                                  [&](const range_info& r) { return r.id == id; });
  if (range == map.ranges.end())
    return std::nullopt; // the read itself will say that the range is gone
  const auto progress = session_of(token, *range);
  // A token of before a failover compares with nothing that is said since.
  if (!progress || progress->version < c.state.account.session_version())
    return std::nullopt;
  return session_demand{progress->lsn, range->lsn};
}

milliseconds rounded_up(steady_time::duration d) {
  return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(d));
}

} // namespace

std::optional<session_progress> session_of(std::string_view token, const range_info& range) {
  std::optional<session_progress> best;
  while (!token.empty()) {
    std::string_view part = cut(token, ',');
    const std::string_view id = cut(part, ':');
    if (!concerns(range, id))
      continue;
    const auto progress = read_progress(part);
    if (progress && (!best || best->lsn < progress->lsn))
      best = progress;
  }
  return best;
}

bool must_look(const regions& account) noexcept {
  return account.any_behind() || account.session_version() != session_progress{}.version;
}

bool reads_documents(operation what) noexcept {
  return what == operation::feed || what == operation::list || what == operation::read
         || what == operation::query;
}

void tell_session_version(http::server_response& response, std::int64_t version) {
  const std::string_view token = response.headers.get(header::session_token);
  const std::size_t colon = token.find(':');
  const std::size_t hash = token.find('#');
  if (version == session_progress{}.version || colon == std::string_view::npos
      || hash == std::string_view::npos)
    return;
  response.headers.set(header::session_token, std::string(token.substr(0, colon + 1))
                                                  + std::to_string(version)
                                                  + std::string(token.substr(hash)));
}

answer<read_view> choose_view(const call& c, const container& owner) {
  regions& account = c.state.account;
  const account_rules rules = account.rules();
  if (rules.consistency == consistency_level::strong)
    return read_view{};
  const bool may_step_back = rules.consistency > consistency_level::session;
  const auto view_at = [&](steady_time when) {
    return read_view{owner.position(when), may_step_back, milliseconds{0}};
  };

  const auto replicas = account.positions(serving_region(c));
  const auto demand = demand_of(c, owner);
  if (!demand)
    return view_at(replicas.front().shows);
  for (const replica_position& r : replicas) {
    const read_view view = view_at(r.shows);
    if (std::min(view.up_to.value_or(demand->newest), demand->newest) >= demand->lsn)
      return view;
  }
  if (demand->lsn > demand->newest) // lost, or of another account
    return session_not_available();

  // None has it yet: the first that will.
  const auto committed = owner.committed(demand->lsn);
  std::optional<milliseconds> nearest;
  for (const replica_position& r : replicas)
    if (committed && r.behind)
      nearest = std::min(nearest.value_or(milliseconds::max()),
                         rounded_up(*committed + *r.behind - c.state.clock.steady()));
  if (!nearest || *nearest > rules.session_wait)
    return session_not_available();
  return read_view{demand->lsn, may_step_back, *nearest};
}

} // namespace feedcast::emulator
