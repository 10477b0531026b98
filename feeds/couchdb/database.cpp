#include "feeds/couchdb/database.hpp"

#include "leases/json.hpp"

#include <boost/json/serialize.hpp>

namespace feedcast::couchdb {

namespace {

error wrong(const std::string& what) {
  return make_error(errc::malformed, what);
}

/// "0" and "" say nothing; 2.x and Cloudant answer so.
bool tells(const std::string& created) noexcept {
  return !created.empty() && created != "0";
}

result<database_state> state_of(const http::response& r, const std::string& what) {
  const auto o = json::parse_object(r.body.view(), "the answer to " + what);
  if (!o)
    return o.error();
  const auto* newest = o->if_contains("update_seq");
  if (newest == nullptr || !(newest->is_string() || newest->is_number()))
    return wrong("the answer to " + what + " has no update_seq");
  database_state out;
  out.identity.created = json::text_at(*o, "instance_start_time").value_or("");
  out.update_seq = boost::json::serialize(*newest);
  return out;
}

} // namespace

std::string path_of(const std::string& database) {
  return '/' + http::encode_segment(database);
}

bool same_database(const database_identity& a, const database_identity& b) noexcept {
  if (tells(a.created) && tells(b.created))
    return a.created == b.created;
  // A server that says nothing by it can't be told from itself before an upgrade but by its uuid.
  return a.server.empty() || b.server.empty() || a.server == b.server;
}

namespace {

/// True if only this one address is closed to us: a proxy may show nothing but databases.
bool is_kept_from_us(const error& e) noexcept {
  return e.code == errc::not_found || e.code == errc::forbidden || e.code == errc::rejected;
}

void read_database(const std::shared_ptr<server>& from, const std::string& database,
                   const std::string& uuid, milliseconds deadline,
                   const callback<database_state>& done) {
  http::request r;
  r.target = path_of(database);
  from->send(r, deadline, [done, uuid, what = "GET " + r.target](const result<http::response>& a) {
    if (!a)
      return done(a.error());
    auto out = state_of(*a, what);
    if (out)
      out->identity.server = uuid;
    done(std::move(out));
  });
}

} // namespace

void read_state(const std::shared_ptr<server>& from, const std::string& database,
                milliseconds deadline, callback<database_state> done) {
  from->send(http::request{}, deadline,
             [weak = std::weak_ptr{from}, database, deadline,
              done = std::move(done)](const result<http::response>& r) {
               if (!r && !is_kept_from_us(r.error()))
                 return done(r.error());
               std::string uuid;
               if (r) {
                 const auto o = json::parse_object(r->body.view(), "the answer to GET /");
                 if (!o)
                   return done(o.error());
                 uuid = json::text_at(*o, "uuid").value_or("");
               }
               if (const auto alive = weak.lock())
                 read_database(alive, database, uuid, deadline, done);
             });
}

} // namespace feedcast::couchdb
