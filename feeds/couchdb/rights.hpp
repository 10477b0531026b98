#pragma once

#include "core/result.hpp"
#include "feeds/couchdb/server.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace feedcast::couchdb {

/// One right that the service needs of a server, and a call that tells whether it is there.
struct right_probe {
  std::string what; ///< "read the database whisks"
  std::string mend; ///< what an administrator does to give it
  std::function<void(callback<bool>)> ask;
};

/// What reading a feed takes.
std::vector<right_probe> feed_rights(const std::shared_ptr<server>& at,
                                     const std::string& database);

/// What keeping leases takes, for a database that is there: a document whose id begins with `name`
/// is created and removed again.
std::vector<right_probe> lease_rights(const std::shared_ptr<server>& at,
                                      const std::string& database, const std::string& name);

} // namespace feedcast::couchdb
