#include "feeds/tokens/token_source.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace feedcast::tokens {

using namespace std::chrono_literals;

namespace {

constexpr backoff_options retry_pause{.first = 1s, .cap = 60s};

/// A token younger than this is not the reason for a refusal.
constexpr milliseconds too_young_to_blame = 30s;

/// So long before its end a token is no good any more: the request it goes with takes its time.
milliseconds safety(milliseconds lifetime) {
  return std::min<milliseconds>(10s, lifetime / 10);
}

/// Two thirds of the lifetime, less up to a tenth of it, so that many instances that started
/// together don't ask together for ever.
milliseconds until_renewal(milliseconds lifetime) {
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<milliseconds::rep> jitter{0, lifetime.count() / 10};
  return lifetime * 2 / 3 - milliseconds{jitter(random)};
}

} // namespace

std::shared_ptr<token_source> token_source::make(std::string name, token_fetch fetch,
                                                 const clock_source& clock) {
  return std::shared_ptr<token_source>{new token_source{std::move(name), std::move(fetch), clock}};
}

token_source::token_source(std::string name, token_fetch fetch, const clock_source& clock)
    : name_{std::move(name)}, fetch_{std::move(fetch)}, clock_{clock}, pause_{retry_pause} {}

void token_source::get(callback<token_ptr> done) {
  ask(std::move(done), false);
}

void token_source::renewed(callback<token_ptr> done) {
  ask(std::move(done), true);
}

void token_source::ask(callback<token_ptr> done, bool wait_for_renewal) {
  result<token_ptr> answer = token_ptr{};
  bool start = false;
  {
    const std::lock_guard lock{mutex_};
    const auto now = clock_.steady();
    const bool usable = good(held_, now);
    start = (!usable || now >= renew_at_) && !fetching_ && now >= next_try_;
    fetching_ = fetching_ || start;
    if (fetching_ && (wait_for_renewal || !usable))
      waiting_.push_back(std::exchange(done, nullptr));
    else if (usable)
      answer = held_;
    else
      answer = last_failure(now);
  }
  if (start)
    start_fetch();
  if (done)
    done(std::move(answer));
}

void token_source::start_fetch() {
  fetch_([weak = weak_from_this()](result<fetched_token> r) {
    if (auto self = weak.lock())
      self->on_fetched(std::move(r));
  });
}

void token_source::on_fetched(result<fetched_token> r) {
  std::vector<callback<token_ptr>> waiting;
  result<token_ptr> answer = token_ptr{};
  {
    const std::lock_guard lock{mutex_};
    const auto now = clock_.steady();
    fetching_ = false;
    waiting.swap(waiting_);
    if (r) {
      keep(std::move(*r));
    } else {
      failure_ = r.error();
      failure_->detail = name_ + ": " + failure_->detail;
      next_try_ = now + pause_.next(r.error().retry_after);
    }
    if (good(held_, now))
      answer = held_;
    else
      answer = last_failure(now);
  }
  if (!r)
    report(r.error(), answer.has_value());
  for (auto& done : waiting)
    done(answer);
}

bool token_source::refused(const token_ptr& token) {
  const std::lock_guard lock{mutex_};
  if (token != held_)
    return true; // another call was faster
  if (clock_.steady() < fetched_ + too_young_to_blame)
    return false;
  held_ = nullptr;
  return true;
}

bool token_source::good(const token_ptr& token, steady_time now) const {
  return token && now < token->expires;
}

void token_source::keep(fetched_token token) {
  fetched_ = clock_.steady();
  renew_at_ = fetched_ + until_renewal(token.lifetime);
  const auto use = token.lifetime - safety(token.lifetime);
  held_ = std::make_shared<const access_token>(
      access_token{std::move(token.value), fetched_ + use, clock_.wall() + use});
  failure_.reset();
  next_try_ = {};
  pause_.reset();
}

error token_source::last_failure(steady_time now) const {
  auto e = failure_.value_or(make_error(errc::unauthorized, name_ + ": there is no token"));
  if (now < next_try_)
    e.retry_after = std::chrono::ceil<milliseconds>(next_try_ - now);
  return e;
}

void token_source::report(const error& e, bool still_good) const {
  static log::limiter limit{10s};
  if (const auto pass = limit.admit())
    log::warn(still_good ? "a token can't be renewed; the one in use is still good"
                         : "there is no good token",
              {{"for", name_}, {"error", to_string(e)}, {"suppressed", *pass}});
}

} // namespace feedcast::tokens
