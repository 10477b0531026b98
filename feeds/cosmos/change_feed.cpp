#include "feeds/cosmos/change_feed.hpp"

#include "core/log.hpp"
#include "feeds/answer_gate.hpp"
#include "feeds/cosmos/feed_description.hpp"
#include "feeds/cosmos/feed_request.hpp"
#include "feeds/cosmos/number.hpp"
#include "feeds/cosmos/position.hpp"
#include "feeds/cosmos/ranges.hpp"
#include "feeds/cosmos/session_token.hpp"
#include "feeds/cosmos/throughput.hpp"
#include "leases/json.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_map>

namespace feedcast::cosmos {

using namespace std::chrono_literals;

namespace {

/// A collection has at most a few thousand ranges; a server that never ends its pages must not keep
/// us for ever.
constexpr std::size_t most_ranges = 100'000;

/// A proxy's or firewall's HTML page with status 200 must not pass for a page of changes.
bool looks_like_json(const http::response& r) {
  const auto type = r.headers.get("content-type");
  if (!type.empty() && type.find("json") == std::string_view::npos)
    return false;
  const auto body = r.body.view();
  const auto first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '{';
}

void warn_if_backwards(const std::string& range_id, const read_position& asked,
                       std::string_view etag) {
  const auto* from = std::get_if<continuation>(&asked);
  const auto before = from != nullptr ? continuation_lsn(from->token) : std::nullopt;
  const auto after = continuation_lsn(etag);
  if (!before || !after || *after >= *before)
    return;
  // Continuations are opaque, so this one is passed on all the same: it repeats changes, it loses
  // none.
  static log::limiter once{10s};
  if (const auto pass = once.admit())
    log::warn("a range's continuation went backwards; changes will be repeated",
              {{"range", range_id}, {"asked", *before}, {"got", *after}, {"suppressed", *pass}});
}

} // namespace

struct change_feed::impl : std::enable_shared_from_this<impl> {
  impl(std::shared_ptr<account> from, collection_ref c, change_feed_options o)
      : account_{std::move(from)}, collection{std::move(c)}, options{o} {}

  /// State of one call of ranges(), passed from answer to answer.
  struct listing {
    std::vector<feed_range> found;
    callback<std::vector<feed_range>> done;
  };

  void start_listing(const std::shared_ptr<listing>& l);
  result<bool> check_identity(const http::response& r);
  void next_ranges(const std::shared_ptr<listing>& l, const std::string& page);
  void on_ranges(const std::shared_ptr<listing>& l, const http::response& r);
  void remember(const std::vector<feed_range>& ranges);

  /// One fetch on its way, and the range that it asks.
  struct asking {
    fetch_request request;
    settings::feed_mode mode;
    callback<feed_page_ptr> done;
    std::string range_id{};         ///< where the keys are
    std::optional<key_span> part{}; ///< of that range; nullopt: all of it
    region_endpoint region{};
    bool away = false;
    read_plan plan{};
    bool looked = false; ///< for the keys, in a new list of ranges
  };

  using asking_ptr = std::shared_ptr<asking>;

  void fetch(fetch_request request, settings::feed_mode mode, callback<feed_page_ptr> done);
  void find_keys(const asking_ptr& a);
  void look_for_keys(const asking_ptr& a);
  void send_fetch(const asking_ptr& a);
  void send_fetch_in(const asking_ptr& a, const account::reading& now);
  void keep_sessions_of(const std::string& writer);
  result<feed_page_ptr> read_page(const asking& a, http::response r);

  std::string where() const { return "change feed of " + collection.link(); }

  /// Runs `use` with every successful answer, and `fail` with every error, unless the source is
  /// closed.
  template <class Use, class Fail>
  auto through_gate(Use use, Fail fail) {
    return [weak = weak_from_this(), use = std::move(use), fail = std::move(fail)](auto r) mutable {
      auto self = weak.lock();
      if (!self)
        return;
      self->gate.pass([&] {
        if (r)
          use(*self, std::move(*r));
        else
          fail(r.error());
      });
    };
  }

  template <class Use, class Fail>
  void send(call c, Use use, Fail fail) {
    account_->send(std::move(c), access::read, options.deadline,
                   through_gate(std::move(use), std::move(fail)));
  }

  const std::shared_ptr<account> account_;
  const collection_ref collection;
  const change_feed_options options;
  answer_gate gate;

  std::mutex mutex; ///< guards what follows
  std::string rid;  ///< of the collection; empty until first read
  std::unordered_map<std::string, std::string>
      sessions;                  ///< range -> session token of its last answer
  std::string writer;            ///< the write region that they are of
  std::vector<feed_range> known; ///< the ranges as last read; empty until then
};

void change_feed::impl::start_listing(const std::shared_ptr<listing>& l) {
  send(
      collection.read(),
      [l](impl& self, http::response r) {
        if (auto same = self.check_identity(r); !same)
          return l->done(same.error());
        self.next_ranges(l, "");
      },
      [l](error e) { l->done(std::move(e)); });
}

result<bool> change_feed::impl::check_identity(const http::response& r) {
  const auto body = json::parse_object(r.body.view(), "the description of " + collection.link());
  if (!body)
    return body.error();
  const auto found = json::text_at(*body, "_rid");
  if (!found || found->empty() || !header_safe(*found))
    return make_error(errc::malformed,
                      "the description of " + collection.link() + " has no usable _rid");
  const std::lock_guard lock{mutex};
  if (rid.empty())
    rid = *found;
  if (rid != *found)
    return make_error(
        errc::rejected,
        collection.link()
            + " was deleted and created again (its _rid changed), so stored positions mean "
              "nothing in it: restart with a new lease prefix and choose where to start");
  return true;
}

void change_feed::impl::next_ranges(const std::shared_ptr<listing>& l, const std::string& page) {
  auto c = collection.ranges();
  if (!page.empty())
    c.headers.set("x-ms-continuation", page);
  send(
      std::move(c), [l](impl& self, http::response r) { self.on_ranges(l, r); },
      [l](error e) { l->done(std::move(e)); });
}

void change_feed::impl::on_ranges(const std::shared_ptr<listing>& l, const http::response& r) {
  if (auto read = append_ranges(r.body.view(), l->found); !read)
    return l->done(read.error());
  if (l->found.size() > most_ranges)
    return l->done(
        make_error(errc::malformed, "the list of ranges of " + collection.link() + " has no end"));
  if (const auto more = r.headers.get("x-ms-continuation"); !more.empty())
    return next_ranges(l, std::string{more});
  auto ranges = current_ranges(std::move(l->found));
  if (ranges)
    remember(*ranges);
  l->done(std::move(ranges));
}

void change_feed::impl::remember(const std::vector<feed_range>& ranges) {
  const std::lock_guard lock{mutex};
  known = ranges;
  std::erase_if(sessions, [&](const auto& entry) {
    return std::none_of(ranges.begin(), ranges.end(),
                        [&](const auto& r) { return r.id == entry.first; });
  });
}

void change_feed::impl::fetch(fetch_request request, settings::feed_mode mode,
                              callback<feed_page_ptr> done) {
  auto a = std::make_shared<asking>(asking{std::move(request), mode, std::move(done)});
  a->range_id = a->request.range_id;
  if (a->request.keys)
    find_keys(a);
  else
    send_fetch(a);
}

void change_feed::impl::find_keys(const asking_ptr& a) {
  const auto& keys = *a->request.keys;
  std::vector<feed_range> holders;
  bool listed = false;
  {
    const std::lock_guard lock{mutex};
    listed = !known.empty();
    for (const auto& r : known)
      if (intersection(key_span{r.min_key, r.max_key}, keys))
        holders.push_back(r);
  }
  if (!listed && !a->looked)
    return look_for_keys(a);
  if (holders.size() != 1)
    return a->done(make_error(errc::gone, where() + ": the keys " + to_string(keys) + " lie in "
                                              + std::to_string(holders.size()) + " ranges"));
  const key_span whole{holders.front().min_key, holders.front().max_key};
  a->range_id = holders.front().id;
  a->part = covers(keys, whole) ? std::nullopt : std::optional{keys};
  send_fetch(a);
}

void change_feed::impl::look_for_keys(const asking_ptr& a) {
  a->looked = true;
  auto l = std::make_shared<listing>();
  l->done = [this, a](const result<std::vector<feed_range>>& r) {
    if (!r)
      return a->done(r.error());
    find_keys(a);
  };
  start_listing(l);
}

void change_feed::impl::send_fetch(const asking_ptr& a) {
  account_->place_to_read(
      through_gate([a](impl& self, const account::reading& r) { self.send_fetch_in(a, r); },
                   [a](error e) { a->done(std::move(e)); }));
}

/// Session tokens of before compare with nothing after the write region has changed.
void change_feed::impl::keep_sessions_of(const std::string& now) {
  const std::lock_guard lock{mutex};
  if (!writer.empty() && !same_region(writer, now))
    sessions.clear();
  writer = now;
}

void change_feed::impl::send_fetch_in(const asking_ptr& a, const account::reading& now) {
  const auto& request = a->request;
  const auto& regions = now.regions;
  auto c = collection.documents("GET");
  const auto refused = [&](errc code, const std::string& why) {
    a->done(make_error(code, where() + ", range " + request.range_id + ": " + why));
  };
  read_place place{.home = !regions.away, .writer = {}, .seen = now.seen};
  if (regions.several_regions && !regions.several_writers)
    place.writer = regions.write.region;
  auto plan = plan_read(request.from, place, options.failover_rewind);
  if (!plan)
    return refused(errc::rejected, plan.error().detail + ": repair the lease document");
  a->plan = std::move(*plan);
  a->region = regions.read;
  a->away = regions.away;
  keep_sessions_of(place.writer);
  if (auto set = set_position(c.headers, a->plan.ask); !set)
    return refused(set.error().code, set.error().detail);
  set_mode(c.headers, a->mode);
  c.headers.set("x-ms-documentdb-partitionkeyrangeid", a->range_id);
  if (a->part) {
    if (!header_safe(to_string(*a->part)))
      return refused(errc::rejected, "its keys can't be sent: repair the lease document");
    c.headers.set("x-ms-start-epk", a->part->min);
    c.headers.set("x-ms-end-epk", a->part->max);
    c.headers.set("x-ms-read-key-type", "EffectivePartitionKeyRange");
  }
  c.headers.set("x-ms-max-item-count", std::to_string(request.max_items));
  c.secret_answer = options.secret;
  {
    const std::lock_guard lock{mutex};
    if (const auto session = sessions.find(a->range_id); session != sessions.end())
      c.headers.set("x-ms-session-token", session->second);
    if (!rid.empty())
      c.headers.set("x-ms-cosmos-intended-collection-rid", rid);
  }
  // `this` is kept by whoever passes the gate.
  account_->send_to(
      a->region, std::move(c), options.deadline,
      through_gate([a](impl& self, http::response r) { a->done(self.read_page(*a, std::move(r))); },
                   [this, a](error e) {
                     // The range is no more, but its keys may lie within another one.
                     if (e.code == errc::gone && a->request.keys && !a->looked)
                       return look_for_keys(a);
                     e.detail += " (range " + a->request.range_id + ')';
                     a->done(std::move(e));
                   }));
}

result<feed_page_ptr> change_feed::impl::read_page(const asking& a, http::response r) {
  const auto& asked = a.request;
  const auto malformed = [&](std::string_view what) {
    return make_error(errc::malformed,
                      where() + ", range " + asked.range_id + ": " + std::string{what});
  };
  const auto etag = r.headers.get("etag");
  if (!continuation_lsn(etag))
    return malformed(etag.empty() ? "the answer has no etag, so its position is unknown"
                                  : "the answer's etag is not a number");
  if (r.status != 200 && r.status != 304)
    return malformed("unexpected status " + std::to_string(r.status));
  const bool unchanged = r.status == 304;
  if (!unchanged && !looks_like_json(r))
    return malformed("the answer is not JSON; is a proxy or a login page in between?");
  warn_if_backwards(asked.range_id, a.plan.ask, etag);

  auto page = std::make_shared<feed_page>();
  page->next.token = next_token(a.plan, etag);
  page->region = a.region.region;
  page->away = a.away;
  page->rewound = a.plan.rewound;
  page->unchanged = unchanged;
  page->envelopes = a.mode == settings::feed_mode::all_versions;
  page->item_count = read_number<std::uint64_t>(r.headers.get("x-ms-item-count"));
  page->request_charge = read_number<double>(r.headers.get("x-ms-request-charge")).value_or(0);
  page->elapsed = r.elapsed;
  page->server_time = parse_http_date(r.headers.get("date"));
  if (const auto token = r.headers.get("x-ms-session-token");
      !token.empty() && header_safe(token)) {
    page->session_lsn = session_lsn(token, a.range_id);
    const std::lock_guard lock{mutex};
    sessions.insert_or_assign(a.range_id, std::string{token});
  }
  if (!unchanged)
    page->body = std::move(r.body);
  return feed_page_ptr{std::move(page)};
}

change_feed::change_feed(std::shared_ptr<account> from, collection_ref collection,
                         change_feed_options options)
    : impl_{std::make_shared<impl>(std::move(from), std::move(collection), options)} {}

change_feed::~change_feed() {
  impl_->gate.close();
}

void change_feed::ranges(callback<std::vector<feed_range>> done) {
  auto l = std::make_shared<impl::listing>();
  l->done = std::move(done);
  impl_->start_listing(l);
}

void change_feed::fetch(fetch_request request, callback<feed_page_ptr> done) {
  impl_->fetch(std::move(request), settings::feed_mode::latest, std::move(done));
}

void change_feed::fetch(fetch_request request, settings::feed_mode mode,
                        callback<feed_page_ptr> done) {
  impl_->fetch(std::move(request), mode, std::move(done));
}

void change_feed::describe(callback<feed_traits> done) {
  describe_feed(
      [weak = std::weak_ptr{impl_}](call c, callback<http::response> answered) {
        if (auto self = weak.lock())
          self->send(
              std::move(c), [answered](impl&, http::response r) { answered(std::move(r)); },
              [answered](error e) { answered(std::move(e)); });
      },
      impl_->collection, std::move(done));
}

void change_feed::throughput(callback<feed_throughput> done) {
  read_throughput(
      impl_->collection,
      [weak = std::weak_ptr{impl_}](call c, callback<http::response> answer) {
        if (const auto self = weak.lock())
          self->send(
              std::move(c), [answer](impl&, http::response r) { answer(std::move(r)); },
              [answer](error e) { answer(std::move(e)); });
      },
      std::move(done));
}

} // namespace feedcast::cosmos
