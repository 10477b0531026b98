#pragma once

#include "core/result.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>

namespace feedcast::cosmos {

/// One request to the service, not yet signed: where it goes is the account's business.
struct call {
  std::string method;
  std::string type;   ///< resource type of the signature; empty for the account itself
  std::string link;   ///< resource link of the signature: names, not percent-encoded
  std::string target; ///< path, percent-encoded
  http::header_list headers;
  std::string body;
  bool secret_answer = false; ///< see http::request

  /// "GET /dbs/ow/colls/whisks/docs", for error texts.
  std::string describe() const { return method + ' ' + target; }
};

/// A collection by name, and the calls it is good for.
class collection_ref {
 public:
  /// `rejected` for names that the service can't have: empty, over 255 bytes, with / \ ? # or
  /// control characters, ending in a space. What passes is safe in paths, headers and signatures.
  static result<collection_ref> make(std::string database, std::string collection);

  const std::string& database() const noexcept { return database_; }

  const std::string& collection() const noexcept { return collection_; }

  /// "dbs/ow/colls/whisks"
  std::string link() const;

  call read() const;
  call read_database() const;
  /// `body` is the definition of the collection.
  call create(std::string body) const;
  call ranges() const;
  /// GET: change feed. POST: create, query.
  call documents(std::string method) const;
  /// Creates a document of that id.
  call create_document(const std::string& id, std::string body) const;
  /// One document. The partition key of all our documents is their id.
  call document(std::string method, const std::string& id) const;

 private:
  collection_ref(std::string database, std::string collection)
      : database_{std::move(database)}, collection_{std::move(collection)} {}

  std::string path() const;

  std::string database_;
  std::string collection_;
};

/// The call that reads the account: its regions.
call read_account();

/// Offers: what databases and containers were promised. Queries only.
call query_offers(std::string body);

/// `rejected` if `id` can't be a document id or resource name; `what` names it in the text.
result<bool> check_name(std::string_view id, std::string_view what);

/// Value of x-ms-documentdb-partitionkey for a container partitioned by /id.
std::string partition_key_header(std::string_view id);

} // namespace feedcast::cosmos
