#include "feeds/cosmos/http_transport.hpp"
#include "http/server.hpp"
#include "tests/contract/await.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

TEST(http_transport, carries_a_request_to_a_real_server_and_back) {
  http::runtime io;
  auto server =
      http::server::start(io, {}, [](http::server_request r, const http::responder& done) {
        http::server_response answer;
        answer.status = 304;
        answer.headers.set("etag", "\"7\"");
        answer.headers.set("x-seen", r.path + ' ' + std::string{r.message.headers.get("a-im")});
        done(std::move(answer));
      });
  ASSERT_TRUE(server.has_value());
  http::client_options options;
  options.proxy = "none";
  const auto wire = http_transports(io, options)(*http::parse_origin((*server)->url()));
  http::request r;
  r.target = "/dbs/ow/colls/whisks/docs";
  r.headers.set("a-im", "Incremental Feed");
  const auto answer = test::await<http::response>(
      [&](auto done) { wire->send(r, std::chrono::seconds{5}, std::move(done)); });
  ASSERT_TRUE(answer.has_value()) << answer.error().detail;
  EXPECT_EQ(answer->status, 304U);
  EXPECT_EQ(answer->headers.get("etag"), "\"7\"");
  EXPECT_EQ(answer->headers.get("x-seen"), "/dbs/ow/colls/whisks/docs Incremental Feed");
}

} // namespace feedcast::cosmos
