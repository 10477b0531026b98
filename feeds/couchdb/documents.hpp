#pragma once

#include "core/result.hpp"
#include "feeds/couchdb/server.hpp"
#include "leases/lease_store.hpp"

#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <vector>

namespace feedcast::couchdb {

/// The documents of one database, for few and small ones. Each write names the revision that it
/// replaces. Thread-safe; nothing blocks; after close() no answer comes.
class documents {
 public:
  documents(std::shared_ptr<server> at, std::string database, milliseconds deadline);
  ~documents();
  documents(const documents&) = delete;
  documents& operator=(const documents&) = delete;

  /// True if this call made the database, false if it was there.
  void create_database(callback<bool> done);

  /// One document, with its `_conflicts` if there are any.
  void read(const std::string& id, callback<boost::json::object> done);
  /// All whose ids begin with `beginning`, in that order.
  void list(const std::string& beginning, callback<std::vector<boost::json::object>> done);
  /// Answers the new revision. `conflict` if `_rev` is not the document's, or is missing while
  /// there is one; `unavailable` if too few of a cluster's nodes stored it.
  void write(const std::string& id, const boost::json::object& document,
             callback<std::string> done);
  /// `not_found` if it is gone already, `conflict` as above.
  void remove(const std::string& id, const std::string& revision, callback<bool> done);

  lease_costs costs() const noexcept;
  const std::string& name() const noexcept; ///< for texts: "the database leases at https://..."

  void close();

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

/// The member `_rev`; empty if there is none.
std::string revision_of(const boost::json::object& document);
/// The members of `_conflicts`: revisions that a split cluster left beside the one that counts.
std::vector<std::string> conflicts_of(const boost::json::object& document);

} // namespace feedcast::couchdb
