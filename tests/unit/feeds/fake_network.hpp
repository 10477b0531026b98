#pragma once

#include "feeds/cosmos/account.hpp"

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace feedcast::test {

/// The key of the public Cosmos DB emulator, known to everybody.
inline constexpr const char* emulator_key =
    "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

/// An answer to give as often as asked: unlike http::response it can be copied.
struct scripted {
  scripted() = default;

  scripted(error e) : failure{std::move(e)} {}

  operator http::response() const {
    http::response r;
    r.status = status;
    r.headers = headers;
    r.body = padded_buffer{body};
    r.elapsed = elapsed;
    return r;
  }

  result<http::response> give() const {
    if (failure)
      return *failure;
    return operator http::response();
  }

  unsigned status = 0;
  http::header_list headers;
  std::string body;
  milliseconds elapsed{0};
  std::optional<error> failure;
};

inline scripted reply(unsigned status,
                      std::initializer_list<std::pair<const char*, std::string>> headers = {},
                      std::string_view body = {}) {
  scripted r;
  r.status = status;
  for (const auto& [name, value] : headers)
    r.headers.set(name, value);
  r.body = body;
  return r;
}

/// A clock that stands still until told otherwise.
class manual_clock final : public clock_source {
 public:
  steady_time steady() const override { return steady_; }

  wall_time wall() const override { return wall_; }

  void advance(milliseconds by) {
    steady_ += by;
    wall_ += by;
  }

 private:
  steady_time steady_{std::chrono::hours{1}};
  wall_time wall_{std::chrono::seconds{1'767'225'600}}; // Thu, 01 Jan 2026 00:00:00 GMT
};

struct sent_request {
  http::origin server;
  http::request request;
  milliseconds deadline;
};

/// Servers made of one function. Answers are given inside send(), or, while `hold` is set, by
/// release(). Single-threaded.
class fake_network {
 public:
  using server_function = std::function<scripted(const sent_request&)>;

  /// The factory to give to an account; it shares this network.
  static cosmos::transport_factory factory(const std::shared_ptr<fake_network>& network) {
    return
        [network](const http::origin& server) { return std::make_shared<wire>(network, server); };
  }

  void release() {
    auto now = std::exchange(held_, {});
    for (auto& give : now)
      give();
  }

  server_function answer;
  bool hold = false;
  std::vector<sent_request> sent;

  /// Requests whose target is not the account document.
  std::vector<sent_request> calls() const {
    std::vector<sent_request> out;
    for (const auto& s : sent)
      if (s.request.target != "/")
        out.push_back(s);
    return out;
  }

 private:
  class wire final : public cosmos::transport {
   public:
    wire(std::shared_ptr<fake_network> network, http::origin server)
        : network_{std::move(network)}, server_{std::move(server)} {}

    void send(http::request r, milliseconds deadline, callback<http::response> done) override {
      network_->sent.push_back({server_, std::move(r), deadline});
      auto give = [n = network_, request = network_->sent.back(), done = std::move(done)] {
        done(n->answer(request).give());
      };
      if (network_->hold)
        network_->held_.push_back(std::move(give));
      else
        give();
    }

   private:
    std::shared_ptr<fake_network> network_;
    http::origin server_;
  };

  std::vector<std::function<void()>> held_;
};

/// What GET / answers for an account on loopback with these (region, port) pairs; the first is the
/// write region.
inline scripted account_answer(std::initializer_list<std::pair<const char*, int>> regions) {
  std::string list;
  std::string first;
  for (const auto& [name, port] : regions) {
    const auto entry = std::string{R"({"name":")"} + name
                       + R"(","databaseAccountEndpoint":"http://127.0.0.1:)" + std::to_string(port)
                       + R"(/"})";
    list += (list.empty() ? "" : ",") + entry;
    if (first.empty())
      first = entry;
  }
  return reply(200, {},
               R"({"id":"acct","writableLocations":[)" + first + R"(],"readableLocations":[)" + list
                   + "]}");
}

inline cosmos::account_options local_account() {
  cosmos::account_options o;
  o.name = "main";
  o.endpoint = "http://127.0.0.1:8081/";
  o.key = settings::secret{emulator_key};
  return o;
}

} // namespace feedcast::test
