#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "feeds/cosmos/lease_ids.hpp"
#include "feeds/cosmos/lease_query.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::cosmos {

/// Whose a family of leases is, as far as ids tell. Ids have no mark between prefix and host, so
/// documents of prefix "a-b-" also begin with "a-", and "b-" looks like the beginning of a host.
enum class kinship : std::uint8_t {
  own,       ///< this host's
  sibling,   ///< another host name's under the same prefix: the account's former name, or a second
             ///< one
  ambiguous, ///< the same, or another processor's whose prefix is longer
  stranger,  ///< another processor's, whose prefix is longer
};

/// "own", "sibling", "ambiguous", "stranger".
std::string_view to_string(kinship k) noexcept;

/// The documents of one feed under one prefix and account host.
struct lease_family {
  std::string host;
  stem_kind stem = stem_kind::names;
  kinship kin = kinship::own;
  std::size_t leases = 0;
  bool initialised = false;        ///< its marker is there
  std::optional<wall_time> newest; ///< the newest write of its documents, by the server's clock
  std::vector<std::string> owners; ///< of its leases, each once, sorted; without "nobody"
};

/// Could it be the host of an account? Letters, digits, "-" and "." as in host names; no "_", no
/// empty label, and no label that begins or ends with "-".
bool plausible_host(std::string_view host) noexcept;

/// The families of a feed among documents whose ids begin with `prefix`, sorted by host, then stem.
/// Locks don't count. What lies between prefix and "_DATABASE_COLLECTION" counts as a host if it is
/// a plausible one. Then the first rule that applies says whose the family is:
///  1. it is `own_host`: own;
///  2. it ends with `own_host`: a stranger, whose prefix is longer by what is before;
///  3. it begins with what such a stranger's prefix is longer by: a stranger, too;
///  4. the prefix ends with "-", and the host's first label has a "-" inside: ambiguous;
///  5. a sibling.
std::vector<lease_family> families_of(const std::vector<boost::json::object>& documents,
                                      std::string_view prefix, std::string_view own_host,
                                      const feed_names& feed);

/// Reads all documents under `prefix` and answers families_of them.
void find_lease_families(const call_sender& send, const collection_ref& container,
                         std::string prefix, std::string own_host, feed_names feed,
                         callback<std::vector<lease_family>> done);

/// Why a new store must not be begun beside these families; nullopt if it may. Warns of ambiguous
/// ones.
std::optional<error> siblings_refused(const std::vector<lease_family>& families,
                                      const std::string& prefix, const collection_ref& container);

} // namespace feedcast::cosmos
