#pragma once

#include "core/key_span.hpp"
#include "core/result.hpp"
#include "feeds/cosmos/position.hpp"
#include "leases/lease.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>

namespace feedcast::cosmos {

/// Keys that can be sent in headers and compared as text: hexadecimal digits, min below max.
bool usable_keys(const key_span& keys) noexcept;

/// The keys in a member `feedRange` or `FeedRange`, {"Range":{"min","max"}}; nullopt if it is
/// missing or of another kind.
std::optional<key_span> read_feed_range(const boost::json::object& lease, std::string_view member);

/// The owner's life and wish, what a lease without a position starts from, and what belongs to its
/// position besides the etag, in `properties`: other libraries read the etag alone, and keep these.
/// `out.continuation` is the bare etag before, and the whole position after. `malformed` if what is
/// there can't be read.
result<bool> read_properties(const boost::json::object& document, lease& out);
void write_properties(const lease& l, const position& at, boost::json::object& document);

/// Writes the keys of a lease into `member`, unless they are there, or something that we could not
/// read is.
void write_feed_range(const lease& l, boost::json::object& document, std::string_view member);

} // namespace feedcast::cosmos
