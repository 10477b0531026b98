#pragma once

#include "fake_network.hpp"
#include "feeds/couchdb/signed_server.hpp"
#include "feeds/couchdb/wire.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace feedcast::test {

/// Answers as the server of the recordings gives them.
inline scripted said(unsigned status, std::string_view body,
                     std::initializer_list<std::pair<const char*, std::string>> headers = {}) {
  auto r = reply(status, headers, body);
  r.headers.set("content-type", "application/json");
  return r;
}

inline scripted wrong_password() {
  return said(401, R"({"error":"unauthorized","reason":"Name or password is incorrect."})");
}

inline scripted not_let_in() {
  return said(401,
              R"({"error":"unauthorized","reason":"You are not authorized to access this db."})");
}

inline scripted locked_out() {
  return said(403, R"({"error":"forbidden","reason":"Account is temporarily locked due to multiple)"
                   R"( authentication failures"})");
}

inline scripted session_of(const std::string& cookie, const std::string& rest = "; Max-Age=600") {
  return said(
      200, R"({"ok":true,"name":"reader","roles":["readers"]})",
      {{"set-cookie", "AuthSession=" + cookie + "; Version=1; Expires=Tue, 24-Nov-2026 03:48:41 GMT"
                          + rest + "; Path=/; HttpOnly"}});
}

/// A body that is all there from the beginning.
class whole_stream final : public http::body_stream {
 public:
  explicit whole_stream(scripted s) : all_{std::move(s)} {}

  unsigned status() const noexcept override { return all_.status; }

  const http::header_list& headers() const noexcept override { return all_.headers; }

  void read(milliseconds, callback<std::string_view> done) override {
    const auto given = std::exchange(given_, true);
    done(given ? std::string_view{} : std::string_view{all_.body});
  }

 private:
  scripted all_;
  bool given_ = false;
};

/// What goes over a wire and comes back, made of one function. Answers are given inside the call,
/// or, while `hold` is set, by release(). Single-threaded.
struct scripted_line {
  struct sent_request {
    http::request request;
    milliseconds deadline;
    bool stream = false;
  };

  std::function<scripted(const http::request&)> answer;
  bool hold = false;
  std::vector<sent_request> sent;
  std::vector<std::function<void()>> held;

  void pass(std::function<void()> give) {
    if (hold)
      held.push_back(std::move(give));
    else
      give();
  }

  /// Gives the answers that are held, and no others.
  void release() {
    for (auto& give : std::exchange(held, {}))
      give();
  }

  std::size_t count(std::string_view target) const {
    std::size_t n = 0;
    for (const auto& s : sent)
      n += s.request.target == target ? 1 : 0;
    return n;
  }
};

class scripted_wire final : public couchdb::wire {
 public:
  explicit scripted_wire(std::shared_ptr<scripted_line> line) : line_{std::move(line)} {}

  void send(http::request r, milliseconds deadline, callback<http::response> done) override {
    line_->sent.push_back({r, deadline, false});
    line_->pass(
        [line = line_, r = std::move(r), done = std::move(done)] { done(line->answer(r).give()); });
  }

  void open(http::request r, milliseconds deadline, callback<http::body_stream_ptr> done) override {
    line_->sent.push_back({r, deadline, true});
    line_->pass([line = line_, r = std::move(r), done = std::move(done)] {
      auto s = line->answer(r);
      if (s.failure)
        return done(*s.failure);
      done(http::body_stream_ptr{std::make_shared<whole_stream>(std::move(s))});
    });
  }

 private:
  std::shared_ptr<scripted_line> line_;
};

/// A server at couch.example over a scripted line.
struct scripted_server {
  explicit scripted_server(couchdb::login_options login) {
    couchdb::server_options o;
    o.name = "main";
    o.endpoint = "https://couch.example:6984";
    o.login = std::move(login);
    const auto at = *http::parse_origin(o.endpoint);
    server = couchdb::make_server(std::move(o), at, std::make_unique<scripted_wire>(line), clock);
  }

  result<http::response> get(std::string target = "/feed") {
    result<http::response> out = make_error(errc::internal, "no answer");
    ask(std::move(target), [&](result<http::response> r) { out = std::move(r); });
    return out;
  }

  void ask(std::string target, callback<http::response> done) {
    http::request r;
    r.target = std::move(target);
    server->send(std::move(r), milliseconds{3'000}, std::move(done));
  }

  result<http::body_stream_ptr> follow(std::string target = "/feed/_changes?feed=continuous") {
    result<http::body_stream_ptr> out = make_error(errc::internal, "no answer");
    http::request r;
    r.target = std::move(target);
    server->open_stream(std::move(r), milliseconds{3'000},
                        [&](result<http::body_stream_ptr> s) { out = std::move(s); });
    return out;
  }

  /// The value of a header field of the request that was sent last.
  std::string last(std::string_view field) const {
    return std::string{line->sent.back().request.headers.get(field)};
  }

  manual_clock clock;
  std::shared_ptr<scripted_line> line = std::make_shared<scripted_line>();
  std::shared_ptr<couchdb::server> server;
};

} // namespace feedcast::test
