#include "fake_network.hpp"
#include "feeds/cosmos/http_transport.hpp"
#include "feeds/tokens/client_credentials.hpp"
#include "http/server.hpp"
#include "tests/contract/await.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace feedcast::tokens {

using namespace std::chrono_literals;

namespace {

/// A token endpoint on loopback, and a client of it.
class client_credentials_test : public testing::Test {
 protected:
  client_credentials_test() {
    server_ = *http::server::start(
        io_, {}, [this](const http::server_request& r, const http::responder& done) {
          seen_ = r.message;
          http::server_response answer;
          answer.status = status_;
          answer.body = body_;
          answer.delay = delay_;
          done(std::move(answer));
        });
  }

  result<fetched_token> fetch(milliseconds deadline = 10s) {
    http::client_options options;
    options.proxy = "none";
    auto endpoint = *parse_token_endpoint(server_->url() + "/oauth/token");
    const auto wire = cosmos::http_transports(io_, options)(endpoint.server);
    const auto ask =
        client_credentials({endpoint, "me:&", secret_, "kafka"},
                           [wire, deadline](http::request r, callback<http::response> done) {
                             wire->send(std::move(r), deadline, std::move(done));
                           });
    return test::await<fetched_token>([&](auto done) { ask(std::move(done)); });
  }

  http::runtime io_;
  http::request seen_;
  unsigned status_ = 200;
  std::string body_ = R"({"access_token":"abc","expires_in":300,"token_type":"bearer"})";
  milliseconds delay_{0};
  settings::secret secret_{"hunter 2"};
  std::unique_ptr<http::server> server_;
};

} // namespace

TEST_F(client_credentials_test, fetch_a_token) {
  const auto token = fetch();
  ASSERT_TRUE(token) << token.error().detail;
  EXPECT_EQ(token->value, "abc");
  EXPECT_EQ(token->lifetime, 300s);
  EXPECT_EQ(seen_.method, "POST");
  EXPECT_EQ(seen_.target, "/oauth/token");
  EXPECT_EQ(seen_.body, "grant_type=client_credentials&scope=kafka");
  EXPECT_EQ(seen_.headers.get("authorization"), "Basic bWUlM0ElMjY6aHVudGVyJTIwMg==")
      << "id and secret are percent-encoded before base64, as RFC 6749 has it";
}

TEST_F(client_credentials_test, read_the_secret_for_every_token) {
  const test::temporary_folder folder;
  folder.write("secret", "old");
  secret_ = settings::secret{"old", folder.file("secret")};
  ASSERT_TRUE(fetch());
  const std::string old{seen_.headers.get("authorization")};
  folder.write("secret", "new\n");
  ASSERT_TRUE(fetch());
  EXPECT_NE(seen_.headers.get("authorization"), old);
}

TEST_F(client_credentials_test, say_what_is_wrong_and_no_secret) {
  status_ = 401;
  body_ = R"({"error":"invalid_client","error_description":"hunter 2 is wrong"})";
  auto token = fetch();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, errc::unauthorized);
  EXPECT_NE(token.error().detail.find("(invalid_client): check client_id and client_secret"),
            std::string::npos);
  EXPECT_EQ(token.error().detail.find("hunter"), std::string::npos);
  status_ = 400;
  body_ = R"({"error":"invalid_scope"})";
  EXPECT_NE(fetch().error().detail.find("check scope"), std::string::npos);
  status_ = 503;
  EXPECT_EQ(fetch().error().code, errc::unavailable);
  status_ = 200;
  body_ = "<html>";
  EXPECT_EQ(fetch().error().code, errc::malformed);
}

TEST_F(client_credentials_test, give_up_on_an_endpoint_that_does_not_answer) {
  delay_ = 1h;
  EXPECT_EQ(fetch(50ms).error().code, errc::timeout);
}

} // namespace feedcast::tokens
