#pragma once

#include "app/leases/store_access.hpp"
#include "app/leases/view.hpp"

#include <optional>
#include <string>
#include <vector>

namespace feedcast::app {

/// One lease to write: instead of `before`, or anew.
struct lease_edit {
  std::optional<lease> before; ///< as it was read; what is written names its version
  lease after;
  std::string text; ///< what changes, for people
};

struct untouched_lease {
  std::string range_id;
  std::string why;
};

/// What a command would write. A plain value, made before the first write.
struct lease_surgery {
  std::vector<lease_edit> edits;
  std::vector<untouched_lease> untouched;
  std::optional<wall_time> marker; ///< to be written once all leases are, with this anchor
  std::vector<std::string> notes;  ///< what else has to be known, for people
};

/// A lease that somebody reads at present.
struct owned_lease {
  std::string range_id;
  std::string owner;
  milliseconds age{0};
};

/// Those of the edited leases that are to be touched only with --steal.
std::vector<owned_lease> owned_among(const lease_surgery& surgery,
                                     const std::vector<lease_view>& leases);
std::vector<owned_lease> owned_among(const std::vector<lease_view>& leases);

/// The named ones, each once; `not_found` if there is one that does not exist. All if none is
/// named.
result<std::vector<lease_view>> choose(const std::vector<lease_view>& leases,
                                       const std::vector<std::string>& range_ids);

/// Owners are taken away, positions stay.
lease_surgery plan_release(const std::vector<lease_view>& chosen, wall_time now);

/// Positions are taken away, and what the leases start from is `to`; the epoch = the beginning.
/// Their owners too: an owner would go on, and store its own position over it.
lease_surgery plan_rewind(const std::vector<lease_view>& chosen, wall_time to, wall_time now);

/// "position \"24\"", "time 2026-...", "the beginning" or "no position"
std::string spell_position(const lease& l);

struct surgery_outcome {
  std::vector<std::optional<error>> edits; ///< of each edit, why it was not made; nullopt = made
  std::optional<error> marker;             ///< why it was not written, if it should have been
  std::size_t written = 0;                 ///< edits that were made

  bool complete() const noexcept { return written == edits.size() && !marker; }
};

/// Writes it, lease by lease, each by compare-and-swap: one that somebody wrote in between is not
/// touched, the others are. The marker is written only if all leases were.
surgery_outcome carry_out(store_access& store, const lease_surgery& surgery);

} // namespace feedcast::app
