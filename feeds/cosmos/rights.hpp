#pragma once

#include "core/result.hpp"
#include "feeds/cosmos/account.hpp"
#include "feeds/cosmos/resources.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace feedcast::cosmos {

/// One right that the service needs of an account, and a call that tells whether it is there.
struct right_probe {
  std::string what;   ///< "read the account"
  std::string action; ///< the data action that a role must hold
  std::string role;   ///< a built-in role that does
  std::function<void(callback<bool>)> ask;
};

/// What reading a feed takes, without the feed itself: account and container. `collection` is
/// copied, `server` kept.
std::vector<right_probe> feed_rights(const std::shared_ptr<account>& server,
                                     const collection_ref& collection);

/// What keeping leases in a container takes. For a container that is there. Nothing is changed but
/// that a document is created, and removed again; it is created only after it was seen that it may
/// be removed, and has a time to live of a minute besides. `name` begins its id.
std::vector<right_probe> lease_rights(const std::shared_ptr<account>& server,
                                      const collection_ref& container, const std::string& name);

/// The action that reading a change feed takes.
extern const char* const read_feed_action;
extern const char* const reader_role;

} // namespace feedcast::cosmos
