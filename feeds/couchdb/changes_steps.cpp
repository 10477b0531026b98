// The steps, each of which asks the server something, and what their answers mean.
#include "feeds/couchdb/changes_reading.hpp"
#include "feeds/couchdb/errors.hpp"

#include <algorithm>
#include <utility>

namespace feedcast::couchdb {

namespace {

/// An answer that ends holds so many pages, so that its price is shared by many rows.
constexpr std::uint32_t pages_an_answer = 10;

} // namespace

changes_reading::deed changes_reading::open_next() {
  busy_ = true;
  const auto items = std::max(now_->request.max_items, 1U);
  changes_query q{options_.database, at_.seq, follow_next_, options_.documents, items, items,
                  options_.heartbeat};
  // The first answer is small: it tells how much lies behind it.
  if (behind_)
    q.limit = items * pages_an_answer;
  if (bare_ > 0) {
    q.follow = q.documents = false;
    q.limit = bare_;
    q.interval = 1;
  }
  http::request r;
  r.target = target_of(q);
  r.secret_answer = options_.secret;
  const auto within = q.follow ? options_.silence : options_.deadline;
  return [me = shared_from_this(), life = life_, q = std::move(q), r = std::move(r), within] {
    me->server_->open_stream(r, within,
                             [weak = std::weak_ptr{me}, life, q](result<http::body_stream_ptr> s) {
                               if (const auto self = weak.lock())
                                 self->on_open(life, q, std::move(s));
                             });
  };
}

void changes_reading::on_open(std::uint64_t life, const changes_query& asked,
                              result<http::body_stream_ptr> r) {
  deed failed;
  {
    const std::lock_guard lock{mutex_};
    if (life != life_)
      return; // the stream goes with its answer
    busy_ = false;
    if (r)
      open_.emplace(std::move(*r), asked, options_.max_bytes, options_.secret, clock_.steady());
    else if (is_malformed_position(r.error()) && now_ && !now_->began_anew)
      begin_anew({}, "the server can't read the stored position");
    else if (now_)
      failed = fail(r.error());
  }
  if (failed)
    failed();
  step();
}

changes_reading::deed changes_reading::verify() {
  busy_ = true;
  return [me = shared_from_this(), life = life_] {
    read_state(me->server_, me->options_.database, me->options_.deadline,
               [weak = std::weak_ptr{me}, life](const result<database_state>& s) {
                 if (const auto self = weak.lock())
                   self->on_state(life, s);
               });
  };
}

void changes_reading::on_state(std::uint64_t life, const result<database_state>& r) {
  deed failed;
  {
    const std::lock_guard lock{mutex_};
    if (life != life_)
      return;
    busy_ = false;
    if (!r) {
      drop_answer();
      if (now_)
        failed = fail(r.error());
    } else if (known_ && !same_database(at_.of, r->identity)) {
      begin_anew(r->identity, "the database was deleted and created again, or is another one");
      lost_ = lost_deletes{{}, clock_.wall()}; // those of the other one
    } else {
      at_.of = r->identity;
      known_ = true;
      if (open_) {
        open_->verified = true;
        open_->last_byte = clock_.steady(); // nobody has listened meanwhile
      }
    }
  }
  if (failed)
    failed();
  step();
}

changes_reading::deed changes_reading::resolve_now() {
  busy_ = true;
  return [me = shared_from_this(), life = life_] {
    read_state(me->server_, me->options_.database, me->options_.deadline,
               [weak = std::weak_ptr{me}, life](const result<database_state>& s) {
                 if (const auto self = weak.lock())
                   self->on_now(life, s);
               });
  };
}

void changes_reading::on_now(std::uint64_t life, const result<database_state>& r) {
  deed told;
  {
    const std::lock_guard lock{mutex_};
    if (life != life_ || !now_)
      return;
    busy_ = false;
    if (r) {
      at_ = {r->update_seq, r->identity};
      known_ = true;
      told = hand_out();
    } else {
      told = fail(r.error());
    }
  }
  told();
}

changes_reading::deed changes_reading::read_on(milliseconds wait) {
  busy_ = true;
  return [me = shared_from_this(), life = life_, stream = open_->stream, wait] {
    stream->read(wait, [weak = std::weak_ptr{me}, life](const result<std::string_view>& bytes) {
      if (const auto self = weak.lock())
        self->on_bytes(life, bytes);
    });
  };
}

void changes_reading::on_bytes(std::uint64_t life, const result<std::string_view>& r) {
  {
    const std::lock_guard lock{mutex_};
    if (life != life_ || !open_)
      return;
    busy_ = false;
    if (r && !r->empty())
      open_->append(*r, clock_.steady());
    else if (r)
      open_->broken = make_error(errc::unavailable, "the answer ended without saying where");
    else if (r.error().code != errc::timeout)
      // However it was cut, the next try may find it whole.
      open_->broken = make_error(errc::unavailable, r.error().detail);
  }
  step();
}

} // namespace feedcast::couchdb
