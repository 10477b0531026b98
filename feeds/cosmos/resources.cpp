#include "feeds/cosmos/resources.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <algorithm>

namespace feedcast::cosmos {

call read_account() {
  return {"GET", "", "", "/", {}, ""};
}

call query_offers(std::string body) {
  call c{"POST", "offers", "", "/offers", {}, std::move(body)};
  c.headers.set("content-type", "application/query+json");
  c.headers.set("x-ms-documentdb-isquery", "True");
  return c;
}

result<bool> check_name(std::string_view id, std::string_view what) {
  constexpr std::size_t longest = 255; // the service's limit for names and ids
  const auto forbidden = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\' || c == '?'
           || c == '#';
  };
  if (id.empty())
    return make_error(errc::rejected, std::string{what} + " is empty");
  if (id.size() > longest)
    return make_error(errc::rejected, std::string{what} + " is longer than 255 bytes");
  if (std::any_of(id.begin(), id.end(), forbidden) || id.back() == ' ')
    return make_error(errc::rejected,
                      std::string{what}
                          + " holds a character that Cosmos DB does not allow in "
                            "names (/ \\ ? #, a control character, or a space at the "
                            "end)");
  return true;
}

std::string partition_key_header(std::string_view id) {
  // Header values are ASCII: everything else goes as \uXXXX. Ids are checked to be ASCII where they
  // are made.
  return '[' + boost::json::serialize(boost::json::string_view{id}) + ']';
}

result<collection_ref> collection_ref::make(std::string database, std::string collection) {
  if (auto ok = check_name(database, "the database name"); !ok)
    return ok.error();
  if (auto ok = check_name(collection, "the collection name"); !ok)
    return ok.error();
  return collection_ref{std::move(database), std::move(collection)};
}

std::string collection_ref::link() const {
  return "dbs/" + database_ + "/colls/" + collection_;
}

std::string collection_ref::path() const {
  return "/dbs/" + http::encode_segment(database_) + "/colls/" + http::encode_segment(collection_);
}

call collection_ref::read() const {
  return {"GET", "colls", link(), path(), {}, ""};
}

call collection_ref::read_database() const {
  return {"GET", "dbs", "dbs/" + database_, "/dbs/" + http::encode_segment(database_), {}, ""};
}

call collection_ref::create(std::string body) const {
  call c{"POST",
         "colls",
         "dbs/" + database_,
         "/dbs/" + http::encode_segment(database_) + "/colls",
         {},
         std::move(body)};
  c.headers.set("content-type", "application/json");
  return c;
}

call collection_ref::ranges() const {
  return {"GET", "pkranges", link(), path() + "/pkranges", {}, ""};
}

call collection_ref::documents(std::string method) const {
  return {std::move(method), "docs", link(), path() + "/docs", {}, ""};
}

call collection_ref::create_document(const std::string& id, std::string body) const {
  auto c = documents("POST");
  c.headers.set("content-type", "application/json");
  c.headers.set("x-ms-documentdb-partitionkey", partition_key_header(id));
  c.body = std::move(body);
  return c;
}

call collection_ref::document(std::string method, const std::string& id) const {
  call c{std::move(method),
         "docs",
         link() + "/docs/" + id,
         path() + "/docs/" + http::encode_segment(id),
         {},
         ""};
  c.headers.set("x-ms-documentdb-partitionkey", partition_key_header(id));
  return c;
}

} // namespace feedcast::cosmos
