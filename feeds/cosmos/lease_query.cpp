#include "feeds/cosmos/lease_query.hpp"

#include "leases/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <memory>

namespace feedcast::cosmos {

namespace {

/// A processor has one lease per range; a server that never ends its pages must not keep us for
/// ever.
constexpr std::size_t most_documents = 100'000;

struct listing {
  call_sender send;
  collection_ref container;
  std::string body;
  document_list found;
  callback<document_list> done;
};

void next_page(const std::shared_ptr<listing>& l, const std::string& page) {
  auto c = l->container.documents("POST");
  c.headers.set("content-type", "application/query+json");
  c.headers.set("x-ms-documentdb-isquery", "True");
  c.headers.set("x-ms-documentdb-query-enablecrosspartition", "True");
  if (!page.empty())
    c.headers.set("x-ms-continuation", page);
  c.body = l->body;
  l->send(std::move(c), [l](const result<http::response>& r) {
    if (!r)
      return l->done(r.error());
    if (!l->found.answered)
      l->found.answered = parse_http_date(r->headers.get("date"));
    if (auto ok = append_documents(r->body.view(), l->found.documents); !ok)
      return l->done(ok.error());
    if (l->found.documents.size() > most_documents)
      return l->done(make_error(errc::malformed,
                                "the list of leases in " + l->container.link() + " has no end"));
    if (const auto more = r->headers.get("x-ms-continuation"); !more.empty())
      return next_page(l, std::string{more});
    l->done(std::move(l->found));
  });
}

result<std::string> rid_of(const result<http::response>& r, const std::string& what) {
  if (!r) {
    auto failure = r.error();
    if (failure.code == errc::not_found)
      failure.detail =
          what + " of the feed does not exist: correct its name (" + failure.detail + ')';
    return failure;
  }
  const auto o = json::parse_object(r->body.view(), "the description of " + what);
  if (!o)
    return o.error();
  auto rid = json::text_at(*o, "_rid");
  if (!rid || !check_name(*rid, "the _rid"))
    return make_error(errc::malformed, "the description of " + what + " has no usable _rid");
  return std::move(*rid);
}

} // namespace

result<bool> append_documents(std::string_view page, std::vector<boost::json::object>& out) {
  auto answer = json::parse_object(page, "the list of leases");
  if (!answer)
    return answer.error();
  auto* documents = answer->if_contains("Documents");
  if (documents == nullptr || !documents->is_array())
    return make_error(errc::malformed, "the list of leases has no member Documents");
  for (auto& document : documents->get_array()) {
    if (!document.is_object())
      return make_error(errc::malformed, "the list of leases holds something that is no document");
    out.push_back(std::move(document.get_object()));
  }
  return true;
}

std::string starts_with_query(std::string_view beginning) {
  const boost::json::object query{
      {"query", "SELECT * FROM c WHERE STARTSWITH(c.id, @PartitionLeasePrefix)"},
      {"parameters",
       boost::json::array{boost::json::object{{"name", "@PartitionLeasePrefix"},
                                              {"value", boost::json::string_view{beginning}}}}},
  };
  return boost::json::serialize(query);
}

void query_documents(const call_sender& send, const collection_ref& container,
                     std::string_view beginning, callback<document_list> done) {
  next_page(std::make_shared<listing>(
                listing{send, container, starts_with_query(beginning), {}, std::move(done)}),
            "");
}

void read_feed_names(const call_sender& send, const collection_ref& feed,
                     callback<feed_names> done) {
  send(feed.read_database(), [send, feed, done = std::move(done)](const result<http::response>& r) {
    auto database = rid_of(r, "the database " + feed.database());
    if (!database)
      return done(database.error());
    send(feed.read(),
         [feed, done, database = std::move(*database)](const result<http::response>& answer) {
           auto collection = rid_of(answer, "the collection " + feed.link());
           if (!collection)
             return done(collection.error());
           done(feed_names{feed.database(), feed.collection(), database, std::move(*collection)});
         });
  });
}

} // namespace feedcast::cosmos
