#pragma once

#include "core/result.hpp"
#include "feeds/cosmos/lease_query.hpp"
#include "feeds/cosmos/resources.hpp"
#include "pipeline/feed.hpp"

#include <string_view>

namespace feedcast::cosmos {

/// Enters what the description of a collection says of how long deletes can be seen: `defaultTtl`,
/// and the `changeFeedPolicy`. `malformed` if it is none.
result<bool> read_collection_traits(std::string_view description, feed_traits& out);

/// Enters what the account document says: with continuous backups former versions are kept for
/// seven days at least, unless the collection says otherwise. `malformed` if it is none.
result<bool> read_account_traits(std::string_view account, feed_traits& out);

/// Reads both, by two requests.
void describe_feed(const call_sender& send, const collection_ref& collection,
                   callback<feed_traits> done);

} // namespace feedcast::cosmos
