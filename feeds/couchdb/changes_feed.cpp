#include "feeds/couchdb/changes_feed.hpp"

#include "feeds/couchdb/changes_reading.hpp"
#include "feeds/couchdb/database.hpp"
#include "feeds/couchdb/look_ahead.hpp"

#include <utility>

namespace feedcast::couchdb {

struct changes_feed::impl : changes_reading {
  using changes_reading::changes_reading;
};

changes_feed::changes_feed(std::shared_ptr<server> from, changes_feed_options options,
                           const clock_source& clock)
    : impl_(std::make_shared<impl>(std::move(from), std::move(options), clock)) {}

changes_feed::~changes_feed() {
  impl_->close();
}

void changes_feed::ranges(callback<std::vector<feed_range>> done) {
  read_state(impl_->from(), impl_->options().database, impl_->options().deadline,
             [weak = std::weak_ptr{impl_}, done = std::move(done)](const auto& state) {
               const auto self = weak.lock();
               if (!self)
                 return;
               self->gate.pass([&] {
                 if (!state)
                   return done(state.error());
                 done(std::vector<feed_range>{{"0", {}, "", "FF"}});
               });
             });
}

void changes_feed::fetch(fetch_request request, callback<feed_page_ptr> done) {
  if (!request.peek)
    return impl_->fetch(std::move(request), std::move(done));
  look_ahead(impl_->from(), impl_->options(), request,
             [weak = std::weak_ptr{impl_}, done = std::move(done)](result<feed_page_ptr> page) {
               if (const auto self = weak.lock())
                 self->gate.pass([&] { done(std::move(page)); });
             });
}

void changes_feed::describe(callback<feed_traits> done) {
  // Deletes are rows like all others, and stay in the feed.
  feed_traits traits;
  traits.known = true;
  traits.deletes_stay = true;
  done(traits);
}

} // namespace feedcast::couchdb
