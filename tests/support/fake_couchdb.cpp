#include "tests/support/fake_couchdb.hpp"

#include "http/crypto/digest.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace feedcast::testing {

namespace {

namespace json = boost::json;

http::server_response say(unsigned status, const json::value& body) {
  http::server_response out;
  out.status = status;
  out.headers.set("content-type", "application/json");
  out.body = json::serialize(body) + '\n';
  return out;
}

http::server_response refuse(unsigned status, const char* word, const char* reason) {
  return say(status, json::object{{"error", word}, {"reason", reason}});
}

std::map<std::string, std::string> arguments(std::string_view query) {
  std::map<std::string, std::string> out;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    const auto mark = std::min(pair.find('='), pair.size());
    out[http::decode_segment(pair.substr(0, mark))] =
        http::decode_segment(pair.substr(std::min(mark + 1, pair.size())));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return out;
}

bool is(const std::map<std::string, std::string>& query, const char* name) {
  const auto at = query.find(name);
  return at != query.end() && at->second == "true";
}

std::optional<json::object> object_in(const std::string& body) {
  boost::system::error_code failure;
  auto v = json::parse(body, failure);
  if (failure || !v.is_object())
    return std::nullopt;
  return std::move(v.get_object());
}

std::string text_at(const json::object& o, std::string_view name) {
  const auto* v = o.if_contains(name);
  return v != nullptr && v->is_string() ? std::string{v->get_string()} : std::string{};
}

/// Of the same content under the same parent the same, as in CouchDB.
std::string name_revision(std::uint64_t generation, const std::string& parent, bool deleted,
                          const json::object& body) {
  const auto digest = http::crypto::to_hex(
      http::crypto::sha256(parent + (deleted ? "-" : "+") + json::serialize(body)));
  return std::to_string(generation) + '-' + digest.substr(0, 32);
}

} // namespace

fake_couchdb::fake_couchdb(http::runtime& io, fake_couchdb_options options)
    : options_{std::move(options)} {
  http::server_options o;
  o.server_name = "CouchDB/3.5.0 (Erlang OTP/25)";
  auto started = http::server::start(
      io, o,
      [this](const http::server_request& r, const http::responder& done) { done(answer(r)); });
  if (!started)
    throw std::runtime_error{to_string(started.error())};
  server_ = std::move(*started);
}

fake_couchdb::~fake_couchdb() = default;

std::string fake_couchdb::sequence(std::uint64_t place, const std::string& created) {
  return std::to_string(place) + "-g1AAAACb" + created;
}

std::string fake_couchdb::url() const {
  return server_->url();
}

void fake_couchdb::on_request(hook h) {
  const std::lock_guard lock{mutex_};
  hook_ = std::move(h);
}

void fake_couchdb::on_answer(answer_hook h) {
  const std::lock_guard lock{mutex_};
  answer_hook_ = std::move(h);
}

void fake_couchdb::end_sessions() {
  const std::lock_guard lock{mutex_};
  sessions_.clear();
}

std::size_t fake_couchdb::sessions_opened() const {
  const std::lock_guard lock{mutex_};
  return opened_;
}

std::size_t fake_couchdb::requests() const {
  const std::lock_guard lock{mutex_};
  return requests_;
}

void fake_couchdb::add_leaf(const std::string& database, const std::string& id,
                            json::object document, const std::string& revision) {
  const std::lock_guard lock{mutex_};
  auto& in = databases_.at(database);
  document.erase("_id");
  document.erase("_rev");
  auto& d = in.documents[id];
  d.push_back({std::stoull(revision), revision, false, std::move(document)});
  order(d);
  in.places[id] = ++in.sequence;
}

std::vector<std::string> fake_couchdb::leaves(const std::string& database,
                                              const std::string& id) const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> out;
  const auto& all = databases_.at(database).documents;
  if (const auto at = all.find(id); at != all.end())
    for (const auto& l : at->second)
      if (!l.deleted)
        out.push_back(l.revision);
  return out;
}

/// What is not deleted wins, then the longer history, then the greater name.
void fake_couchdb::order(stored_document& d) {
  std::sort(d.begin(), d.end(), [](const leaf& a, const leaf& b) {
    return std::tuple{!a.deleted, a.generation, a.revision}
           > std::tuple{!b.deleted, b.generation, b.revision};
  });
}

// -- who asks ------------------------------------------------------------------------------------

std::optional<http::server_response> fake_couchdb::keep_out(const http::server_request& r) {
  constexpr std::size_t threshold = 5;
  const auto offered = r.message.headers.get("authorization");
  const auto cookie = r.message.headers.get("cookie");
  if (offered.empty() && sessions_.contains(std::string{cookie}))
    return std::nullopt;
  if (offered.empty())
    return r.path == "/" ? std::nullopt
                         : std::optional{refuse(401, "unauthorized",
                                                "You are not authorized to access this db.")};
  const auto right =
      "Basic " + http::crypto::base64_encode(options_.user + ':' + options_.password);
  if (offered == right && wrong_ < threshold)
    return std::nullopt;
  wrong_ += offered == right ? 0 : 1;
  if (wrong_ >= threshold)
    return refuse(403, "forbidden",
                  "Account is temporarily locked due to multiple authentication failures");
  return refuse(401, "unauthorized", "Name or password is incorrect.");
}

http::server_response fake_couchdb::open_session(const http::server_request& r) {
  const auto form = arguments(r.message.body);
  const auto value = [&](const char* name) {
    const auto at = form.find(name);
    return at == form.end() ? std::string{} : at->second;
  };
  if (value("name") != options_.user || value("password") != options_.password) {
    ++wrong_;
    return refuse(401, "unauthorized", "Name or password is incorrect.");
  }
  const auto cookie = "AuthSession=session" + std::to_string(++opened_);
  sessions_.insert(cookie);
  auto out = say(200, json::object{{"ok", true}, {"name", options_.user}});
  out.headers.set("set-cookie", cookie + "; Version=1; Max-Age=600; Path=/; HttpOnly");
  return out;
}

// -- what is asked -------------------------------------------------------------------------------

http::server_response fake_couchdb::answer(const http::server_request& r) {
  hook first;
  answer_hook last;
  {
    const std::lock_guard lock{mutex_};
    ++requests_;
    first = hook_;
    last = answer_hook_;
  }
  if (first)
    if (auto given = first(r))
      return std::move(*given);
  auto out = perform(r);
  if (last)
    last(r, out);
  return out;
}

http::server_response fake_couchdb::perform(const http::server_request& r) {
  const std::lock_guard lock{mutex_};
  if (r.path == "/_session" && r.message.method == "POST")
    return open_session(r);
  if (!options_.user.empty())
    if (auto out = keep_out(r))
      return std::move(*out);
  if (r.path == "/")
    return say(200, json::object{{"couchdb", "Welcome"},
                                 {"version", "3.5.0"},
                                 {"uuid", "00112233445566778899aabbccddeeff"}});
  const auto slash = std::min(r.path.find('/', 1), r.path.size());
  call c{r,
         http::decode_segment(std::string_view{r.path}.substr(1, slash - 1)),
         {},
         arguments(r.query)};
  if (slash + 1 < r.path.size())
    c.id = http::decode_segment(std::string_view{r.path}.substr(slash + 1));
  if (c.id.empty())
    return of_database(c);
  const auto in = databases_.find(c.name);
  if (in == databases_.end())
    return refuse(404, "not_found", "Database does not exist.");
  return of_document(c, in->second);
}

http::server_response fake_couchdb::of_database(const call& c) {
  const auto& method = c.request.message.method;
  const auto at = databases_.find(c.name);
  if (method == "PUT") {
    if (at != databases_.end())
      return refuse(412, "file_exists",
                    "The database could not be created, the file already exists.");
    databases_[c.name].created = std::to_string(created_++);
    return say(201, json::object{{"ok", true}});
  }
  if (at == databases_.end())
    return refuse(404, "not_found", "Database does not exist.");
  if (method == "DELETE") {
    databases_.erase(at);
    return say(200, json::object{{"ok", true}});
  }
  return say(200, json::object{{"instance_start_time", at->second.created},
                               {"db_name", c.name},
                               {"update_seq", sequence(at->second.sequence, at->second.created)}});
}

http::server_response fake_couchdb::of_document(const call& c, stored_database& in) {
  const auto& method = c.request.message.method;
  if (c.id == "_all_docs")
    return all_documents(c, in);
  if (c.id.starts_with('_'))
    return refuse(400, "illegal_docid", "Only reserved document ids may start with underscore.");
  if (method == "GET")
    return get_document(c, in);
  if (method == "PUT")
    return put_document(c, in);
  if (method != "DELETE")
    return refuse(405, "method_not_allowed", "Only DELETE,GET,HEAD,POST,PUT,COPY allowed");
  const auto known = in.documents.find(c.id);
  if (known == in.documents.end() || known->second.front().deleted)
    return refuse(404, "not_found", known == in.documents.end() ? "missing" : "deleted");
  const auto revision = c.query.find("rev");
  if (revision == c.query.end())
    return refuse(409, "conflict", "Document update conflict.");
  leaf next;
  next.deleted = true;
  return store(c, in, revision->second, std::move(next));
}

http::server_response fake_couchdb::put_document(const call& c, stored_database& in) {
  auto body = object_in(c.request.message.body);
  if (!body)
    return refuse(400, "bad_request", "invalid UTF-8 JSON");
  auto parent = text_at(*body, "_rev");
  body->erase("_id");
  body->erase("_rev");
  for (const auto& member : *body)
    if (member.key().starts_with("_"))
      return refuse(400, "doc_validation", "Bad special document member");
  const auto known = in.documents.find(c.id);
  // One that was deleted is made again behind its deletion.
  if (parent.empty() && known != in.documents.end() && known->second.front().deleted)
    parent = known->second.front().revision;
  leaf next;
  next.body = std::move(*body);
  return store(c, in, parent, std::move(next));
}

http::server_response fake_couchdb::store(const call& c, stored_database& in,
                                          const std::string& parent, leaf next) {
  const auto known = in.documents.find(c.id);
  if (known == in.documents.end() && !parent.empty())
    return refuse(409, "conflict", "Document update conflict.");
  auto& d = in.documents[c.id];
  const auto at =
      std::find_if(d.begin(), d.end(), [&](const leaf& l) { return l.revision == parent; });
  if (!parent.empty() || known != in.documents.end()) {
    if (at == d.end())
      return refuse(409, "conflict", "Document update conflict.");
    next.generation = at->generation;
    d.erase(at);
  }
  ++next.generation;
  next.revision = name_revision(next.generation, parent, next.deleted, next.body);
  const auto revision = next.revision;
  const auto status = next.deleted ? 200U : 201U;
  d.push_back(std::move(next));
  order(d);
  in.places[c.id] = ++in.sequence;
  return say(status, json::object{{"ok", true}, {"id", c.id}, {"rev", revision}});
}

namespace {

/// A document as it is told.
template <class Document>
json::object shown(const std::string& id, const Document& d, bool with_conflicts) {
  json::object out{{"_id", id}, {"_rev", d.front().revision}};
  for (const auto& member : d.front().body)
    out[member.key()] = member.value();
  json::array others;
  for (std::size_t i = 1; i < d.size(); ++i)
    if (!d[i].deleted)
      others.emplace_back(d[i].revision);
  if (with_conflicts && !others.empty())
    out["_conflicts"] = std::move(others);
  return out;
}

} // namespace

http::server_response fake_couchdb::get_document(const call& c, const stored_database& in) {
  const auto at = in.documents.find(c.id);
  if (at == in.documents.end())
    return refuse(404, "not_found", "missing");
  if (at->second.front().deleted)
    return refuse(404, "not_found", "deleted");
  return say(200, shown(c.id, at->second, is(c.query, "conflicts")));
}

http::server_response fake_couchdb::all_documents(const call& c, const stored_database& in) {
  const auto key = [&](const char* name) -> std::optional<std::string> {
    const auto at = c.query.find(name);
    if (at == c.query.end())
      return std::nullopt;
    return std::string{json::parse(at->second).as_string()};
  };
  const auto from = key("startkey");
  const auto to = key("endkey");
  const auto limit = c.query.find("limit");
  const auto most = limit == c.query.end() ? SIZE_MAX : std::stoull(limit->second);
  json::array rows;
  for (const auto& [id, d] : in.documents) {
    if (d.front().deleted || (from && id < *from) || (to && id > *to) || rows.size() >= most)
      continue;
    json::object row{{"id", id}, {"key", id}, {"value", json::object{{"rev", d.front().revision}}}};
    if (is(c.query, "include_docs"))
      row["doc"] = shown(id, d, is(c.query, "conflicts"));
    rows.push_back(std::move(row));
  }
  return say(
      200,
      json::object{{"total_rows", in.documents.size()}, {"offset", 0}, {"rows", std::move(rows)}});
}

} // namespace feedcast::testing
