#include "tests/support/fake_couchdb_changes.hpp"

#include "http/message.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <memory>

namespace feedcast::testing {

namespace {

namespace json = boost::json;
using test::heard_request;
using test::replay;

constexpr std::string_view mark = "-g1AAAACb";

replay refuse(unsigned status, const char* word, const char* reason) {
  return replay::json(status,
                      json::serialize(json::object{{"error", word}, {"reason", reason}}) + '\n');
}

std::string chunk(const std::string& bytes) {
  // The head that replay::chunked() puts before it is left out.
  return replay::chunked({bytes}).pieces().back();
}

const std::string blank = chunk("\n");

std::uint64_t number(const heard_request& r, const char* name, std::uint64_t otherwise) {
  const auto text = r.parameter(name);
  return text.empty() ? otherwise : std::stoull(text);
}

/// nullopt: it is none.
std::optional<std::uint64_t> place_of(std::string since, const fake_couchdb::changes& all) {
  if (since.empty() || since == "0")
    return 0;
  if (since == "now")
    return all.newest;
  const auto digits = std::min(since.find_first_not_of("0123456789"), since.size());
  if (digits == 0 || since.compare(digits, mark.size(), mark) != 0)
    return std::nullopt;
  const bool ours = since.substr(digits + mark.size()) == all.created;
  return ours ? std::stoull(since.substr(0, digits)) : 0;
}

json::object row(const fake_couchdb::change& c, const std::string& created, bool names_seq,
                 bool with_document) {
  json::object out;
  out["seq"] =
      names_seq ? json::value(fake_couchdb::sequence(c.at, created)) : json::value(nullptr);
  out["id"] = c.id;
  out["changes"] = json::array{json::object{{"rev", c.revision}}};
  if (c.deleted)
    out["deleted"] = true;
  if (with_document)
    out["doc"] = c.document;
  return out;
}

} // namespace

std::optional<fake_couchdb::changes> fake_couchdb::changes_of(const std::string& database) const {
  const std::lock_guard lock{mutex_};
  const auto in = databases_.find(database);
  if (in == databases_.end())
    return std::nullopt;
  changes out{in->second.created, in->second.sequence, {}};
  for (const auto& [id, place] : in->second.places) {
    const auto& winner = in->second.documents.at(id).front();
    json::object document{{"_id", id}, {"_rev", winner.revision}};
    if (winner.deleted)
      document["_deleted"] = true;
    for (const auto& member : winner.body)
      document[member.key()] = member.value();
    out.rows.push_back({place, id, winner.revision, winner.deleted, std::move(document)});
  }
  std::sort(out.rows.begin(), out.rows.end(),
            [](const change& a, const change& b) { return a.at < b.at; });
  return out;
}

fake_couchdb_changes::fake_couchdb_changes(http::runtime& io) : documents_{io} {
  front_.always({}, [this](const heard_request& r) { return answer(r); });
}

replay fake_couchdb_changes::answer(const heard_request& r) {
  constexpr std::string_view feed_of = "/_changes";
  if (r.path.ends_with(feed_of))
    return feed(r, http::decode_segment(
                       std::string_view{r.path}.substr(1, r.path.size() - 1 - feed_of.size())));
  http::server_request asked;
  asked.message.method = r.method;
  asked.message.body = r.body;
  for (const auto& [name, value] : r.headers)
    asked.message.headers.set(name, value);
  asked.path = r.path;
  for (const auto& [name, value] : r.query)
    asked.query += (asked.query.empty() ? "" : "&") + name + '=' + value;
  const auto said = documents_.answer(asked);
  if (r.method != "GET")
    front_.poke();
  std::string headers;
  for (const auto& [name, value] : said.headers)
    headers += name + ": " + value + "\r\n";
  return replay::bytes("HTTP/1.1 " + std::to_string(said.status) + " Status\r\nContent-Length: "
                       + std::to_string(said.body.size()) + "\r\n" + headers + "\r\n" + said.body);
}

replay fake_couchdb_changes::feed(const heard_request& r, const std::string& database) const {
  const auto all = documents_.changes_of(database);
  if (!all)
    return refuse(404, "not_found", "Database does not exist.");
  const auto since = place_of(http::decode_segment(r.parameter("since")), *all);
  if (!since)
    return refuse(400, "bad_request", "Malformed sequence supplied in 'since' parameter.");
  return r.parameter("feed") == "continuous" ? endless(r, database, *all, *since)
                                             : ending(r, *all, *since);
}

replay fake_couchdb_changes::ending(const heard_request& r, const fake_couchdb::changes& all,
                                    std::uint64_t since) const {
  const auto limit = number(r, "limit", static_cast<std::uint64_t>(-1));
  const auto interval = number(r, "seq_interval", 1);
  std::vector<std::string> body{"{\"results\":[\n"};
  std::uint64_t sent = 0;
  std::uint64_t behind = 0;
  auto last = since;
  for (const auto& c : all.rows) {
    if (c.at <= since)
      continue;
    if (sent == limit) {
      ++behind;
      continue;
    }
    const bool names_seq = ++sent % interval == 0;
    body.push_back(
        (sent > 1 ? ",\n" : "")
        + json::serialize(row(c, all.created, names_seq, r.parameter("include_docs") == "true")));
    last = c.at;
  }
  if (behind == 0 && limit > 0)
    last = all.newest;
  body.push_back("\n],\n\"last_seq\":\"" + fake_couchdb::sequence(last, all.created)
                 + "\",\"pending\":" + std::to_string(behind) + "}\n");
  return replay::chunked(body).then(replay::bytes("0\r\n\r\n"));
}

replay fake_couchdb_changes::endless(const heard_request& r, const std::string& database,
                                     const fake_couchdb::changes& all, std::uint64_t since) const {
  const bool with_document = r.parameter("include_docs") == "true";
  const std::chrono::milliseconds heartbeat{number(r, "heartbeat", 60'000)};
  auto at = std::make_shared<std::uint64_t>(since);
  auto ended = std::make_shared<bool>(false);
  auto next = [this, database, created = all.created, with_document, at, ended](bool quiet) {
    if (*ended)
      return std::string{};
    const auto seen = documents_.changes_of(database);
    if (!seen || seen->created != created) {
      *ended = true;
      return chunk("{\"last_seq\":\"" + fake_couchdb::sequence(*at, created)
                   + "\",\"pending\":0}\n")
             + "0\r\n\r\n";
    }
    std::string out = quiet ? blank : std::string{};
    for (const auto& c : seen->rows)
      if (c.at > *at)
        out += blank + chunk(json::serialize(row(c, created, true, with_document)) + '\n');
    *at = seen->newest;
    return out;
  };
  return replay::chunked({"\n"}).going_on(std::move(next), heartbeat);
}

} // namespace feedcast::testing
