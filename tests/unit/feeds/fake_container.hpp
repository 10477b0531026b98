#pragma once

#include "fake_network.hpp"
#include "leases/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <map>
#include <string>

namespace feedcast::test {

/// A database with one container in memory, as far as leases need it: create and read the
/// container, create, read, replace and delete documents (If-Match), and the STARTSWITH query in
/// pages of two. Beside it the monitored collection, which can only be looked at. Every success
/// costs two request units.
class fake_container {
 public:
  bool exists = false;
  std::map<std::string, boost::json::object> documents;
  wall_time now{std::chrono::seconds{1'767'225'600}}; ///< the server's clock

  scripted operator()(const sent_request& s) {
    auto out = answer(s);
    out.headers.set("date", format_http_date(now));
    out.headers.set("x-ms-request-charge", "2");
    return out;
  }

  /// Puts a document there as another library would.
  void put(boost::json::object document) { store(201, std::move(document)); }

 private:
  scripted answer(const sent_request& s) {
    const auto& r = s.request;
    if (r.target == "/")
      return account_answer({{"West US", 8081}});
    if (r.target == "/dbs/ow")
      return reply(200, {}, R"({"id":"ow","_rid":"O7RwAA=="})");
    if (r.target == "/dbs/ow/colls/whisks")
      return reply(200, {}, R"({"id":"whisks","_rid":"O7RwAKylJbY="})");
    if (r.target == "/dbs/ow/colls")
      return create_container(r);
    if (!exists || !r.target.starts_with(path))
      return reply(404);
    if (r.target == path)
      return reply(200, {}, definition_);
    if (r.headers.get("x-ms-documentdb-isquery") == "True")
      return query(r);
    if (r.method == "POST")
      return create(r);
    return point(r, http::decode_segment(r.target.substr(path.size() + 6))); // behind "/docs/"
  }

  static constexpr std::string_view path = "/dbs/ow/colls/leases";

  scripted create_container(const http::request& r) {
    if (exists)
      return reply(409);
    exists = true;
    definition_ = r.body;
    return reply(201, {}, definition_);
  }

  scripted store(unsigned status, boost::json::object document) {
    document["_etag"] = "\"v" + std::to_string(++writes_) + '"';
    document["_ts"] =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    auto& slot = documents[std::string{document["id"].as_string()}];
    slot = std::move(document);
    return reply(status, {}, boost::json::serialize(slot));
  }

  scripted create(const http::request& r) {
    auto document = *json::parse_object(r.body, "body");
    const auto id = *json::text_at(document, "id");
    if (r.headers.get("x-ms-documentdb-partitionkey") != R"([")" + id + R"("])")
      return reply(400);
    if (documents.contains(id))
      return reply(409);
    return store(201, std::move(document));
  }

  scripted point(const http::request& r, const std::string& id) {
    const auto found = documents.find(id);
    if (found == documents.end())
      return reply(404);
    if (r.method == "GET")
      return reply(200, {}, boost::json::serialize(found->second));
    if (r.headers.has("if-match")
        && r.headers.get("if-match") != *json::text_at(found->second, "_etag"))
      return reply(412);
    if (r.method == "PUT")
      return store(200, *json::parse_object(r.body, "body"));
    documents.erase(found);
    return reply(204);
  }

  scripted query(const http::request& r) const {
    const auto body = *json::parse_object(r.body, "query");
    const auto& parameter = body.at("parameters").as_array().at(0).as_object();
    const auto prefix = *json::text_at(parameter, "value");
    const auto from = std::string{r.headers.get("x-ms-continuation")};
    boost::json::array page;
    std::string more;
    for (const auto& [id, document] : documents) {
      if (!id.starts_with(prefix) || (!from.empty() && id < from))
        continue;
      if (page.size() == 2) {
        more = id;
        break;
      }
      page.push_back(document);
    }
    const auto text = R"({"Documents":)" + boost::json::serialize(page) + "}";
    return more.empty() ? reply(200, {}, text) : reply(200, {{"x-ms-continuation", more}}, text);
  }

  std::string definition_;
  int writes_ = 0;
};

} // namespace feedcast::test
