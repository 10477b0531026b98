#include "fake_network.hpp"
#include "feeds/cosmos/account.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

using namespace std::chrono_literals;
using test::account_answer;
using test::fake_network;
using test::reply;
using test::scripted;
using test::sent_request;

namespace {

/// An account that takes one token, and an issuer that gives out `t1`, `t2`...
class account_credential_test : public testing::Test {
 protected:
  account_credential_test() {
    issuer_->answer = [this](const sent_request&) -> scripted {
      if (!issuing_)
        return make_error(errc::unavailable, "connection refused");
      ++issued_;
      return reply(200, {},
                   R"({"expires_in":3600,"access_token":"t)" + std::to_string(issued_) + "\"}");
    };
    network_->answer = [this](const sent_request& s) -> scripted {
      if (s.request.headers.get("authorization") != "type%3Daad%26ver%3D1.0%26sig%3D" + good_)
        return reply(401, {}, R"({"message":"the token is revoked"})");
      if (s.request.target == "/")
        return account_answer({{"West US", 8081}});
      return reply(status_, {}, "{}");
    };
    settings::account_config config;
    config.endpoint = "http://127.0.0.1:8081/";
    config.aad = settings::aad_config{};
    config.aad->tenant = "t";
    config.aad->client_id = "c";
    config.aad->client_secret = settings::secret{"hunter2"};
    config.aad->authority = "http://127.0.0.1:9/";
    auto options = test::local_account();
    options.key = {};
    options.credential = *make_credential(config, fake_network::factory(issuer_), {}, clock_);
    account_ = *account::open(std::move(options), fake_network::factory(network_), clock_);
  }

  result<http::response> send() {
    result<http::response> out = make_error(errc::internal, "no answer");
    account_->send(collection_ref::make("db", "c")->read(), access::read, 3s,
                   [&](result<http::response> r) { out = std::move(r); });
    return out;
  }

  std::shared_ptr<fake_network> network_ = std::make_shared<fake_network>();
  std::shared_ptr<fake_network> issuer_ = std::make_shared<fake_network>();
  test::manual_clock clock_;
  bool issuing_ = true;
  int issued_ = 0;
  std::string good_ = "t1"; ///< the token that the account takes
  unsigned status_ = 200;
  std::shared_ptr<account> account_;
};

} // namespace

TEST_F(account_credential_test, one_token_serves_the_account_document_and_all_calls) {
  EXPECT_TRUE(send().has_value());
  EXPECT_TRUE(send().has_value());
  EXPECT_EQ(issued_, 1);
}

TEST_F(account_credential_test, a_revoked_token_is_replaced_within_the_call) {
  EXPECT_TRUE(send().has_value());
  clock_.advance(1min);
  good_ = "t2";
  EXPECT_TRUE(send().has_value());
  EXPECT_EQ(issued_, 2);
}

TEST_F(account_credential_test, an_account_that_refuses_every_token_is_not_a_reason_for_a_storm) {
  EXPECT_TRUE(send().has_value());
  clock_.advance(1min);
  good_ = "none";
  for (int i = 0; i < 10; ++i) {
    const auto r = send();
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, errc::unauthorized);
  }
  EXPECT_EQ(issued_, 2);
}

TEST_F(account_credential_test, a_missing_role_asks_for_no_other_token) {
  EXPECT_TRUE(send().has_value());
  clock_.advance(1min);
  status_ = 403;
  EXPECT_EQ(send().error().code, errc::forbidden);
  EXPECT_EQ(issued_, 1);
}

TEST_F(account_credential_test, an_issuer_that_is_down_is_named_and_no_secret_is) {
  issuing_ = false;
  const auto r = send();
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, errc::unavailable);
  EXPECT_NE(r.error().detail.find("the token endpoint http://127.0.0.1:9: connection refused"),
            std::string::npos)
      << r.error().detail;
  EXPECT_EQ(r.error().detail.find("hunter2"), std::string::npos);
  EXPECT_TRUE(network_->sent.empty()) << "nothing is sent without a token";
  issuing_ = true;
  clock_.advance(2s);
  EXPECT_TRUE(send().has_value());
}

TEST_F(account_credential_test, an_outage_of_the_issuer_is_not_noticed_while_the_token_lasts) {
  EXPECT_TRUE(send().has_value());
  issuing_ = false;
  for (auto i = 0; i < 59; ++i) {
    clock_.advance(1min);
    EXPECT_TRUE(send().has_value()) << i;
  }
  clock_.advance(1min);
  EXPECT_FALSE(send().has_value());
}

} // namespace feedcast::cosmos
