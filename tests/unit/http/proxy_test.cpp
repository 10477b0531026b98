#include "http/detail/proxy.hpp"
#include "raw_socket.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

namespace feedcast::http::testing {

namespace {

using detail::choose_proxy;
using detail::environment;

using variables = std::map<std::string, std::string>;

environment of(variables values) {
  return [values = std::move(values)](const char* name) {
    const auto at = values.find(name);
    return at == values.end() ? std::string{} : at->second;
  };
}

/// "direct" or the address of the proxy.
std::string route(const std::string& url, const std::string& option, const variables& values) {
  const auto chosen = choose_proxy(to(url), option, of(values));
  if (!chosen)
    return "rejected";
  return *chosen ? (*chosen)->proxy.to_string() : "direct";
}

TEST(proxy_choice, follows_option_then_environment) {
  const variables both{{"HTTPS_PROXY", "http://s:1"}, {"http_proxy", "h:2"}};

  EXPECT_EQ(route("https://a.example", "", both), "http://s:1");
  EXPECT_EQ(route("http://a.example", "", both), "http://h:2");
  EXPECT_EQ(route("https://a.example", "http://o:3", both), "http://o:3");
  EXPECT_EQ(route("https://a.example", "none", both), "direct");
  EXPECT_EQ(route("https://a.example", "", {}), "direct");
}

TEST(proxy_choice, loopback_ignores_the_environment_only) {
  const variables set{{"HTTP_PROXY", "http://p:1"}};

  EXPECT_EQ(route("http://127.0.0.1:8081", "", set), "direct");
  EXPECT_EQ(route("http://localhost", "", set), "direct");
  EXPECT_EQ(route("http://localhost", "http://p:1", {}), "http://p:1");
}

TEST(proxy_choice, no_proxy_names_exceptions) {
  const auto with = [](const std::string& list, const std::string& url) {
    return route(url, "", {{"HTTP_PROXY", "http://p:1"}, {"no_proxy", list}}) == "direct";
  };

  EXPECT_TRUE(with("*", "http://a.example"));
  EXPECT_TRUE(with("b.example, a.example", "http://a.example"));
  EXPECT_TRUE(with("EXAMPLE", "http://a.example"));
  EXPECT_TRUE(with(".example", "http://a.example"));
  EXPECT_TRUE(with("*.example", "http://a.example"));
  EXPECT_TRUE(with("a.example:80", "http://a.example"));
  EXPECT_TRUE(with("10.0.0.0/8", "http://10.9.8.7"));
  EXPECT_TRUE(with("fd00::/8", "http://[fd00::5]"));
  EXPECT_TRUE(with("10.1.2.3", "http://10.1.2.3"));
  EXPECT_FALSE(with("a.example:81", "http://a.example"));
  EXPECT_FALSE(with("example", "http://notexample"));
  EXPECT_FALSE(with("b.a.example", "http://a.example"));
  EXPECT_FALSE(with("10.0.0.0/8", "http://11.9.8.7"));
  EXPECT_FALSE(with("10.0.0.0/8", "http://a.example"));
  EXPECT_FALSE(with(", ,", "http://a.example"));
}

TEST(proxy_choice, credentials_become_a_field_and_never_a_text) {
  const auto chosen =
      choose_proxy(to("https://a.example"), "http://us%65r:p%40ss@p:1", of({})).value().value();
  EXPECT_EQ(chosen.proxy.to_string(), "http://p:1");
  EXPECT_EQ(chosen.authorization, "Basic dXNlcjpwQHNz");

  const auto refused = choose_proxy(to("https://a.example"), "ftp://user:hunter2@p:1", of({}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail.find("hunter2"), std::string::npos);
  EXPECT_NE(refused.error().detail.find("proxy"), std::string::npos);
}

TEST(proxy_choice, a_proxy_behind_tls_is_refused) {
  EXPECT_EQ(route("https://a.example", "https://p:1", {}), "rejected");
}

/// Remembers the head it got, then connects the two sides.
raw_server::script tunnel(std::uint16_t target, std::string& head) {
  return [target, &head](raw_socket& peer, int) {
    head = peer.read_head();
    auto far = raw_socket::connect(target);
    peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
    peer.relay(far);
  };
}

TEST(proxy, https_goes_through_a_tunnel) {
  runtime io{2};
  server_options with_tls;
  with_tls.tls = true;
  const auto s = serve(
      io,
      [](server_request r, responder done) {
        done(text(r.message.target + std::string{r.message.headers.get("Proxy-Authorization")}));
      },
      with_tls);
  const temporary_file ca{s->certificate_pem()};
  std::string head;
  {
    raw_server proxy{tunnel(s->port(), head)};
    client_options options;
    options.ca_file = ca.path();
    options.proxy = "http://user:pass@127.0.0.1:" + std::to_string(proxy.port());
    client c{io, to("https://localhost:" + std::to_string(s->port())), options};

    EXPECT_EQ(send(c, get_request("/x")).value().body.view(), "/x");
    EXPECT_EQ(send(c, get_request("/y")).value().body.view(), "/y");
    EXPECT_EQ(proxy.accepted(), 1);
  }
  const auto authority = "localhost:" + std::to_string(s->port());
  EXPECT_EQ(head, "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority
                      + "\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n");
}

TEST(proxy, the_certificate_is_checked_against_the_origin_not_the_proxy) {
  runtime io{2};
  server_options with_tls;
  with_tls.tls = true;
  const auto s = serve(
      io, [](server_request, responder done) { done({}); }, with_tls);
  const temporary_file ca{s->certificate_pem()};
  std::string head;
  raw_server proxy{tunnel(s->port(), head)};
  client_options options;
  options.ca_file = ca.path();
  options.proxy = proxy.url();
  client c{io, to("https://elsewhere.example"), options};

  const auto answer = send(c);

  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().detail.find("not made for host \"elsewhere.example\""),
            std::string::npos)
      << answer.error().detail;
}

TEST(proxy, a_refused_tunnel_is_unavailable_and_says_why) {
  runtime io;
  raw_server proxy{[](raw_socket& peer, int) {
    peer.read_head();
    peer.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\n\r\nlogin");
  }};
  client_options options;
  options.proxy = proxy.url();
  client c{io, to("https://a.example"), options};

  const auto answer = send(c);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
  EXPECT_NE(answer.error().detail.find("407"), std::string::npos);
  EXPECT_NE(answer.error().detail.find(proxy.url()), std::string::npos);
}

TEST(proxy, plain_http_takes_the_absolute_form) {
  runtime io;
  std::string head;
  {
    raw_server proxy{[&](raw_socket& peer, int) {
      head = peer.read_head();
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }};
    client_options options;
    options.proxy = "http://u:p@127.0.0.1:" + std::to_string(proxy.port());
    client c{io, to("http://a.example:8080"), options};
    EXPECT_TRUE(send(c, get_request("/x?y")));
  }
  EXPECT_EQ(head, "GET http://a.example:8080/x?y HTTP/1.1\r\nHost: a.example:8080\r\n"
                  "Proxy-Authorization: Basic dTpw\r\n\r\n");
}

TEST(proxy, a_bad_proxy_setting_fails_every_request_with_a_reason) {
  runtime io;
  client_options options;
  options.proxy = "gopher://p";
  client c{io, to("http://a.example"), options};

  const auto answer = send(c);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::rejected);
  EXPECT_NE(answer.error().detail.find("proxy: "), std::string::npos);
}

} // namespace

} // namespace feedcast::http::testing
