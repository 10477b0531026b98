#pragma once

#include "core/result.hpp"
#include "feeds/couchdb/server.hpp"
#include "http/message.hpp"

#include <memory>
#include <string>

namespace feedcast::couchdb {

/// "/whisk_local_whisks", percent-encoded.
std::string path_of(const std::string& database);

/// Which database of this name it is: one that was deleted and created again has another.
/// `created` is `instance_start_time`; where a server says nothing by it (empty, "0": 2.x,
/// Cloudant) the server's `uuid` stands for it, if it has one.
struct database_identity {
  std::string created;
  std::string server;
  bool operator==(const database_identity&) const = default;
};

/// The same database, as far as can be told.
bool same_database(const database_identity& a, const database_identity& b) noexcept;

struct database_state {
  database_identity identity;
  std::string update_seq; ///< its newest position, as JSON
};

/// `GET /`, whose answer may be kept from us (a proxy in front), and `GET /db`.
void read_state(const std::shared_ptr<server>& from, const std::string& database,
                milliseconds deadline, callback<database_state> done);

} // namespace feedcast::couchdb
