#include "feeds/couchdb/look_ahead.hpp"

#include "feeds/couchdb/database.hpp"
#include "feeds/couchdb/position.hpp"
#include "leases/json.hpp"

namespace feedcast::couchdb {

void look_ahead(const std::shared_ptr<server>& from, const changes_feed_options& options,
                const change_source::fetch_request& request, callback<feed_page_ptr> done) {
  const auto* token = std::get_if<continuation>(&request.from);
  const auto at = token != nullptr ? read_position_of(*token) : std::nullopt;
  http::request r;
  r.target = path_of(options.database) + "/_changes?limit=0&since="
             + seq_in_query(at ? std::string_view{at->seq} : first_seq);
  from->send(std::move(r), options.deadline,
             [next = token != nullptr ? *token : continuation{},
              done = std::move(done)](const result<http::response>& answer) {
               if (!answer)
                 return done(answer.error());
               const auto o = json::parse_object(answer->body.view(), "the end of the feed");
               if (!o)
                 return done(o.error());
               auto page = std::make_shared<feed_page>();
               page->next = next;
               page->behind = json::number_at(*o, "pending");
               page->elapsed = answer->elapsed;
               done(feed_page_ptr{std::move(page)});
             });
}

} // namespace feedcast::couchdb
