#include "feeds/cosmos/account.hpp"

#include "core/log.hpp"
#include "feeds/cosmos/errors.hpp"

namespace feedcast::cosmos {

using namespace std::chrono_literals;

namespace {

/// Between readings of the account document that failures ask for: many ranges may fail at once.
constexpr milliseconds reading_pause{1'000};

} // namespace

struct account::attempt {
  call what;
  access how;
  milliseconds deadline;
  callback<http::response> done;
  proof_ptr with{}; ///< what the request on its way was authorized by
  bool signed_again = false;
};

result<std::shared_ptr<account>>
account::open(account_options options, transport_factory transports, const clock_source& clock) {
  const auto where = "account " + options.name + ": ";
  auto endpoint = http::parse_origin(options.endpoint);
  if (!endpoint)
    return make_error(errc::rejected, where + endpoint.error().detail);
  if (!endpoint->secure() && !endpoint->loopback())
    return make_error(errc::rejected,
                      where + "plain http is accepted for loopback only; use https");
  auto credential = options.credential
                        ? result<std::shared_ptr<cosmos::credential>>{options.credential}
                        : key_credential(options.key, options.reload_key);
  if (!credential)
    return make_error(errc::rejected, where + credential.error().detail);
  return std::shared_ptr<account>{new account{std::move(options), std::move(*endpoint),
                                              std::move(*credential), std::move(transports),
                                              clock}};
}

account::account(account_options options, http::origin configured,
                 std::shared_ptr<cosmos::credential> credential, transport_factory transports,
                 const clock_source& clock)
    : options_{std::move(options)}
    , configured_{std::move(configured)}
    , make_transport_{std::move(transports)}
    , clock_{clock}
    , credential_{std::move(credential)}
    , signer_{clock} {}

void account::send(call c, access how, milliseconds deadline, callback<http::response> done) {
  auto a = std::make_shared<attempt>(attempt{std::move(c), how, deadline, std::move(done)});
  look_after_document();
  if (endpoints())
    return dispatch(a);
  // `waiting_` belongs to the account, so a strong reference in it would keep both alive for ever.
  refresh([weak = weak_from_this(), a](const result<endpoint_choice>& read) {
    if (!read)
      return a->done(read.error());
    if (auto self = weak.lock())
      self->dispatch(a);
  });
}

void account::place_to_read(callback<reading> done) {
  look_after_document();
  if (endpoints())
    return done(reading_now());
  refresh([weak = weak_from_this(), done = std::move(done)](const result<endpoint_choice>& read) {
    if (!read)
      return done(read.error());
    if (auto self = weak.lock())
      done(self->reading_now());
  });
}

result<account::reading> account::reading_now() const {
  const std::lock_guard lock{mutex_};
  if (choice_->stranded)
    return make_error(errc::unavailable,
                      "account " + options_.name + ": region " + options_.regions.front()
                          + " can't be read, and an account with several write regions is read in "
                            "no other: its positions mean nothing there; this waits for it");
  return reading{*choice_, document_at_};
}

void account::send_to(const region_endpoint& where, call c, milliseconds deadline,
                      callback<http::response> done) {
  transmit(
      std::make_shared<attempt>(attempt{std::move(c), access::read, deadline, std::move(done)}),
      where.endpoint);
}

/// Sets off another reading of the account document if it is time.
void account::look_after_document() {
  bool due = false;
  {
    const std::lock_guard lock{mutex_};
    due = choice_.has_value() && !reading_ && clock_.steady() >= next_reading_;
  }
  if (due)
    start_reading();
}

void account::dispatch(const attempt_ptr& a) {
  http::origin server;
  {
    const std::lock_guard lock{mutex_};
    server = a->how == access::read ? choice_->read.endpoint : choice_->write.endpoint;
  }
  transmit(a, server);
}

void account::transmit(const attempt_ptr& a, const http::origin& server) {
  credential_->prove([weak = weak_from_this(), a, server](result<proof_ptr> proven) {
    auto self = weak.lock();
    if (!self)
      return;
    if (!proven) {
      auto failure = proven.error();
      failure.detail = a->what.describe() + " at " + server.to_string() + ": " + failure.detail;
      return a->done(std::move(failure));
    }
    a->with = std::move(*proven);
    self->transport_to(server)->send(self->signer_.sign(a->what, *a->with), a->deadline,
                                     [weak, a, server](result<http::response> answer) {
                                       if (auto alive = weak.lock())
                                         alive->on_answer(a, server, std::move(answer));
                                     });
  });
}

void account::on_answer(const attempt_ptr& a, const http::origin& server,
                        result<http::response> answer) {
  if (!answer) {
    if (answer.error().code == errc::unavailable)
      regions_in_doubt();
    auto failure = answer.error();
    failure.detail = a->what.describe() + " at " + server.to_string() + ": " + failure.detail;
    return a->done(std::move(failure));
  }
  if (is_success(answer->status))
    return a->done(std::move(answer));
  if (!a->signed_again && (signer_.learn_clock(*answer) || renew_credential(*a, answer->status))) {
    a->signed_again = true;
    return transmit(a, server);
  }
  const auto sub = substatus(*answer);
  if (answer->status == 403 && (sub == 3 || sub == 1008))
    regions_in_doubt();
  a->done(to_error(*answer, a->what.describe() + " at " + server.to_string()));
}

/// True if the call is worth sending again under a changed key or another token.
bool account::renew_credential(const attempt& a, unsigned status) {
  if ((status != 401 && status != 403) || !credential_->refused(a.with, status))
    return false;
  log::info("the account's credential was refused and is renewed", {{"account", options_.name}});
  return true;
}

void account::regions_in_doubt() {
  {
    const std::lock_guard lock{mutex_};
    // A reading that started a moment ago already answers this doubt, or fails and is repeated by
    // the next one.
    if (reading_ || clock_.steady() < reading_started_ + reading_pause)
      return;
  }
  start_reading();
}

void account::refresh(callback<endpoint_choice> done) {
  {
    const std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(done));
  }
  start_reading();
}

std::optional<endpoint_choice> account::endpoints() const {
  const std::lock_guard lock{mutex_};
  return choice_;
}

std::vector<http::origin> account::document_sources() const {
  // The global endpoint has its home in one region. When that one is down, each other region can
  // tell as well.
  std::vector<http::origin> out{configured_};
  if (document_) {
    for (const auto& location : document_->readable)
      if (location.endpoint != configured_)
        out.push_back(location.endpoint);
  } else if (!configured_.loopback()) {
    for (const auto& region : options_.regions)
      out.push_back(regional_endpoint(configured_, region));
  }
  return out;
}

void account::start_reading() {
  std::vector<http::origin> candidates;
  {
    const std::lock_guard lock{mutex_};
    if (reading_)
      return;
    reading_ = true;
    reading_started_ = clock_.steady();
    asked_at_ = clock_.wall();
    next_reading_ = reading_started_ + options_.refresh_every;
    candidates = document_sources();
  }
  read_from(std::move(candidates), 0);
}

void account::read_from(std::vector<http::origin> candidates, std::size_t index) {
  const auto server = candidates[index];
  auto done = [weak = weak_from_this(), candidates = std::move(candidates),
               index](result<http::response> answer) mutable {
    auto self = weak.lock();
    if (!self)
      return;
    if (answer)
      return self->on_read(parse_account(answer->body.view(), self->configured_));
    if (is_transient(answer.error().code) && index + 1 < candidates.size())
      return self->read_from(std::move(candidates), index + 1);
    self->on_read(answer.error());
  };
  transmit(std::make_shared<attempt>(
               attempt{read_account(), access::read, options_.read_deadline, std::move(done)}),
           server);
}

void account::on_read(result<account_document> read) {
  std::vector<callback<endpoint_choice>> waiting;
  result<endpoint_choice> outcome = make_error(errc::internal, "");
  bool changed = false;
  {
    const std::lock_guard lock{mutex_};
    reading_ = false;
    waiting.swap(waiting_);
    if (read) {
      document_ = std::move(*read);
      document_at_ = asked_at_;
      auto now = choose_endpoints(*document_, options_.regions, configured_);
      changed = !choice_ || choice_->read != now.read || choice_->write != now.write;
      choice_ = std::move(now);
      outcome = *choice_;
    } else {
      next_reading_ = clock_.steady() + reading_pause;
      auto failure = read.error();
      failure.detail = "account " + options_.name + ": " + failure.detail;
      outcome = std::move(failure);
    }
  }
  if (outcome && changed)
    report(*outcome);
  static log::limiter failures{10s};
  if (!outcome)
    if (const auto pass = failures.admit())
      log::warn("the account can't be read", {{"account", options_.name},
                                              {"error", to_string(outcome.error())},
                                              {"suppressed", *pass}});
  for (auto& done : waiting)
    done(outcome);
}

void account::report(const endpoint_choice& now) {
  log::info("regions chosen", {{"account", options_.name},
                               {"read", now.read.region},
                               {"read_endpoint", now.read.endpoint.to_string()},
                               {"write", now.write.region}});
  if (now.unguided)
    log::warn("the account has several regions and the target names none: it is read where the "
              "account says, "
              "and a cache of another region may be emptied before that region has the change; set "
              "`regions`",
              {{"account", options_.name}, {"read", now.read.region}});
  if (now.several_writers)
    log::warn(options_.regions.empty()
                  ? "the account has several write regions and the target names none: each has its "
                    "own log, and a position is good in one of them only; set `regions`"
                  : "the account has several write regions: feeds are read in the first of "
                    "`regions` and nowhere else, for a position means nothing in another",
              {{"account", options_.name}, {"read", now.read.region}});
  if (now.away && !now.unmet)
    log::warn(
        "the target's own region can't be read: another one is, and what that shows is sent "
        "again when its own is back",
        {{"account", options_.name}, {"own", options_.regions.front()}, {"read", now.read.region}});
  if (now.unmet)
    log::warn(
        "none of the target's regions is readable in this account; check the spelling of `regions`",
        {{"account", options_.name}, {"read", now.read.region}});
}

std::shared_ptr<transport> account::transport_to(const http::origin& server) {
  const std::lock_guard lock{mutex_};
  auto& slot = transports_[server.to_string()];
  if (!slot)
    slot = make_transport_(server);
  return slot;
}

} // namespace feedcast::cosmos
