#include "feeds/cosmos/all_versions_feed.hpp"

#include "feeds/cosmos/position.hpp"
#include "feeds/cosmos/session_token.hpp"

#include <algorithm>
#include <utility>

namespace feedcast::cosmos {

using settings::feed_mode;

namespace {

const read_position from_now = start_point{start_point::kind::now, {}};

wall_time minute_of(wall_time t) {
  return wall_time{std::chrono::floor<std::chrono::minutes>(t.time_since_epoch())};
}

read_position starting_at(wall_time t) {
  if (t <= wall_time{})
    return start_point{start_point::kind::beginning, {}};
  return start_point{start_point::kind::time, t};
}

} // namespace

/// One fetch on its way.
struct all_versions_feed::asking {
  fetch_request request;
  callback<feed_page_ptr> done;
  bridge_position position{};         ///< as far as it is known by now
  std::optional<lost_deletes> lost{}; ///< to be told with the page
  double charge = 0;                  ///< of all requests

  void answer(const page_ptr& page) {
    page->next.token = to_token(position);
    page->request_charge = charge;
    page->lost = lost;
    done(feed_page_ptr{page});
  }
};

all_versions_feed::all_versions_feed(std::shared_ptr<account> from, collection_ref collection,
                                     all_versions_options options)
    : collection_{collection}
    , options_{options}
    , feed_{std::move(from), std::move(collection), options.feed} {}

void all_versions_feed::ranges(callback<std::vector<feed_range>> done) {
  feed_.ranges(std::move(done));
}

void all_versions_feed::ask(const asking_ptr& a, feed_mode mode, read_position from,
                            std::function<void(result<page_ptr>)> then) {
  auto request = a->request;
  if (const auto* start = std::get_if<start_point>(&from);
      start != nullptr && start->from == start_point::kind::now)
    request.max_items = 1;
  request.from = std::move(from);
  feed_.fetch(std::move(request), mode, [a, then = std::move(then)](result<feed_page_ptr> r) {
    if (!r)
      return then(std::move(r.error()));
    a->charge += (*r)->request_charge;
    // Made for this call: nobody else has it yet.
    then(std::const_pointer_cast<feed_page>(*r));
  });
}

void all_versions_feed::fetch(fetch_request request, callback<feed_page_ptr> done) {
  auto a = std::make_shared<asking>(asking{std::move(request), std::move(done)});
  if (const auto* start = std::get_if<start_point>(&a->request.from))
    return begin(a, *start);
  auto position = parse_bridge_position(std::get<continuation>(a->request.from).token);
  if (!position) {
    auto e = position.error();
    e.detail = collection_.link() + ", range " + a->request.range_id + ": " + e.detail;
    return a->done(std::move(e));
  }
  a->position = std::move(*position);
  if (a->position.at.empty())
    return take_now(a, [this, a](const page_ptr&) { read_latest(a); });
  if (a->position.bridge)
    read_latest(a);
  else
    read_all(a);
}

void all_versions_feed::begin(const asking_ptr& a, const start_point& from) {
  take_now(a, [this, a, from](const page_ptr& page) {
    const auto now = time_of(*page);
    if (from.from == start_point::kind::now) {
      a->position.bridge = starting_at(now - options_.overlap);
      return a->answer(page);
    }
    a->position.bridge = from;
    // What was removed since that time was told to nobody.
    if (from.from == start_point::kind::time)
      a->lost = lost_deletes{from.at, now};
    read_latest(a);
  });
}

/// N, and the time of it.
void all_versions_feed::take_now(const asking_ptr& a, std::function<void(page_ptr)> then) {
  ask(a, feed_mode::all_versions, from_now,
      [this, a, then = std::move(then)](const result<page_ptr>& r) {
        if (!r)
          return a->done(refused(r.error()));
        if (!(*r)->unchanged)
          return a->done(make_error(errc::malformed, "change feed of " + collection_.link()
                                                         + ": \"now\" has changes"));
        a->position.at = (*r)->next.token;
        a->position.since = minute_of(time_of(**r));
        then(*r);
      });
}

void all_versions_feed::read_latest(const asking_ptr& a) {
  ask(a, feed_mode::latest, *a->position.bridge, [this, a](const result<page_ptr>& r) {
    if (!r)
      return a->done(r.error());
    const auto& page = *r;
    if (!page->unchanged) {
      a->position.bridge = page->next;
      return a->answer(page);
    }
    // A replica that has not seen N yet does not know what lies before it.
    const auto n = parse_position(a->position.at);
    const auto wanted = n ? continuation_lsn(n->at) : std::nullopt;
    if (wanted && page->session_lsn && *page->session_lsn < *wanted)
      return a->done(make_error(errc::session_behind,
                                "change feed of " + collection_.link() + ", range "
                                    + a->request.range_id
                                    + ": the replica has not caught up with the position of all "
                                      "versions"));
    a->position.bridge.reset();
    read_all(a);
  });
}

void all_versions_feed::read_all(const asking_ptr& a) {
  ask(a, feed_mode::all_versions, continuation{a->position.at},
      [this, a](const result<page_ptr>& r) {
        if (!r && r.error().code == errc::rejected)
          return give_up_position(a, r.error());
        if (!r)
          return a->done(r.error());
        const auto& page = *r;
        a->position.at = page->next.token;
        if (page->unchanged)
          a->position.since = minute_of(time_of(*page));
        a->answer(page);
      });
}

void all_versions_feed::give_up_position(const asking_ptr& a, const error& why) {
  const auto since = a->position.since.value_or(wall_time{});
  ask(a, feed_mode::all_versions, from_now, [this, a, why, since](const result<page_ptr>& r) {
    // Whatever the reason is, it is not the position's age.
    if (!r || !(*r)->unchanged)
      return a->done(why);
    const auto& page = *r;
    const auto now = time_of(*page);
    a->position = {page->next.token, starting_at(since - options_.overlap), minute_of(now)};
    if (!a->lost)
      a->lost = lost_deletes{since, now};
    // Something happened, so it is no "unchanged" answer; but there is no change in it.
    page->unchanged = false;
    page->body.append(R"({"Documents":[],"_count":0})");
    page->item_count = 0;
    a->answer(page);
  });
}

void all_versions_feed::throughput(callback<feed_throughput> done) {
  feed_.throughput(std::move(done));
}

void all_versions_feed::describe(callback<feed_traits> done) {
  feed_.describe([this, done = std::move(done)](const result<feed_traits>& r) {
    if (!r)
      return done(r.error());
    auto traits = *r;
    traits.all_versions = true;
    feed_.ranges([this, done, traits](const result<std::vector<feed_range>>& ranges) {
      if (!ranges)
        return done(ranges.error());
      if (ranges->empty())
        return done(traits);
      ask_for_all(ranges->front().id, done, traits);
    });
  });
}

void all_versions_feed::ask_for_all(const std::string& range_id, callback<feed_traits> done,
                                    feed_traits traits) {
  feed_.fetch({range_id, from_now, 1}, feed_mode::all_versions,
              [this, done = std::move(done),
               traits = std::move(traits)](const result<feed_page_ptr>& r) mutable {
                if (!r && r.error().code != errc::rejected && r.error().code != errc::forbidden)
                  return done(r.error());
                if (!r)
                  traits.refused = refused(r.error()).detail;
                done(std::move(traits));
              });
}

wall_time all_versions_feed::time_of(const feed_page& page) const {
  return page.server_time.value_or(options_.clock->wall());
}

/// "Now" is refused for one reason as a rule.
error all_versions_feed::refused(error e) const {
  if (e.code == errc::rejected)
    e.detail += ": does the database keep former versions of " + collection_.link()
                + "? turn on continuous backup for the account and its feature \"all versions and "
                  "deletes\", or give the collection a changeFeedPolicy with a retentionDuration; "
                  "or set mode: latest for this feed";
  return e;
}

} // namespace feedcast::cosmos
