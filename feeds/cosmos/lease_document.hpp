#pragma once

#include "core/result.hpp"
#include "feeds/cosmos/lease_ids.hpp"
#include "leases/lease.hpp"
#include "leases/lease_store.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace feedcast::cosmos {

/// Reads a lease as .NET V2, .NET v3, Java 3.x and Java 4.x write it. Of a range (version 0 or
/// none, lease_form::pk): the token is `LeaseToken` or `PartitionId`; the keys are those of
/// `FeedRange`, if it is there. Of a key span (version 1): java_epk with `feedRange` and a base64
/// state as ContinuationToken, of which `continuation` is the inside; dotnet_epk with `FeedRange`
/// and a plain one. Null and missing are the same; without `timestamp` the server's `_ts` counts.
/// `boot` and `away` are members of `properties`, next to the owner that they were written for:
/// another library may keep them when it takes the lease, and then they say nothing. `start` is
/// there, too, and says nothing beside a position.
/// `malformed`, naming the lease, if it is none, has no `_etag`, is over 64 KiB, its token does not
/// fit its id or its keys, or its state can't be read; `rejected` for leases that are not ours to
/// read: of the other mode than `ids` are of, in the form of the Java processor of 2018, or of a
/// later version.
result<lease> read_lease(std::string_view document, const lease_ids& ids);
result<lease> read_lease(const boost::json::object& document, const lease_ids& ids);

/// The leases among these documents; the first bad one makes an error that names it. Of several
/// with one token the one that was stored last counts.
result<std::vector<lease>> read_leases(const std::vector<boost::json::object>& documents,
                                       const lease_ids& ids);

/// The document to store: members that we don't know are kept from `l.raw`, the timestamp is ISO
/// 8601 in UTC with `Z`. One of all versions says so in `Mode`, as .NET's do. `collection_rid` is
/// the monitored collection's, for new states of java_epk.
result<std::string> write_lease(const lease& l, const lease_ids& ids,
                                const std::string& collection_rid);

/// The marker, with the time that a missing lease is repaired from as a member of our own.
std::string write_marker(wall_time started_at, const lease_ids& ids);
/// A marker of another library has no such time: then it is a minute before the marker was written,
/// which is longer than a first set of leases takes.
result<lease_store_state> read_marker(std::string_view document);
lease_store_state read_marker(const boost::json::object& document);

} // namespace feedcast::cosmos
