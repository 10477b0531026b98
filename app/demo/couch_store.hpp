#pragma once

#include "app/demo/store.hpp"
#include "feeds/couchdb/server.hpp"

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace feedcast::app {

/// The member that names the cluster which wrote a document: CouchDB takes no `_clusterId`.
inline constexpr std::string_view couch_cluster_member = "cluster";

/// The document as CouchDB takes it: without its id, and with no member that begins with `_` but
/// `_deleted` and, if there is a revision to replace, `_rev`.
std::string couch_body(const demo_document& d, const std::string& revision);
/// "ns/name" of "ns|name".
std::string couch_id(const demo_document& d);

/// Two databases of a CouchDB server.
class couch_store final : public demo_store, public std::enable_shared_from_this<couch_store> {
 public:
  couch_store(std::shared_ptr<couchdb::server> server, std::string whisks, std::string subjects);

  void put(std::shared_ptr<const demo_document> d, callback<bool> done) override;

 private:
  void read_revision(std::string target, callback<bool> done);
  std::string revision_of(const std::string& target);
  void remember(const std::string& target, std::string revision);

  const std::shared_ptr<couchdb::server> server_;
  const std::string whisks_;
  const std::string subjects_;
  std::mutex mutex_;                             ///< guards revisions_
  std::map<std::string, std::string> revisions_; ///< the newest known, by path; none of tombstones
};

} // namespace feedcast::app
