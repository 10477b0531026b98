#include "app/demo/couch_store.hpp"

#include "feeds/couchdb/database.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

namespace feedcast::app {

namespace {

namespace json = boost::json;

constexpr milliseconds deadline{10'000};

/// The text of a member; empty if there is none.
std::string member(std::string_view body, const char* name) {
  boost::system::error_code failed;
  const auto value = json::parse(body, failed);
  const auto* o = failed ? nullptr : value.if_object();
  const auto* found = o == nullptr ? nullptr : o->if_contains(name);
  const auto* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string{} : std::string{*text};
}

} // namespace

std::string couch_id(const demo_document& d) {
  auto id = d.id;
  std::replace(id.begin(), id.end(), '|', '/');
  return id;
}

std::string couch_body(const demo_document& d, const std::string& revision) {
  auto o = json::parse(d.body).as_object();
  for (const auto* name : {"_c", "_clusterId", "id", "ttl"})
    o.erase(name);
  o[couch_cluster_member] = d.cluster;
  if (!revision.empty())
    o["_rev"] = revision;
  return json::serialize(o);
}

couch_store::couch_store(std::shared_ptr<couchdb::server> server, std::string whisks,
                         std::string subjects)
    : server_(std::move(server)), whisks_(std::move(whisks)), subjects_(std::move(subjects)) {}

void couch_store::put(std::shared_ptr<const demo_document> d, callback<bool> done) {
  http::request r;
  r.method = "PUT";
  r.target =
      couchdb::path_of(d->subject ? subjects_ : whisks_) + '/' + http::encode_segment(couch_id(*d));
  r.headers.set("Content-Type", "application/json");
  r.body = couch_body(*d, revision_of(r.target));
  const bool deletes = json::parse(r.body).as_object().contains("_deleted");
  auto target = r.target;
  server_->send(std::move(r), deadline,
                [self = shared_from_this(), target = std::move(target), deletes,
                 done = std::move(done)](const result<http::response>& answer) {
                  if (answer) {
                    self->remember(target,
                                   deletes ? std::string{} : member(answer->body.view(), "rev"));
                    return done(true);
                  }
                  if (answer.error().code != errc::conflict)
                    return done(answer.error());
                  // An earlier try was stored, and its answer lost.
                  self->read_revision(target, [why = answer.error(), done](result<bool> read) {
                    done(read ? why : read.error());
                  });
                });
}

void couch_store::read_revision(std::string target, callback<bool> done) {
  http::request r;
  r.target = target;
  server_->send(std::move(r), deadline,
                [self = shared_from_this(), target = std::move(target),
                 done = std::move(done)](const result<http::response>& answer) {
                  if (!answer && answer.error().code != errc::not_found)
                    return done(answer.error());
                  self->remember(target,
                                 answer ? member(answer->body.view(), "_rev") : std::string{});
                  done(true);
                });
}

std::string couch_store::revision_of(const std::string& target) {
  const std::lock_guard lock{mutex_};
  const auto known = revisions_.find(target);
  return known == revisions_.end() ? std::string{} : known->second;
}

void couch_store::remember(const std::string& target, std::string revision) {
  const std::lock_guard lock{mutex_};
  if (revision.empty())
    revisions_.erase(target);
  else
    revisions_[target] = std::move(revision);
}

} // namespace feedcast::app
