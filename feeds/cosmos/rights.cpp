#include "feeds/cosmos/rights.hpp"

#include "feeds/cosmos/lease_query.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <random>
#include <utility>

namespace feedcast::cosmos {

using namespace std::chrono_literals;

const char* const read_feed_action =
    "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/readChangeFeed";
const char* const reader_role = "Cosmos DB Built-in Data Reader";

namespace {

constexpr milliseconds deadline = 10s;
constexpr const char* contributor_role = "Cosmos DB Built-in Data Contributor";
constexpr const char* read_metadata = "Microsoft.DocumentDB/databaseAccounts/readMetadata";

std::string items(const char* what) {
  return std::string{"Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/"} + what;
}

/// Sends a call about a document that may be missing: whoever is told that it is, has the right.
void ask_about(const std::shared_ptr<account>& server, call c, callback<bool> done) {
  server->send(std::move(c), access::write, deadline,
               [done = std::move(done)](const result<http::response>& r) {
                 if (!r && r.error().code != errc::not_found && r.error().code != errc::conflict)
                   return done(r.error());
                 done(true);
               });
}

right_probe container_probe(std::string what, const std::shared_ptr<account>& server,
                            const collection_ref& container, access how) {
  return {std::move(what), read_metadata, reader_role, [=](callback<bool> done) {
            server->send(container.read(), how, deadline,
                         [done = std::move(done)](const result<http::response>& r) {
                           if (!r)
                             return done(r.error());
                           done(true);
                         });
          }};
}

std::string unused_id(const std::string& name) {
  std::random_device random;
  std::string id = name;
  constexpr const char* digits = "0123456789abcdef";
  for (int i = 0; i < 16; ++i)
    id += digits[random() % 16];
  return id;
}

call write_call(const collection_ref& container, const char* method, const std::string& id) {
  auto body = boost::json::serialize(
      boost::json::object{{"id", id}, {"ttl", 60}, {"purpose", "feedcast check --connect"}});
  if (std::string_view{method} == "POST")
    return container.create_document(id, std::move(body));
  auto c = container.document(method, id);
  c.headers.set("content-type", "application/json");
  c.headers.set("if-match", "\"feedcast-check\"");
  c.body = std::move(body);
  return c;
}

/// Removes first what is not there: without that right nothing is created.
void create_and_remove(const std::shared_ptr<account>& server, const collection_ref& container,
                       const std::string& id, callback<bool> done) {
  ask_about(server, container.document("DELETE", id),
            [server, container, id, done = std::move(done)](const result<bool>& removable) {
              if (!removable)
                return done(make_error(removable.error().code,
                                       "not tried: what is created could not be removed again"));
              server->send(write_call(container, "POST", id), access::write, deadline,
                           [server, container, id, done](const result<http::response>& made) {
                             if (!made)
                               return done(made.error());
                             ask_about(server, container.document("DELETE", id), done);
                           });
            });
}

} // namespace

std::vector<right_probe> feed_rights(const std::shared_ptr<account>& server,
                                     const collection_ref& collection) {
  std::vector<right_probe> out;
  out.push_back({"read the account", read_metadata, reader_role, [server](callback<bool> done) {
                   server->refresh([done = std::move(done)](const result<endpoint_choice>& read) {
                     if (!read)
                       return done(read.error());
                     done(true);
                   });
                 }});
  out.push_back(container_probe("read the feed's container", server, collection, access::read));
  return out;
}

std::vector<right_probe> lease_rights(const std::shared_ptr<account>& server,
                                      const collection_ref& container, const std::string& name) {
  const auto id = unused_id(name);
  std::vector<right_probe> out;
  out.push_back(container_probe("read the lease container", server, container, access::write));
  out.push_back({"list leases",
                 "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/executeQuery",
                 reader_role, [=](callback<bool> done) {
                   query_documents(
                       [server](call c, callback<http::response> answer) {
                         server->send(std::move(c), access::write, deadline, std::move(answer));
                       },
                       container, id,
                       [done = std::move(done)](const result<document_list>& r) {
                         if (!r)
                           return done(r.error());
                         done(true);
                       });
                 }});
  out.push_back({"read leases", items("read"), reader_role, [=](callback<bool> done) {
                   ask_about(server, container.document("GET", id), std::move(done));
                 }});
  out.push_back({"replace leases", items("replace"), contributor_role, [=](callback<bool> done) {
                   ask_about(server, write_call(container, "PUT", id), std::move(done));
                 }});
  out.push_back({"delete leases", items("delete"), contributor_role, [=](callback<bool> done) {
                   ask_about(server, container.document("DELETE", id), std::move(done));
                 }});
  out.push_back({"create leases", items("create"), contributor_role, [=](callback<bool> done) {
                   create_and_remove(server, container, id, std::move(done));
                 }});
  return out;
}

} // namespace feedcast::cosmos
