#include "feeds/couchdb/signed_server.hpp"

#include "feeds/answer_gate.hpp"
#include "feeds/couchdb/errors.hpp"
#include "feeds/couchdb/server_clock.hpp"

#include <map>
#include <mutex>
#include <utility>

namespace feedcast::couchdb {

using namespace std::chrono_literals;

namespace {

constexpr milliseconds session_deadline = 10s;
/// For the text of a refusal, where an answer without end was expected.
constexpr milliseconds refusal_deadline = 5s;
constexpr std::size_t longest_refusal = std::size_t{64} << 10;

/// One request on its way, signed once or twice.
struct attempt {
  http::request what;
  steady_time until{};
  callback<http::response> whole; ///< one of the two
  callback<http::body_stream_ptr> stream;
  signature with{};
  bool signed_again = false;
  wall_time sent{};

  void give(error e) const {
    if (whole)
      whole(std::move(e));
    else
      stream(std::move(e));
  }
};

using attempt_ptr = std::shared_ptr<attempt>;

class signed_server final : public server {
 public:
  signed_server(server_options options, const http::origin& at, std::unique_ptr<wire> over,
                const clock_source& clock)
      : host_{at.host}
      , address_{at.to_string()}
      , kind_{options.login.kind}
      , clock_{clock}
      , gate_{std::make_shared<answer_gate>()}
      , wire_{std::move(over)}
      , login_{login::make(
            std::move(options.login),
            [this, gate = gate_](http::request r, callback<http::response> done) {
              gate->pass([&] { open_session(std::move(r), std::move(done)); });
            },
            clock)} {}

  ~signed_server() override { gate_->close(); }

  signed_server(const signed_server&) = delete;
  signed_server& operator=(const signed_server&) = delete;

  void send(http::request r, milliseconds deadline, callback<http::response> done) override {
    begin(std::make_shared<attempt>(
        attempt{std::move(r), clock_.steady() + deadline, std::move(done), nullptr}));
  }

  void open_stream(http::request r, milliseconds deadline,
                   callback<http::body_stream_ptr> done) override {
    begin(std::make_shared<attempt>(
        attempt{std::move(r), clock_.steady() + deadline, nullptr, std::move(done)}));
  }

  milliseconds clock_offset() const noexcept override { return server_clock_.ahead(); }

  const std::string& host() const noexcept override { return host_; }

  const std::string& address() const noexcept override { return address_; }

 private:
  /// "GET /db/_changes at https://couch.example:6984"
  std::string describe(const http::request& r) const {
    return r.method + ' ' + r.target.substr(0, r.target.find('?')) + " at " + address_;
  }

  /// Runs it unless this server has ended meanwhile.
  template <class Function>
  auto gated(Function use) {
    return [gate = gate_, use = std::move(use)](auto&& answer) mutable {
      gate->pass([&] { use(std::forward<decltype(answer)>(answer)); });
    };
  }

  void begin(const attempt_ptr& a);
  void transmit(const attempt_ptr& a, signature with);
  void on_response(const attempt_ptr& a, result<http::response> r);
  void on_stream(const attempt_ptr& a, result<http::body_stream_ptr> r);
  void read_refusal(const attempt_ptr& a, std::uint64_t number, std::string so_far,
                    steady_time until);
  void judge(const attempt_ptr& a, unsigned status, const http::header_list& head,
             std::string_view body);
  void lost(const attempt_ptr& a, error e);
  void open_session(http::request r, callback<http::response> done);
  bool is_refusal(unsigned status, std::string_view reason) const;

  const std::string host_;
  const std::string address_;
  const login_kind kind_;
  const clock_source& clock_;
  server_clock server_clock_;
  const std::shared_ptr<answer_gate> gate_;

  std::mutex mutex_; ///< guards the next two
  std::uint64_t refusals_ = 0;
  std::map<std::uint64_t, http::body_stream_ptr> refusals_read_;

  const std::unique_ptr<wire> wire_;
  const std::shared_ptr<login> login_;
};

void signed_server::begin(const attempt_ptr& a) {
  a->what.headers.set("accept", "application/json");
  login_->sign(gated([this, a](result<signature> s) {
    if (!s) {
      auto e = s.error();
      e.detail = describe(a->what) + ": " + e.detail;
      return a->give(std::move(e));
    }
    transmit(a, std::move(*s));
  }));
}

void signed_server::transmit(const attempt_ptr& a, signature with) {
  a->with = std::move(with);
  const auto left = std::chrono::ceil<milliseconds>(a->until - clock_.steady());
  if (left <= 0ms)
    return lost(a, make_error(errc::timeout, "no time was left after signing in"));
  a->sent = clock_.wall();
  auto r = a->what;
  if (!a->with.field.empty())
    r.headers.set(a->with.field, a->with.value);
  if (a->whole)
    return wire_->send(std::move(r), left, gated([this, a](result<http::response> answer) {
                         on_response(a, std::move(answer));
                       }));
  wire_->open(std::move(r), left, gated([this, a](result<http::body_stream_ptr> answer) {
                on_stream(a, std::move(answer));
              }));
}

void signed_server::lost(const attempt_ptr& a, error e) {
  e.detail = describe(a->what) + ": " + e.detail;
  const auto keep = login_;
  const auto gate = gate_;
  keep->failed(a->with, e, true);
  gate->pass([&] { a->give(std::move(e)); });
}

void signed_server::on_response(const attempt_ptr& a, result<http::response> r) {
  if (!r)
    return lost(a, r.error());
  server_clock_.learn(r->headers, a->sent, clock_.wall());
  if (r->status / 100 != 2)
    return judge(a, r->status, r->headers, r->body.view());
  const auto keep = login_;
  const auto gate = gate_;
  keep->accepted(a->with, r->headers);
  gate->pass([&] { a->whole(std::move(r)); });
}

void signed_server::on_stream(const attempt_ptr& a, result<http::body_stream_ptr> r) {
  if (!r)
    return lost(a, r.error());
  const auto& head = (*r)->headers();
  server_clock_.learn(head, a->sent, clock_.wall());
  if ((*r)->status() / 100 == 2) {
    const auto keep = login_;
    const auto gate = gate_;
    keep->accepted(a->with, head);
    gate->pass([&] { a->stream(std::move(r)); });
    return;
  }
  std::uint64_t number = 0;
  {
    const std::lock_guard lock{mutex_};
    number = ++refusals_;
    refusals_read_.emplace(number, std::move(*r));
  }
  read_refusal(a, number, {}, clock_.steady() + refusal_deadline);
}

/// The stream is kept here, not by its own reading, so that it ends with this server.
void signed_server::read_refusal(const attempt_ptr& a, std::uint64_t number, std::string so_far,
                                 steady_time until) {
  http::body_stream_ptr from;
  {
    const std::lock_guard lock{mutex_};
    from = refusals_read_.at(number);
  }
  const auto left = std::chrono::ceil<milliseconds>(until - clock_.steady());
  from->read(std::max(left, 1ms), gated([this, a, number, so_far = std::move(so_far),
                                         until](const result<std::string_view>& piece) mutable {
               if (piece && !piece->empty()) {
                 so_far += *piece;
                 if (so_far.size() < longest_refusal && clock_.steady() < until)
                   return read_refusal(a, number, std::move(so_far), until);
               }
               // A text that is cut short tells nothing, the status does.
               http::body_stream_ptr end;
               {
                 const std::lock_guard lock{mutex_};
                 end = std::move(refusals_read_.extract(number).mapped());
               }
               judge(a, end->status(), end->headers(), so_far);
             }));
}

bool signed_server::is_refusal(unsigned status, std::string_view reason) const {
  switch (kind_) {
  case login_kind::none:
    return false;
  case login_kind::basic:
    return (status == 401 && !is_missing_right(status, reason)) || is_lockout(status, reason);
  case login_kind::cookie: // one that has ended makes nobody an admin, either
    return is_session_refusal(status, reason);
  case login_kind::bearer:
    return (status == 401 && !is_missing_right(status, reason)) || is_token_refusal(status, reason);
  }
  return false;
}

/// An answer that is no success.
void signed_server::judge(const attempt_ptr& a, unsigned status, const http::header_list& head,
                          std::string_view body) {
  auto e = error_of(describe(a->what), status, head, body);
  const auto keep = login_;
  const auto gate = gate_;
  if (is_refusal(status, words_of(body).reason)) {
    if (e.code == errc::rejected)
      e.code = errc::unauthorized;
    return keep->refused(a->with, e, !std::exchange(a->signed_again, true),
                         gated([this, a](result<signature> s) {
                           if (!s)
                             return a->give(s.error());
                           transmit(a, std::move(*s));
                         }));
  }
  // Whoever is told that there is no such document is let in; these may come before anybody looked.
  const bool before_login = status == 407 || status == 408 || status == 429;
  if (status >= 400 && status < 500 && !before_login)
    keep->accepted(a->with, head);
  else
    keep->failed(a->with, e, false);
  gate->pass([&] { a->give(std::move(e)); });
}

void signed_server::open_session(http::request r, callback<http::response> done) {
  r.headers.set("accept", "application/json");
  const auto sent = clock_.wall();
  wire_->send(std::move(r), session_deadline,
              gated([this, sent, done = std::move(done)](result<http::response> answer) {
                if (answer)
                  server_clock_.learn(answer->headers, sent, clock_.wall());
                done(std::move(answer));
              }));
}

} // namespace

std::shared_ptr<server> make_server(server_options options, const http::origin& at,
                                    std::unique_ptr<wire> over, const clock_source& clock) {
  return std::make_shared<signed_server>(std::move(options), at, std::move(over), clock);
}

} // namespace feedcast::couchdb
