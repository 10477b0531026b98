#include "feeds/couchdb/documents.hpp"

#include "feeds/answer_gate.hpp"
#include "feeds/couchdb/database.hpp"
#include "feeds/couchdb/errors.hpp"
#include "leases/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <atomic>
#include <utility>

namespace feedcast::couchdb {

namespace {

enum class kind : std::uint8_t { read, list, write };

using answer = result<http::response>;

/// As a query wants it: JSON, percent-encoded.
std::string json_argument(const std::string& text) {
  return http::encode_segment(boost::json::serialize(boost::json::value(text)));
}

/// The documents of an answer of `_all_docs`.
result<std::vector<boost::json::object>> documents_in(std::string_view body,
                                                      const std::string& beginning) {
  auto o = json::parse_object(body, "the list of documents");
  if (!o)
    return o.error();
  auto* rows = o->if_contains("rows");
  if (rows == nullptr || !rows->is_array())
    return make_error(errc::malformed, "the list of documents has no rows");
  std::vector<boost::json::object> out;
  for (auto& row : rows->get_array()) {
    auto* members = row.if_object();
    auto* document = members != nullptr ? members->if_contains("doc") : nullptr;
    if (document == nullptr || !document->is_object())
      return make_error(errc::malformed, "the list of documents has a row without its document");
    const auto id = json::text_at(document->get_object(), "_id");
    if (id && id->starts_with(beginning))
      out.push_back(std::move(document->get_object()));
  }
  return out;
}

} // namespace

struct documents::impl : std::enable_shared_from_this<impl> {
  impl(std::shared_ptr<server> s, std::string d, milliseconds limit)
      : at{std::move(s)}
      , database{std::move(d)}
      , deadline{limit}
      , name{"the database " + database + " at " + at->address()} {}

  std::string path(const std::string& id) const {
    return path_of(database) + '/' + http::encode_segment(id);
  }

  /// Gives the answer to `use` unless this is closed.
  template <class Use>
  void send(kind k, http::request r, Use use) {
    calls(k).fetch_add(1, std::memory_order_relaxed);
    at->send(std::move(r), deadline,
             [weak = weak_from_this(), use = std::move(use)](answer a) mutable {
               if (auto self = weak.lock())
                 self->gate.pass([&] { use(std::move(a)); });
             });
  }

  std::atomic<std::uint64_t>& calls(kind k) {
    return k == kind::read ? reads : k == kind::list ? lists : writes;
  }

  /// What was written by fewer nodes than it takes may be lost, or come back.
  error too_few(const std::string& id) const {
    return make_error(errc::unavailable, "too few nodes of the cluster stored " + id + " in " + name
                                             + ": it is read again");
  }

  const std::shared_ptr<server> at;
  const std::string database;
  const milliseconds deadline;
  const std::string name;
  answer_gate gate;
  std::atomic<std::uint64_t> reads{0};
  std::atomic<std::uint64_t> lists{0};
  std::atomic<std::uint64_t> writes{0};
};

documents::documents(std::shared_ptr<server> at, std::string database, milliseconds deadline)
    : impl_{std::make_shared<impl>(std::move(at), std::move(database), deadline)} {}

documents::~documents() {
  close();
}

void documents::close() {
  impl_->gate.close();
}

const std::string& documents::name() const noexcept {
  return impl_->name;
}

void documents::create_database(callback<bool> done) {
  http::request r;
  r.method = "PUT";
  r.target = path_of(impl_->database);
  impl_->send(kind::write, std::move(r), [done = std::move(done)](const answer& a) {
    if (!a && a.error().code != errc::conflict)
      return done(a.error());
    done(a.has_value()); // 202: not on all nodes yet, which each request shows
  });
}

void documents::read(const std::string& id, callback<boost::json::object> done) {
  http::request r;
  r.target = impl_->path(id) + "?conflicts=true";
  impl_->send(kind::read, std::move(r), [id, done = std::move(done)](const answer& a) {
    done(a ? json::parse_object(a->body.view(), "the document " + id)
           : result<boost::json::object>{a.error()});
  });
}

void documents::list(const std::string& beginning,
                     callback<std::vector<boost::json::object>> done) {
  http::request r;
  r.target = path_of(impl_->database) + "/_all_docs?include_docs=true&conflicts=true&startkey="
             + json_argument(beginning) + "&endkey=" + json_argument(beginning + "\xef\xbf\xb0");
  impl_->send(kind::list, std::move(r), [beginning, done = std::move(done)](const answer& a) {
    done(a ? documents_in(a->body.view(), beginning)
           : result<std::vector<boost::json::object>>{a.error()});
  });
}

void documents::write(const std::string& id, const boost::json::object& document,
                      callback<std::string> done) {
  http::request r;
  r.method = "PUT";
  r.target = impl_->path(id);
  r.headers.set("content-type", "application/json");
  r.body = boost::json::serialize(document);
  impl_->send(kind::write, std::move(r),
              [self = impl_.get(), id, done = std::move(done)](const answer& a) {
                if (!a)
                  return done(a.error());
                if (a->status == 202)
                  return done(self->too_few(id));
                const auto said = json::parse_object(a->body.view(), "the answer to a write");
                auto revision = said ? json::text_at(*said, "rev") : std::nullopt;
                if (!revision || revision->empty())
                  return done(make_error(errc::malformed, "the write of " + id + " to " + self->name
                                                              + " was answered by no revision"));
                done(std::move(*revision));
              });
}

void documents::remove(const std::string& id, const std::string& revision, callback<bool> done) {
  http::request r;
  r.method = "DELETE";
  r.target = impl_->path(id) + "?rev=" + http::encode_segment(revision);
  impl_->send(kind::write, std::move(r),
              [self = impl_.get(), id, done = std::move(done)](const answer& a) {
                if (!a)
                  return done(a.error());
                if (a->status == 202)
                  return done(self->too_few(id));
                done(true);
              });
}

lease_costs documents::costs() const noexcept {
  lease_costs out;
  out.reads.calls = impl_->reads.load(std::memory_order_relaxed);
  out.lists.calls = impl_->lists.load(std::memory_order_relaxed);
  out.writes.calls = impl_->writes.load(std::memory_order_relaxed);
  return out;
}

std::string revision_of(const boost::json::object& document) {
  return json::text_at(document, "_rev").value_or("");
}

std::vector<std::string> conflicts_of(const boost::json::object& document) {
  std::vector<std::string> out;
  const auto* value = document.if_contains("_conflicts");
  const auto* list = value != nullptr ? value->if_array() : nullptr;
  if (list == nullptr)
    return out;
  for (const auto& one : *list)
    if (one.is_string())
      out.emplace_back(one.get_string());
  return out;
}

} // namespace feedcast::couchdb
