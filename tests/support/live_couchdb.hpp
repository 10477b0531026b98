#pragma once

#include "feeds/couchdb/server.hpp"
#include "http/runtime.hpp"

#include <memory>
#include <string>
#include <vector>

namespace feedcast::testing {

/// The server of COUCHDB_URL ("http://admin:secret@127.0.0.1:5984"), if that is set. Removes the
/// databases that it named when it ends; others are not touched. Throws if anything fails.
class live_couchdb {
 public:
  /// Why there is none; empty if there is one.
  static std::string missing();

  /// `io` outlives it.
  explicit live_couchdb(http::runtime& io);
  ~live_couchdb();
  live_couchdb(const live_couchdb&) = delete;
  live_couchdb& operator=(const live_couchdb&) = delete;

  /// The name of a database that nobody has, and that goes when this object does. It is not
  /// created.
  std::string database(const std::string& beginning);

  /// A client of its own.
  std::shared_ptr<couchdb::server> connect() const;

 private:
  http::runtime& io_;
  std::string endpoint_;
  std::string user_;
  std::string password_;
  std::vector<std::string> databases_;
};

} // namespace feedcast::testing
