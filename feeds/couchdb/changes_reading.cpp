// What is done next.
#include "feeds/couchdb/changes_reading.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <utility>

namespace feedcast::couchdb {

using namespace std::chrono_literals;

namespace {

/// A page is as good as full with so much in it: windows are counted in pages of about this size.
constexpr std::size_t page_bytes = std::size_t{1} << 20U;
/// Answers without end that end without a row, in one fetch, before that is called a failure.
constexpr int patience = 2;

changes_feed_options completed(changes_feed_options o) {
  if (o.silence <= 0ms)
    o.silence = 3 * o.heartbeat;
  return o;
}

} // namespace

changes_reading::changes_reading(std::shared_ptr<server> from, changes_feed_options options,
                                 const clock_source& clock)
    : server_(std::move(from))
    , options_(completed(std::move(options)))
    , clock_(clock)
    , page_({options_.documents, options_.secret, options_.stamp}, options_.secret) {}

void changes_reading::close() {
  gate.close();
  http::body_stream_ptr stream;
  const std::lock_guard lock{mutex_};
  ++life_;
  now_.reset();
  if (open_)
    stream = std::move(open_->stream);
  open_.reset();
}

void changes_reading::fetch(fetch_request request, callback<feed_page_ptr> done) {
  std::optional<question> old;
  http::body_stream_ptr dropped;
  {
    const std::lock_guard lock{mutex_};
    old = std::exchange(now_, std::nullopt);
    aim(request);
    const auto now = clock_.steady();
    if (open_ && !old) // nobody has listened meanwhile, so nothing was silent
      open_->last_byte += now - rested_;
    now_ = question{std::move(request), std::move(done), now};
    dropped = std::exchange(dropped_, nullptr);
  }
  dropped.reset();
  if (old) // its asker has given it up: a range is asked one thing at a time
    gate.pass([&] { old->done(make_error(errc::canceled, "another page was asked for")); });
  step();
}

/// Goes on in the open answer if that is what is asked for, else begins anew at the position.
void changes_reading::aim(const fetch_request& r) {
  const auto* token = std::get_if<continuation>(&r.from);
  const bool goes_on = token != nullptr && !expected_.empty() && token->token == expected_;
  if (goes_on && (!open_ || open_->interval <= std::max(r.max_items, 1U)))
    return;
  drop_answer();
  if (goes_on)
    return;
  follow_next_ = false;
  bare_ = 0;
  behind_.reset();
  at_ = {std::string{first_seq}, {}};
  known_ = false;
  expected_ = token == nullptr ? std::string{} : token->token;
  if (token == nullptr)
    return;
  if (auto p = read_position_of(*token)) {
    at_ = std::move(*p);
    known_ = true;
  } else {
    begin_anew({}, "the stored position is none of a changes feed");
  }
}

void changes_reading::drop_answer() {
  ++life_;
  busy_ = false;
  page_.clear();
  if (open_)
    dropped_ = std::move(open_->stream);
  open_.reset();
}

/// All rows will come again.
void changes_reading::begin_anew(const database_identity& of, std::string_view why) {
  drop_answer();
  at_ = {std::string{first_seq}, of};
  known_ = !(of == database_identity{});
  follow_next_ = false;
  behind_.reset();
  replaced_ = true;
  if (now_)
    now_->began_anew = true;
  log::error("feed is read from its beginning",
             {{"database", options_.database}, {"server", server_->address()}, {"reason", why}});
}

void changes_reading::step() {
  for (;;) {
    deed todo;
    http::body_stream_ptr dropped;
    {
      const std::lock_guard lock{mutex_};
      if (now_ && !busy_)
        todo = next_deed();
      dropped = std::exchange(dropped_, nullptr);
    }
    dropped.reset();
    if (!todo)
      return;
    todo();
  }
}

changes_reading::deed changes_reading::next_deed() {
  if (const auto* start = std::get_if<start_point>(&now_->request.from)) {
    if (start->from == start_point::kind::now)
      return resolve_now();
    if (start->from == start_point::kind::time)
      return fail(make_error(errc::rejected, "a changes feed knows no times: start it now or from "
                                             "the beginning"));
  }
  if (!open_)
    return open_next();
  if (!open_->verified)
    return verify();
  const auto now = clock_.steady();
  open_->take_rows(page_, now, [this](const auto& p) { return full(p); });
  if (full(page_))
    return hand_out();
  if (open_->ended)
    return at_end();
  if (!open_->broken && page_.bytes() > options_.max_bytes)
    return fail(make_error(errc::too_large, "the page is larger than "
                                                + std::to_string(options_.max_bytes) + " bytes"));
  // It can't end before a row that names its sequence; of fewer rows it comes sooner.
  if (!open_->broken && !open_->follow && !page_.empty() && now - page_.begun() > options_.deadline)
    return fail(make_error(errc::too_large, "the page did not come within "
                                                + std::to_string(options_.deadline.count())
                                                + " ms"));
  if (!open_->broken && silence_left(now) <= 0ms)
    open_->broken = make_error(errc::timeout, "the feed fell silent, without even a heartbeat");
  return open_->broken ? at_break() : wait_for_rows(now);
}

changes_reading::deed changes_reading::wait_for_rows(steady_time now) {
  const auto silence = silence_left(now);
  if (!open_->follow)
    return read_on(silence);
  if (page_.may_end()) {
    const auto gather = std::chrono::ceil<milliseconds>(page_.begun() + options_.gather - now);
    return gather <= 0ms ? hand_out() : read_on(std::min(silence, gather));
  }
  const auto hold = std::chrono::ceil<milliseconds>(now_->asked + options_.hold - now);
  if (hold > 0ms)
    return read_on(std::min(silence, hold));
  if (!page_.empty()) { // an answer that ends tells where its rows lie
    open_->broken = make_error(errc::unavailable, "the feed does not say where its last row lies");
    return at_break();
  }
  // A feed that misses its heartbeat may have stalled: that nothing is new would be a guess.
  const bool alive = now - open_->last_byte <= options_.heartbeat * 3 / 2;
  return alive ? hand_out() : read_on(silence);
}

bool changes_reading::full(const page_builder& p) const {
  return p.may_end()
         && (p.count() >= std::max(now_->request.max_items, 1U)
             || p.bytes() >= std::min(page_bytes, options_.max_bytes));
}

milliseconds changes_reading::silence_left(steady_time now) const {
  const auto patience_for = open_->follow ? options_.silence : options_.deadline;
  return std::chrono::ceil<milliseconds>(open_->last_byte + patience_for - now);
}

/// The answer came to its end, as it says itself.
changes_reading::deed changes_reading::at_end() {
  const auto end = *open_->ended;
  if (end.seq.empty() && !page_.empty() && !page_.may_end())
    return fail(make_error(errc::malformed, "the answer does not say where it ends"));
  const bool follow = open_->follow;
  if (const auto& seq = end.seq.empty() ? page_.seq() : end.seq; !seq.empty())
    at_.seq = seq;
  behind_ = follow ? std::nullopt : end.pending;
  follow_next_ = !follow && !end.more && bare_ == 0;
  bare_ = 0;
  if (!page_.empty())
    return hand_out();
  drop_answer();
  if (follow && ++now_->vain_ends >= patience)
    return fail(make_error(errc::unavailable, "the server ends the feed as soon as it is opened"));
  return open_next();
}

/// What was whole before it broke is handed out; the next fetch opens another answer.
changes_reading::deed changes_reading::at_break() {
  const auto why = *open_->broken;
  const bool bare = why.code == errc::too_large && options_.documents && bare_ == 0;
  follow_next_ = false;
  behind_.reset();
  // What was not placed comes again in any case; before a large document it would, for each row.
  if (bare ? page_.may_end() : !page_.seq().empty())
    return hand_out();
  if (!bare)
    return fail(why);
  bare_ = page_.count() + 1;
  log::warn("a document is too large to be read, its change is told without it",
            {{"database", options_.database}, {"limit", options_.max_bytes}});
  drop_answer();
  return open_next();
}

changes_reading::deed changes_reading::fail(error e) {
  drop_answer();
  follow_next_ = false;
  auto done = std::move(now_->done);
  now_.reset();
  return [me = shared_from_this(), done = std::move(done), e = std::move(e)] {
    me->gate.pass([&] { done(e); });
  };
}

changes_reading::deed changes_reading::hand_out() {
  const auto rows = page_.count();
  const auto begun = page_.begun();
  const bool more = rows > 0 && full(page_);
  const bool ended = open_ && open_->ended;
  if (!ended && rows > 0) {
    at_.seq = page_.seq();
    if (behind_)
      *behind_ -= std::min<std::uint64_t>(*behind_, rows);
  }
  auto page = page_.finish();
  page->next = to_continuation(at_);
  if (rows > 0)
    page->elapsed = std::chrono::duration_cast<milliseconds>(clock_.steady() - begun);
  const bool follow = open_ && open_->follow;
  page->waited = follow && rows == 0;
  if (!follow)
    page->behind = behind_;
  else if (!more) // all that has come
    page->behind = 0;
  if (std::exchange(replaced_, false))
    page->rewound = rewind_reason::feed_replaced;
  page->lost = std::exchange(lost_, std::nullopt);
  if (ended || (open_ && open_->broken))
    drop_answer();
  expected_ = page->next.token;
  rested_ = clock_.steady();
  auto done = std::move(now_->done);
  now_.reset();
  return [me = shared_from_this(), done = std::move(done), page = std::move(page)]() mutable {
    me->gate.pass([&] { done(feed_page_ptr{std::move(page)}); });
  };
}

} // namespace feedcast::couchdb
