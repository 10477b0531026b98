#pragma once

#include "http/runtime.hpp"
#include "http/server.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::testing {

struct fake_couchdb_options {
  std::string user; ///< empty: nobody is asked who he is
  std::string password;
};

/// The part of CouchDB 3.5 that stores documents, in memory, on loopback: `GET /`, databases,
/// documents with `_rev` and conflicts, `_all_docs`, `_session`, Basic, and the lockout after five
/// wrong passwords. Its feed is in fake_couchdb_changes.hpp. Thread-safe.
class fake_couchdb {
 public:
  /// `io` outlives it.
  explicit fake_couchdb(http::runtime& io, fake_couchdb_options options = {});
  ~fake_couchdb();

  std::string url() const;

  /// Asked first for each request; what it answers is the answer.
  using hook = std::function<std::optional<http::server_response>(const http::server_request&)>;
  void on_request(hook h);

  /// Called with each answer when what was asked for is done, and may change it.
  using answer_hook = std::function<void(const http::server_request&, http::server_response&)>;
  void on_answer(answer_hook h);

  /// Gives a document another leaf, as a cluster that was split does.
  void add_leaf(const std::string& database, const std::string& id, boost::json::object document,
                const std::string& revision);
  /// The revisions of a document that are not deleted, the winner first.
  std::vector<std::string> leaves(const std::string& database, const std::string& id) const;

  /// What a request is answered, without the wire.
  http::server_response answer(const http::server_request& r);

  struct change {
    std::uint64_t at = 0; ///< its place in the feed
    std::string id;
    std::string revision;
    bool deleted = false;
    boost::json::object document; ///< with `_id` and `_rev`
  };

  struct changes {
    std::string created;      ///< instance_start_time
    std::uint64_t newest = 0; ///< place
    std::vector<change> rows; ///< in the order of their places
  };

  /// The newest change of each document; nullopt: there is no such database. Is in
  /// fake_couchdb_changes.cpp.
  std::optional<changes> changes_of(const std::string& database) const;
  /// How a place is named: "12-g1AAAACb1795490936".
  static std::string sequence(std::uint64_t place, const std::string& created);

  void end_sessions(); ///< as a restart does, if no secret is configured
  std::size_t sessions_opened() const;
  std::size_t requests() const;

 private:
  struct leaf {
    std::uint64_t generation = 0;
    std::string revision;
    bool deleted = false;
    boost::json::object body; ///< without `_id` and `_rev`
  };

  using stored_document = std::vector<leaf>; ///< the winner first

  struct stored_database {
    std::string created;
    std::uint64_t sequence = 0;
    std::map<std::string, stored_document> documents;
    std::map<std::string, std::uint64_t> places; ///< of the newest change of each
  };

  struct call {
    const http::server_request& request;
    std::string name; ///< of the database
    std::string id;   ///< of the document
    std::map<std::string, std::string> query;
  };

  http::server_response perform(const http::server_request& r);
  std::optional<http::server_response> keep_out(const http::server_request& r);
  http::server_response open_session(const http::server_request& r);
  http::server_response of_database(const call& c);
  http::server_response of_document(const call& c, stored_database& in);
  http::server_response put_document(const call& c, stored_database& in);
  http::server_response store(const call& c, stored_database& in, const std::string& parent,
                              leaf next);
  static http::server_response get_document(const call& c, const stored_database& in);
  static http::server_response all_documents(const call& c, const stored_database& in);
  static void order(stored_document& d);

  const fake_couchdb_options options_;
  mutable std::mutex mutex_; ///< guards all below
  hook hook_;
  answer_hook answer_hook_;
  std::map<std::string, stored_database> databases_;
  std::set<std::string> sessions_;
  std::size_t opened_ = 0;
  std::size_t wrong_ = 0;
  std::size_t requests_ = 0;
  std::uint64_t created_ = 1'795'490'936;

  std::unique_ptr<http::server> server_; ///< ends first
};

} // namespace feedcast::testing
