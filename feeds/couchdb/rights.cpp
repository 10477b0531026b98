#include "feeds/couchdb/rights.hpp"

#include "feeds/couchdb/database.hpp"
#include "leases/boot_nonce.hpp"
#include "leases/json.hpp"

#include <utility>

namespace feedcast::couchdb {

using namespace std::chrono_literals;

namespace {

constexpr milliseconds deadline = 10s;

std::string membership(const std::string& database) {
  return "add the user, or a role of his, to the members of " + database + " (PUT "
         + path_of(database) + "/_security)";
}

/// A question whose answer, whatever it says, shows the right.
void get(const std::shared_ptr<server>& at, std::string target, callback<bool> done) {
  http::request r;
  r.target = std::move(target);
  at->send(std::move(r), deadline, [done = std::move(done)](const result<http::response>& a) {
    done(a ? result<bool>{true} : result<bool>{a.error()});
  });
}

void remove(const std::shared_ptr<server>& at, const std::string& path, const std::string& revision,
            callback<bool> done) {
  http::request r;
  r.method = "DELETE";
  r.target = path + "?rev=" + http::encode_segment(revision);
  at->send(std::move(r), deadline, [done = std::move(done)](const result<http::response>& a) {
    done(a ? result<bool>{true} : result<bool>{a.error()});
  });
}

void create_and_remove(const std::shared_ptr<server>& at, const std::string& path,
                       callback<bool> done) {
  http::request r;
  r.method = "PUT";
  r.target = path;
  r.headers.set("content-type", "application/json");
  r.body = R"({"purpose":"feedcast check --connect"})";
  at->send(
      std::move(r), deadline,
      [weak = std::weak_ptr{at}, path, done = std::move(done)](const result<http::response>& made) {
        if (!made)
          return done(made.error());
        const auto said = json::parse_object(made->body.view(), "the answer to a write");
        const auto revision = said ? json::text_at(*said, "rev") : std::nullopt;
        if (!revision)
          return done(make_error(errc::malformed, "the write was answered by no revision"));
        if (const auto alive = weak.lock())
          remove(alive, path, *revision, done);
      });
}

right_probe read_database(const std::shared_ptr<server>& at, const std::string& database) {
  return {"read the database " + database, membership(database),
          [at, database](callback<bool> done) { get(at, path_of(database), std::move(done)); }};
}

} // namespace

std::vector<right_probe> feed_rights(const std::shared_ptr<server>& at,
                                     const std::string& database) {
  std::vector<right_probe> out;
  out.push_back(read_database(at, database));
  out.push_back({"read the changes of " + database, membership(database),
                 [at, database](callback<bool> done) {
                   get(at, path_of(database) + "/_changes?limit=1", std::move(done));
                 }});
  return out;
}

std::vector<right_probe> lease_rights(const std::shared_ptr<server>& at,
                                      const std::string& database, const std::string& name) {
  std::vector<right_probe> out;
  out.push_back(read_database(at, database));
  out.push_back(
      {"list the leases in " + database, membership(database), [at, database](callback<bool> done) {
         get(at, path_of(database) + "/_all_docs?limit=1", std::move(done));
       }});
  const auto path = path_of(database) + '/'
                    + http::encode_segment(name + make_boot_nonce(system_clock_source().wall()));
  out.push_back(
      {"create and remove leases in " + database,
       membership(database)
           + "; a validate_doc_update function of one of its design documents may "
             "forbid it, too",
       [at, path](callback<bool> done) { create_and_remove(at, path, std::move(done)); }});
  return out;
}

} // namespace feedcast::couchdb
