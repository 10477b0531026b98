#pragma once

#include "core/result.hpp"
#include "feeds/cosmos/lease_ids.hpp"
#include "feeds/cosmos/lease_query.hpp"
#include "leases/lease.hpp"
#include "leases/lease_store.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::cosmos {

/// Which leases to join: `leases.format`.
enum class lease_format : std::uint8_t { automatic, pk, java_epk, dotnet_epk };

/// The leases that a processor uses, of those that could be its own.
struct lease_choice {
  lease_ids ids;
  stem_kind stem = stem_kind::names;
  lease_form range_form = lease_form::pk;      ///< of new leases of whole ranges
  lease_form span_form = lease_form::java_epk; ///< of new leases of key spans
  lease_store_state state;                     ///< what the marker says
  bool untouched = false;                      ///< neither leases nor marker are there: a new store
};

/// What the ids of a processor's documents begin with, whichever stem they have.
std::string common_beginning(std::string_view prefix, std::string_view host);

/// Chooses among `documents`, whose ids begin with common_beginning(prefix, host).
/// `automatic`: the leases under names; else those under `_rid`s, in the form that is found there:
/// with leases of ranges .NET's, else Java's or .NET's leases of key spans; without leases wherever
/// the marker is; else new ones under names, of ranges. `pk`: the same, but no leases of key spans
/// only. `java_epk`, `dotnet_epk`: those under `_rid`s. `rejected` if `automatic` finds leases
/// under both stems, if what is there is not in the form that was asked for or mixes Java's and
/// .NET's leases of key spans, or belongs to a processor of another kind or mode.
result<lease_choice> choose_leases(const std::vector<boost::json::object>& documents,
                                   std::string_view prefix, std::string_view host,
                                   const feed_names& feed, lease_format format,
                                   settings::feed_mode mode = settings::feed_mode::latest);

} // namespace feedcast::cosmos
