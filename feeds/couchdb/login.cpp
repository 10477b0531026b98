#include "feeds/couchdb/login.hpp"

#include "feeds/couchdb/errors.hpp"
#include "feeds/couchdb/session_cookie.hpp"
#include "feeds/tokens/token_request.hpp"
#include "http/crypto/digest.hpp"

#include <algorithm>
#include <utility>

namespace feedcast::couchdb {

using namespace std::chrono_literals;

namespace {

/// The server locks a user out after five wrong passwords; others use the same account, too.
constexpr std::uint32_t most_wrong = 2;
/// Before a renewal that failed is tried again, while the session lasts.
constexpr milliseconds renewal_pause = 10s;

bool is_locked_out(const error& e) {
  return e.code == errc::unauthorized && e.retry_after > 0ms;
}

void answer_all(const std::vector<callback<signature>>& waiting, const result<signature>& answer) {
  for (const auto& done : waiting)
    done(answer);
}

} // namespace

std::shared_ptr<login> login::make(login_options options, sender send, const clock_source& clock) {
  return std::shared_ptr<login>{new login{std::move(options), std::move(send), clock}};
}

login::login(login_options options, sender send, const clock_source& clock)
    : options_{std::move(options)}
    , send_{std::move(send)}
    , clock_{clock}
    , secret_{options_.password} {}

// -- signing -------------------------------------------------------------------------------------

void login::sign(callback<signature> done) {
  if (options_.kind == login_kind::none)
    return done(signature{});
  if (options_.kind == login_kind::cookie)
    return sign_with_session(std::move(done));
  std::optional<signature> good;
  std::uint64_t trial = 0;
  {
    const std::lock_guard lock{mutex_};
    if (proven_)
      good = signed_now(0);
    else if (trial_ != 0)
      return waiting_.push_back(std::move(done));
    else
      trial = claim();
  }
  if (good)
    return done(std::move(*good));
  try_secret(trial, std::move(done));
}

void login::sign_with_session(callback<signature> done) {
  std::optional<signature> good;
  std::uint64_t trial = 0;
  {
    const std::lock_guard lock{mutex_};
    const auto now = clock_.steady();
    const bool usable = session_ && now < session_->end;
    if (trial_ == 0 && (!usable || now >= session_->renew_at))
      trial = claim();
    if (usable)
      good = signed_now(0);
    else
      waiting_.push_back(std::exchange(done, nullptr));
  }
  if (trial != 0)
    open_session(trial);
  if (good)
    done(std::move(*good));
}

/// Signs with a secret that is not proven, unless it is known to be wrong.
void login::try_secret(std::uint64_t trial, callback<signature> done) {
  const auto now_right = offered();
  waiting_list waiting;
  result<signature> answer = signature{};
  {
    const std::lock_guard lock{mutex_};
    take(now_right);
    if (auto wait = blocked()) {
      answer = std::move(*wait);
      waiting = end_trial();
    } else {
      answer = signed_now(trial);
    }
  }
  done(answer);
  answer_all(waiting, answer);
}

// -- sessions ------------------------------------------------------------------------------------

void login::open_session(std::uint64_t trial) {
  const auto now_right = offered();
  waiting_list waiting;
  std::optional<error> wait;
  http::request r;
  {
    const std::lock_guard lock{mutex_};
    take(now_right);
    wait = blocked();
    if (wait) {
      waiting = end_trial();
      if (session_)
        session_->renew_at = clock_.steady() + renewal_pause;
    } else {
      r.body = tokens::encode_form({{"name", options_.user}, {"password", secret_.reveal()}});
    }
  }
  if (wait)
    return answer_all(waiting, std::move(*wait));
  r.method = "POST";
  r.target = "/_session";
  r.headers.set("content-type", "application/x-www-form-urlencoded");
  send_(std::move(r), [weak = weak_from_this(), trial](const result<http::response>& answer) {
    if (auto self = weak.lock())
      self->on_session(trial, answer);
  });
}

void login::on_session(std::uint64_t trial, const result<http::response>& r) {
  constexpr const char* what = "POST /_session";
  waiting_list waiting;
  result<signature> answer = signature{};
  {
    const std::lock_guard lock{mutex_};
    if (trial != trial_)
      return;
    waiting = end_trial();
    if (!r) {
      answer = r.error();
    } else if (r->status / 100 != 2) {
      auto e = error_of(what, r->status, r->headers, r->body.view());
      if (e.code == errc::unauthorized)
        count_refusal(is_locked_out(e));
      answer = explained(std::move(e));
    } else if (keep_session(r->headers, false)) {
      wrong_ = 0;
      answer = signed_now(0);
    } else {
      answer = make_error(errc::malformed, std::string{what} + " gave no session");
    }
    if (!answer && session_)
      session_->renew_at = clock_.steady() + renewal_pause;
  }
  answer_all(waiting, answer);
}

// -- what answers tell ---------------------------------------------------------------------------

void login::accepted(const signature& s, const http::header_list& head) {
  if (options_.kind == login_kind::none)
    return;
  waiting_list waiting;
  signature good;
  {
    const std::lock_guard lock{mutex_};
    if (s.number != number_)
      return; // of a session or token that is no longer in use
    if (options_.kind == login_kind::cookie) {
      session_->proven = true;
      keep_session(head, true);
      return;
    }
    proven_ = true;
    wrong_ = 0;
    if (s.trial == 0 || s.trial != trial_)
      return;
    waiting = end_trial();
    good = signed_now(0);
  }
  answer_all(waiting, good);
}

void login::failed(const signature& s, const error& why, bool lost) {
  waiting_list waiting;
  std::uint64_t next = 0;
  {
    const std::lock_guard lock{mutex_};
    if (s.trial == 0 || s.trial != trial_)
      return;
    waiting = end_trial();
    if (!lost && !waiting.empty()) {
      waiting_.assign(std::make_move_iterator(waiting.begin() + 1),
                      std::make_move_iterator(waiting.end()));
      waiting.resize(1);
      next = claim();
    }
  }
  if (next != 0)
    return try_secret(next, std::move(waiting.front()));
  answer_all(waiting, why);
}

void login::refused(const signature& s, const error& why, bool wanted, callback<signature> done) {
  if (options_.kind == login_kind::cookie)
    session_refused(s, why, wanted, std::move(done));
  else if (options_.kind == login_kind::none)
    done(why);
  else
    secret_refused(s, why, wanted, std::move(done));
}

void login::session_refused(const signature& s, error why, bool wanted, callback<signature> done) {
  {
    const std::lock_guard lock{mutex_};
    if (s.number == number_ && session_) {
      // One that was never good for anything would be followed by another of its kind.
      wanted = wanted && session_->proven;
      session_.reset();
      ++number_;
    }
  }
  if (wanted)
    return sign_with_session(std::move(done));
  done(std::move(why));
}

void login::secret_refused(const signature& s, const error& why, bool wanted,
                           callback<signature> done) {
  bool newer = false;
  std::uint64_t trial = s.trial;
  waiting_list waiting;
  result<signature> answer = why;
  {
    const std::lock_guard lock{mutex_};
    newer = s.number != number_;
    // Of several requests that were on their way with a good secret, one refusal counts.
    const bool counted = !newer && trial == 0 && !proven_;
    if (newer || counted) {
      trial = 0;
    } else {
      proven_ = false;
      count_refusal(is_locked_out(why));
      trial = trial == 0 ? claim() : trial;
    }
    answer = explained(why);
  }
  if (newer && wanted)
    return sign(std::move(done));
  if (trial == 0)
    return done(std::move(answer));
  // The right one is no use while the user is locked out.
  const auto now_right = wanted && !is_locked_out(why) ? offered() : settings::secret{};
  {
    const std::lock_guard lock{mutex_};
    if (take(now_right))
      answer = signed_now(trial);
    else
      waiting = end_trial();
  }
  done(answer);
  answer_all(waiting, answer);
}

// -- under the lock ------------------------------------------------------------------------------

settings::secret login::offered() const {
  return options_.reload ? options_.reload() : settings::secret{};
}

std::uint64_t login::claim() {
  trial_ = ++trials_;
  return trial_;
}

login::waiting_list login::end_trial() {
  trial_ = 0;
  return std::exchange(waiting_, {});
}

/// True if it is another than the one that was used last.
bool login::take(const settings::secret& offered) {
  if (offered.empty() || offered.reveal() == secret_.reveal())
    return false;
  secret_ = offered;
  proven_ = false;
  wrong_ = 0;
  if (options_.kind != login_kind::cookie)
    ++number_;
  return true;
}

void login::count_refusal(bool locked) {
  wrong_ = locked ? std::max(wrong_, most_wrong) : wrong_ + 1;
  if (wrong_ >= most_wrong)
    blocked_until_ = clock_.steady() + lockout;
}

std::optional<error> login::blocked() {
  if (wrong_ >= most_wrong && clock_.steady() >= blocked_until_)
    wrong_ = 0;
  if (wrong_ < most_wrong)
    return std::nullopt;
  return explained(make_error(errc::unauthorized,
                              "the credentials of user '" + options_.user + "' were refused"));
}

/// With how long nothing is tried, if that is so.
error login::explained(error e) const {
  if (wrong_ < most_wrong)
    return e;
  e.retry_after = std::chrono::ceil<milliseconds>(blocked_until_ - clock_.steady());
  e.detail += "; they are not sent again for "
              + std::to_string(std::chrono::ceil<std::chrono::seconds>(e.retry_after).count())
              + " s, so that the server does not lock the user out, or until others are configured";
  return e;
}

signature login::signed_now(std::uint64_t trial) const {
  switch (options_.kind) {
  case login_kind::none:
    break;
  case login_kind::basic:
    return {"authorization",
            "Basic " + http::crypto::base64_encode(options_.user + ':' + secret_.reveal()), number_,
            trial};
  case login_kind::bearer:
    return {"authorization", "Bearer " + secret_.reveal(), number_, trial};
  case login_kind::cookie:
    return {"cookie", session_->cookie, number_, 0};
  }
  return {};
}

bool login::keep_session(const http::header_list& head, bool proven) {
  auto granted = session_in(head);
  if (!granted)
    return false;
  const auto now = clock_.steady();
  const milliseconds life = granted->life;
  session_ = session{std::move(granted->cookie), now + life * 4 / 5, now + life, proven};
  ++number_;
  return true;
}

} // namespace feedcast::couchdb
