#pragma once

#include "core/result.hpp"
#include "leases/lease.hpp"
#include "leases/lease_store.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace feedcast::couchdb {

/// The ids of one processor's documents: stem = prefix, host, "_", database; then "..RANGE",
/// ".info" or ".lock".
class record_ids {
 public:
  /// `host` and `database` are those of the feed. `rejected` if they make no ids: the server keeps
  /// those that begin with `_` for itself.
  static result<record_ids> make(const std::string& prefix, const std::string& host,
                                 const std::string& database);

  std::string lease(std::string_view range_id) const { return leases() + std::string{range_id}; }

  /// What the ids of all leases begin with.
  std::string leases() const { return stem_ + ".."; }

  std::string marker() const { return stem_ + ".info"; }

  std::string lock() const { return stem_ + ".lock"; }

 private:
  explicit record_ids(std::string stem) : stem_{std::move(stem)} {}

  std::string stem_;
};

/// A document as a lease; its `raw` is the whole document. `malformed` if it is none, `rejected` if
/// it is of a version that is not known.
result<lease> read_record(const boost::json::object& document, const record_ids& ids);

/// The document to store, with what `l.raw` holds of others' members, to replace `l.version`
/// (empty: to be created). `mark` tells this write from others.
result<boost::json::object> write_record(const lease& l, const record_ids& ids,
                                         const std::string& mark);

/// The mark that the document was written with.
std::string mark_of(const boost::json::object& document);

boost::json::object write_marker(wall_time started_at);
result<lease_store_state> read_marker(const boost::json::object& document);

/// The lock under which the first leases are made.
boost::json::object write_lock(const std::string& mark, wall_time now);
/// When it was taken; the epoch if it does not say.
wall_time locked_at(const boost::json::object& document);

} // namespace feedcast::couchdb
