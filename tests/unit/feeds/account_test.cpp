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

class account_test : public testing::Test {
 protected:
  account_test() {
    network_->answer = [this](const sent_request& s) -> scripted {
      if (s.request.target == "/")
        return document_;
      return call_answer_;
    };
  }

  void open(test::fake_network::server_function answer = {}) {
    if (answer)
      network_->answer = std::move(answer);
    account_ = *account::open(options_, fake_network::factory(network_), clock_);
  }

  result<http::response> send(access how = access::read) {
    result<http::response> out = make_error(errc::internal, "no answer");
    account_->send(collection_ref::make("db", "c")->read(), how, 3s,
                   [&](result<http::response> r) { out = std::move(r); });
    return out;
  }

  std::size_t readings() const { return network_->sent.size() - network_->calls().size(); }

  std::shared_ptr<fake_network> network_ = std::make_shared<fake_network>();
  test::manual_clock clock_;
  account_options options_ = test::local_account();
  scripted document_ = account_answer({{"West US", 8081}, {"West Europe", 8082}});
  scripted call_answer_ = reply(200, {}, "{}");
  std::shared_ptr<account> account_;
};

} // namespace

TEST_F(account_test, bad_options_are_refused_with_the_accounts_name) {
  const auto refused = [&](const char* endpoint, const char* key) {
    options_.endpoint = endpoint;
    options_.key = settings::secret{key};
    const auto a = account::open(options_, fake_network::factory(network_), clock_);
    return !a && a.error().code == errc::rejected && a.error().detail.starts_with("account main: ");
  };
  EXPECT_TRUE(refused("http://acme.documents.azure.com/", test::emulator_key));
  EXPECT_TRUE(refused("acme", test::emulator_key));
  EXPECT_TRUE(refused("https://acme.documents.azure.com/", "no base64"));
}

TEST_F(account_test, a_key_that_was_changed_is_used_from_the_first_refusal_on) {
  auto current = settings::secret{test::emulator_key};
  options_.reload_key = [&] { return current; };
  const auto with_new_key = settings::secret{"bmV3IGtleQ=="};
  std::string refused; // the authorization that is no longer good
  open([&](const sent_request& s) -> scripted {
    if (s.request.target == "/")
      return document_;
    if (refused.empty() || s.request.headers.get("authorization") == refused)
      return reply(401, {}, R"({"message":"wrong key"})");
    return reply(200, {}, "{}");
  });
  EXPECT_FALSE(send().has_value()) << "the file holds the old key";
  refused = network_->sent.back().request.headers.get("authorization");
  const auto before = network_->sent.size();
  current = with_new_key;
  EXPECT_TRUE(send().has_value());
  EXPECT_EQ(network_->sent.size(), before + 2) << "signed again, once";
  EXPECT_TRUE(send().has_value());
  EXPECT_EQ(network_->sent.size(), before + 3);
}

TEST_F(account_test, the_document_is_read_once_before_the_first_call) {
  open();
  EXPECT_FALSE(account_->endpoints().has_value());
  EXPECT_TRUE(send().has_value());
  EXPECT_TRUE(send().has_value());
  ASSERT_EQ(network_->sent.size(), 3U);
  EXPECT_EQ(network_->sent[0].request.target, "/");
  EXPECT_EQ(network_->sent[1].deadline, 3s);
}

TEST_F(account_test, reads_go_to_the_wanted_region_and_writes_to_the_write_region) {
  options_.regions = {"westeurope"};
  open();
  ASSERT_TRUE(send(access::read).has_value());
  EXPECT_EQ(network_->sent.back().server.port, 8082);
  ASSERT_TRUE(send(access::write).has_value());
  EXPECT_EQ(network_->sent.back().server.port, 8081);
}

TEST_F(account_test, calls_wait_together_for_one_reading) {
  open();
  network_->hold = true;
  int answers = 0;
  for (int i = 0; i < 3; ++i)
    account_->send(read_account(), access::read, 3s,
                   [&](const result<http::response>& r) { answers += r ? 1 : 0; });
  EXPECT_EQ(network_->sent.size(), 1U);
  network_->hold = false;
  network_->release();
  EXPECT_EQ(answers, 3);
  EXPECT_EQ(network_->sent.size(), 4U);
}

TEST_F(account_test, a_failing_first_reading_fails_the_calls_and_is_repeated_by_the_next) {
  document_ = make_error(errc::unavailable, "connection refused");
  open();
  const auto failed = send();
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, errc::unavailable);
  EXPECT_NE(failed.error().detail.find("account main"), std::string::npos);
  EXPECT_NE(failed.error().detail.find("connection refused"), std::string::npos);
  document_ = account_answer({{"West US", 8081}});
  EXPECT_TRUE(send().has_value());
}

TEST_F(account_test, the_document_is_read_again_when_it_is_old) {
  open();
  ASSERT_TRUE(send().has_value());
  clock_.advance(4min);
  ASSERT_TRUE(send().has_value());
  EXPECT_EQ(readings(), 1U);
  clock_.advance(1min);
  ASSERT_TRUE(send().has_value());
  EXPECT_EQ(readings(), 2U);
}

TEST_F(account_test, a_failing_rereading_keeps_the_known_regions) {
  options_.regions = {"West Europe"};
  open();
  ASSERT_TRUE(send().has_value());
  document_ = make_error(errc::timeout, "no answer");
  clock_.advance(6min);
  EXPECT_TRUE(send().has_value());
  EXPECT_EQ(account_->endpoints()->read.region, "West Europe");
}

TEST_F(account_test, signs_of_a_moved_region_set_off_a_reading) {
  const scripted signs[] = {
      reply(403, {{"x-ms-substatus", "3"}}),
      reply(403, {{"x-ms-substatus", "1008"}}),
      make_error(errc::unavailable, "connection refused"),
  };
  open();
  ASSERT_TRUE(send().has_value());
  for (const auto& sign : signs) {
    clock_.advance(2s);
    const auto before = readings();
    call_answer_ = sign;
    EXPECT_EQ(send().error().code, errc::unavailable);
    EXPECT_EQ(readings(), before + 1);
  }
  const auto before = readings();
  ASSERT_FALSE(send().has_value());
  EXPECT_EQ(readings(), before) << "many failures at once are one doubt";
}

TEST_F(account_test, transient_failures_never_move_a_read) {
  open();
  ASSERT_TRUE(send().has_value());
  for (const auto status : {429U, 500U, 503U, 408U, 404U}) {
    clock_.advance(2s);
    call_answer_ = reply(status, {{"x-ms-substatus", status == 404U ? "1002" : "0"}});
    ASSERT_FALSE(send().has_value());
    EXPECT_EQ(network_->sent.back().server.port, 8081);
  }
  EXPECT_EQ(readings(), 1U);
}

TEST_F(account_test, a_new_document_moves_reads) {
  open();
  ASSERT_TRUE(send().has_value());
  EXPECT_EQ(network_->sent.back().server.port, 8081);
  call_answer_ = make_error(errc::unavailable, "down");
  document_ = account_answer({{"West Europe", 8082}});
  clock_.advance(2s);
  ASSERT_FALSE(send().has_value());
  call_answer_ = reply(200, {}, "{}");
  ASSERT_TRUE(send().has_value());
  EXPECT_EQ(network_->sent.back().server.port, 8082);
}

TEST_F(account_test, any_region_can_tell_about_the_account) {
  open([this](const sent_request& s) -> scripted {
    if (s.server.port == 8081 && clock_.steady() > steady_time{1h})
      return make_error(errc::unavailable, "down");
    if (s.request.target == "/")
      return account_answer({{"West Europe", 8082}});
    return reply(200, {}, "{}");
  });
  document_ = account_answer({{"West US", 8081}, {"West Europe", 8082}});
  ASSERT_TRUE(send().has_value());
  clock_.advance(6min);
  EXPECT_TRUE(send().has_value());
  EXPECT_EQ(account_->endpoints()->read.region, "West Europe");
  EXPECT_EQ(network_->sent.back().server.port, 8082);
}

TEST_F(account_test, at_the_first_start_wanted_regions_are_asked_by_their_usual_name) {
  options_.endpoint = "https://acme.documents.azure.com:443/";
  options_.regions = {"West Europe"};
  open([](const sent_request& s) -> scripted {
    if (s.server.host == "acme.documents.azure.com")
      return make_error(errc::unavailable, "down");
    return reply(200, {}, R"({"writableLocations":[],"readableLocations":[
      {"name":"West Europe","databaseAccountEndpoint":"https://acme-westeurope.documents.azure.com:443/"}]})");
  });
  EXPECT_TRUE(send().has_value());
  EXPECT_EQ(network_->sent.back().server.host, "acme-westeurope.documents.azure.com");
}

TEST_F(account_test, a_document_naming_a_foreign_host_sends_nothing_there) {
  document_ = reply(200, {}, R"({"writableLocations":[],"readableLocations":[
    {"name":"x","databaseAccountEndpoint":"https://evil.example/"}]})");
  open();
  const auto refused = send();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, errc::rejected);
  for (const auto& s : network_->sent)
    EXPECT_EQ(s.server.host, "127.0.0.1");
}

TEST_F(account_test, a_wrong_clock_is_mended_within_the_call) {
  open([](const sent_request& s) -> scripted {
    if (s.request.headers.get("x-ms-date") != "Thu, 01 Jan 2026 00:20:00 GMT")
      return reply(403, {{"date", "Thu, 01 Jan 2026 00:20:00 GMT"}});
    if (s.request.target == "/")
      return account_answer({{"West US", 8081}});
    return reply(200, {}, "{}");
  });
  EXPECT_TRUE(send().has_value());
  EXPECT_EQ(account_->clock_offset(), 20min);
  EXPECT_EQ(network_->sent.size(), 3U);
}

TEST_F(account_test, a_refusal_for_another_reason_is_not_repeated) {
  open();
  ASSERT_TRUE(send().has_value());
  const auto before = network_->sent.size();
  call_answer_ = reply(401, {{"date", "Thu, 01 Jan 2026 00:00:00 GMT"}});
  EXPECT_EQ(send().error().code, errc::unauthorized);
  EXPECT_EQ(network_->sent.size(), before + 1);
}

TEST_F(account_test, errors_name_request_and_server) {
  open();
  call_answer_ = reply(404);
  EXPECT_NE(send().error().detail.find("GET /dbs/db/colls/c at http://127.0.0.1:8081"),
            std::string::npos);
}

TEST_F(account_test, after_destruction_no_answer_comes) {
  open();
  ASSERT_TRUE(send().has_value());
  network_->hold = true;
  int answers = 0;
  account_->send(read_account(), access::read, 3s,
                 [&](const result<http::response>&) { ++answers; });
  account_.reset();
  network_->release();
  EXPECT_EQ(answers, 0);
}

TEST_F(account_test, destroying_it_while_the_document_is_read_leaves_nothing_behind) {
  open();
  network_->hold = true;
  auto token = std::make_shared<int>(0);
  account_->send(read_account(), access::read, 3s,
                 [token](const result<http::response>&) { ++*token; });
  account_.reset();
  network_->release();
  EXPECT_EQ(*token, 0);
  EXPECT_EQ(token.use_count(), 1) << "account and waiting call keep each other alive";
}

} // namespace feedcast::cosmos
