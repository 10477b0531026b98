#include "sink_driver.hpp"
#include "sinks/kafka/config.hpp"
#include "sinks/kafka/topic.hpp"

#include <gmock/gmock.h>

#include <atomic>

namespace feedcast::kafka {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

/// The mock brokers know no SASL, so that no login succeeds here: tests/kafka has brokers that do.
struct token_login_test : mock_cluster_test {
  token_login_test() {
    options.properties["security.protocol"] = "SASL_PLAINTEXT";
    options.tokens.get = [this](callback<bearer_token> done) {
      ++asked;
      done(answer);
    };
    options.tokens.refused = [this] { ++refused; };
  }

  static bearer_token token(std::chrono::seconds lifetime) {
    return {"hunter2", std::chrono::system_clock::now() + lifetime, "me", {"logicalCluster", "x"}};
  }

  std::atomic<int> asked = 0;
  std::atomic<int> refused = 0;
  result<bearer_token> answer = token(1h);
};

TEST_F(token_login_test, a_client_asks_as_soon_as_it_is_there) {
  sink_driver sink{options};
  EXPECT_TRUE(sink.poll_until([&] { return asked > 0; }));
}

TEST_F(token_login_test, says_why_there_is_no_token) {
  answer = make_error(errc::unauthorized, "the token endpoint answered 401");
  const auto facts = probe_topic(options, 10s);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, errc::unauthorized) << facts.error().detail;
  EXPECT_THAT(facts.error().detail, HasSubstr("no token: the token endpoint answered 401"));
  EXPECT_THAT(facts.error().detail, HasSubstr("login refused"));
}

TEST_F(token_login_test, does_not_show_a_token_that_is_refused) {
  answer = token(-1h);
  const auto facts = probe_topic(options, 10s);
  ASSERT_FALSE(facts);
  EXPECT_THAT(facts.error().detail, HasSubstr("does not take the token"));
  EXPECT_THAT(facts.error().detail, Not(HasSubstr("hunter2")));
}

TEST_F(token_login_test, an_answer_after_the_end_goes_nowhere) {
  callback<bearer_token> late;
  std::mutex mutex;
  options.tokens.get = [&](callback<bearer_token> done) {
    const std::lock_guard lock{mutex};
    late = std::move(done);
    ++asked;
  };
  {
    sink_driver sink{options};
    EXPECT_TRUE(sink.poll_until([&] { return asked > 0; }));
  }
  const std::lock_guard lock{mutex};
  late(token(1h));
}

} // namespace
} // namespace feedcast::kafka
