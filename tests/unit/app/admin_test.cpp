// Who may do what at the admin server: every route, method and credential; hosts, origins, forms.
#include "app/admin.hpp"
#include "app/admin_guard.hpp"
#include "core/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

using namespace feedcast;
using namespace feedcast::app;
using ::testing::HasSubstr;

namespace {

constexpr const char* token = "0123456789abcdef0123456789abcdef";

using fields = std::vector<std::pair<std::string, std::string>>;

class admin_test : public ::testing::Test {
 protected:
  admin_test() {
    feedcast::log::configure(feedcast::log::level::off, feedcast::log::format::logfmt);
    config_.listen = "127.0.0.1:8080";
    config_.token = settings::secret{token};
  }

  http::server_response ask(const std::string& method, const std::string& path,
                            const fields& headers = {}, std::string body = {}) {
    http::server_request r;
    r.message.method = method;
    r.message.target = path;
    r.path = path;
    r.message.body = std::move(body);
    if (std::none_of(headers.begin(), headers.end(), [](auto& h) { return h.first == "Host"; }))
      r.message.headers.set("Host", "127.0.0.1:8080");
    for (const auto& [name, value] : headers)
      r.message.headers.add(name, value);
    const auto handle =
        admin_handler(shared_, config_, {.restart_target = [this](const std::string& target) {
                        restarted_.push_back(target);
                        return target == "eu";
                      }});
    std::optional<http::server_response> out;
    handle(std::move(r), [&](http::server_response a) { out = std::move(a); });
    return out.value();
  }

  unsigned write(const fields& headers, std::string body = {}) {
    auto all = headers;
    all.emplace_back("Authorization", std::string{"Bearer "} + token);
    return ask("POST", "/api/v1/targets/eu/restart", all, std::move(body)).status;
  }

  platform shared_{1, {"1", "r", "h"}, "me"};
  settings::admin_config config_;
  std::vector<std::string> restarted_;
};

struct credential {
  const char* name;
  bool configured;               ///< admin.token is set
  std::vector<std::string> sent; ///< values of Authorization
  unsigned answer;               ///< to any write; 0 = it passes
};

const std::vector<credential> credentials{
    {"no token configured, none sent", false, {}, 403},
    {"no token configured, one sent", false, {std::string{"Bearer "} + token}, 403},
    {"no token configured, an empty one sent", false, {"Bearer "}, 403},
    {"none sent", true, {}, 401},
    {"an empty one", true, {"Bearer "}, 401},
    {"another one", true, {"Bearer 0123456789abcdef0123456789abcdeF"}, 401},
    {"its beginning", true, {"Bearer 0123456789abcdef"}, 401},
    {"more than it", true, {std::string{"Bearer "} + token + "0"}, 401},
    {"another scheme", true, {std::string{"Basic "} + token}, 401},
    {"no scheme", true, {token}, 401},
    {"twice", true, {std::string{"Bearer "} + token, std::string{"Bearer "} + token}, 401},
    {"the right one", true, {std::string{"Bearer "} + token}, 0},
    {"the right one, scheme in small letters", true, {std::string{"bearer "} + token}, 0},
};

struct route {
  const char* path;
  std::string method; ///< the only one that it has; empty: there is no such path
  unsigned answer;
};

const std::vector<route> routes{
    {"/metrics", "GET", 200},
    {"/livez", "GET", 200},
    {"/readyz", "GET", 503}, // nothing has started here
    {"/healthz", "GET", 503},
    {"/ping", "GET", 200},
    {"/version", "GET", 200},
    {"/api/v1/status", "GET", 200},
    {"/api/v1/targets/eu/restart", "POST", 202},
    {"/api/v1/targets/other/restart", "POST", 404},
    {"/api/v1/targets//restart", "", 404},
    {"/api/v1/targets/eu", "", 404},
    {"/nowhere", "", 404},
};

} // namespace

TEST_F(admin_test, every_route_method_and_credential_has_its_answer_and_one_alone_restarts) {
  const std::set<std::string> safe{"GET", "HEAD", "OPTIONS"};
  std::size_t cases = 0;
  std::size_t passed = 0;
  for (const auto& c : credentials) {
    config_.token = settings::secret{c.configured ? token : ""};
    fields headers;
    for (const auto& value : c.sent)
      headers.emplace_back("Authorization", value);
    for (const auto& r : routes)
      for (const std::string method :
           {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"}) {
        SCOPED_TRACE(method + " " + r.path + ", " + c.name);
        ++cases;
        restarted_.clear();
        const auto answer = ask(method, r.path, headers);
        const bool stopped = !safe.contains(method) && c.answer != 0;
        const auto expected = stopped              ? c.answer
                              : r.method.empty()   ? 404
                              : r.method == method ? r.answer
                                                   : 405;
        EXPECT_EQ(answer.status, expected);
        const bool may = !stopped && r.method == method && !safe.contains(method);
        EXPECT_EQ(restarted_.size(), may ? 1U : 0U);
        passed += answer.status == 202 ? 1 : 0;
        EXPECT_EQ(answer.headers.get("Cache-Control"), "no-store");
        EXPECT_FALSE(answer.headers.has("Access-Control-Allow-Origin"));
        EXPECT_EQ(answer.headers.has("WWW-Authenticate"), answer.status == 401);
        EXPECT_EQ(answer.body.find(token), std::string::npos);
      }
  }
  EXPECT_EQ(cases, credentials.size() * routes.size() * 9);
  EXPECT_EQ(passed, 2U) << "the right token, spelled in two ways";
}

TEST_F(admin_test, a_refusal_says_how_to_mend_it) {
  const auto* path = "/api/v1/targets/eu/restart";
  EXPECT_THAT(ask("POST", path).body, HasSubstr("Authorization: Bearer"));
  config_.token = {};
  EXPECT_THAT(ask("POST", path).body, HasSubstr("set admin.token"));
  EXPECT_THAT(ask("GET", "/livez", {{"Host", "evil.example"}}).body, HasSubstr("admin.hosts"));
}

TEST_F(admin_test, on_loopback_a_request_must_call_it_by_a_name_it_goes_by) {
  config_.hosts = {"Feedcast.Internal"};
  for (const auto* host : {"127.0.0.1:8080", "127.0.0.1", "localhost", "LOCALHOST:8080",
                           "localhost:9", "feedcast.internal", "FEEDCAST.internal:8080"}) {
    EXPECT_EQ(ask("GET", "/livez", {{"Host", host}}).status, 200) << host;
    EXPECT_EQ(write({{"Host", host}}), 202) << host;
  }
  for (const auto* host :
       {"evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example",
        "evil.example#localhost", "evil@localhost", "localhost:x", "localhost:8080:1", "10.0.0.1",
        "[::1]", "0.0.0.0", "[127.0.0.1", "127.1", "feedcast.internal.", "", " "}) {
    EXPECT_EQ(ask("GET", "/livez", {{"Host", host}}).status, 403) << host;
    EXPECT_EQ(write({{"Host", host}}), 403) << host;
  }
  EXPECT_EQ(ask("GET", "/livez", {{"Host", "localhost"}, {"Host", "localhost"}}).status, 400);
}

TEST_F(admin_test, the_host_of_an_absolute_target_counts_too) {
  const auto ask_target = [&](const std::string& target) {
    http::server_request r;
    r.message.target = target;
    r.path = "/livez";
    r.message.headers.set("Host", "localhost");
    return admin_guard{config_}.refuse(r).has_value();
  };
  EXPECT_FALSE(ask_target("http://localhost:8080/livez"));
  EXPECT_FALSE(ask_target("/livez?next=http://evil.example/"));
  EXPECT_TRUE(ask_target("http://evil.example/livez"));
  EXPECT_TRUE(ask_target("http://evil.example?localhost/livez"));
}

TEST_F(admin_test, on_ipv6_loopback_its_address_is_a_name) {
  config_.listen = "[::1]:8080";
  EXPECT_EQ(ask("GET", "/livez", {{"Host", "[::1]:8080"}}).status, 200);
  EXPECT_EQ(ask("GET", "/livez", {{"Host", "[::2]:8080"}}).status, 403);
}

TEST_F(admin_test, on_all_addresses_any_name_will_do_unless_names_are_listed) {
  config_.listen = "0.0.0.0:8080";
  for (const auto* host : {"10.1.2.3:8080", "feedcast.svc", "localhost"})
    EXPECT_EQ(ask("GET", "/metrics", {{"Host", host}}).status, 200) << host;
  config_.hosts = {"feedcast.svc"};
  for (const auto* host : {"10.1.2.3:8080", "[fd00::1]:8080", "feedcast.svc", "localhost"})
    EXPECT_EQ(ask("GET", "/metrics", {{"Host", host}}).status, 200) << host;
  EXPECT_EQ(ask("GET", "/metrics", {{"Host", "evil.example"}}).status, 403);
}

TEST_F(admin_test, a_page_of_another_origin_may_not_write) {
  for (const auto* origin : {"http://127.0.0.1:8080", "HTTP://127.0.0.1:8080"})
    EXPECT_EQ(write({{"Origin", origin}}), 202) << origin;
  for (const auto* origin :
       {"http://evil.example", "https://127.0.0.1:8080", "http://127.0.0.1:8081",
        "http://127.0.0.1", "http://localhost:8080", "null", "", "http://127.0.0.1:8080, x"})
    EXPECT_EQ(write({{"Origin", origin}}), 403) << origin;
  EXPECT_EQ(write({{"Origin", "http://127.0.0.1:8080"}, {"Origin", "http://evil.example"}}), 403);
  for (const auto* site : {"cross-site", "same-site"})
    EXPECT_EQ(write({{"Sec-Fetch-Site", site}}), 403) << site;
  for (const auto* site : {"same-origin", "none"})
    EXPECT_EQ(write({{"Sec-Fetch-Site", site}}), 202) << site;
}

TEST_F(admin_test, a_form_may_not_write) {
  for (const auto* type : {"application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                           "text/plain", "text/plain; application/json", "application/jsonp", ""}) {
    EXPECT_EQ(write({{"Content-Type", type}}), 415) << type;
    EXPECT_EQ(write({{"Content-Type", type}}, "{}"), 415) << type;
  }
  EXPECT_EQ(write({}, "token=x"), 415) << "a body of no declared type";
  for (const auto* type : {"application/json", "Application/JSON; charset=utf-8"})
    EXPECT_EQ(write({{"Content-Type", type}}, "{}"), 202) << type;
  EXPECT_EQ(write({}), 202) << "no body, no type";
}
