#include "fake_network.hpp"
#include "feeds/tokens/token_source.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace feedcast::tokens {

using namespace std::chrono_literals;

namespace {

/// A source whose fetches wait until the test answers them.
class token_source_test : public testing::Test {
 protected:
  void answer(result<fetched_token> r) {
    ASSERT_FALSE(asked_.empty());
    auto done = std::move(asked_.front());
    asked_.erase(asked_.begin());
    done(std::move(r));
  }

  void answer(std::string value, milliseconds lifetime = 1h) {
    answer(fetched_token{std::move(value), lifetime});
  }

  /// What a caller is told by now: the token, "error: ..." or "" for nothing yet.
  std::shared_ptr<std::string> get() {
    return told([&](auto done) { source_->get(std::move(done)); });
  }

  std::shared_ptr<std::string> renewed() {
    return told([&](auto done) { source_->renewed(std::move(done)); });
  }

  template <class Call>
  std::shared_ptr<std::string> told(Call call) {
    auto out = std::make_shared<std::string>();
    call([this, out](const result<token_ptr>& t) {
      ++answers_;
      *out = t ? (*t)->value : "error: " + t.error().detail;
      if (t)
        last_ = *t;
    });
    return out;
  }

  test::manual_clock clock_;
  std::vector<callback<fetched_token>> asked_;
  int fetches_ = 0;
  int answers_ = 0;
  token_ptr last_;
  std::shared_ptr<token_source> source_ = token_source::make(
      "test",
      [this](callback<fetched_token> done) {
        ++fetches_;
        asked_.push_back(std::move(done));
      },
      clock_);
};

} // namespace

TEST_F(token_source_test, many_callers_wait_for_one_fetch) {
  const auto first = get();
  const auto second = get();
  EXPECT_EQ(fetches_, 1);
  EXPECT_EQ(*first + *second, "");
  answer("a");
  EXPECT_EQ(*first, "a");
  EXPECT_EQ(*second, "a");
  EXPECT_EQ(*get(), "a");
  EXPECT_EQ(fetches_, 1);
  EXPECT_EQ(answers_, 3);
}

TEST_F(token_source_test, is_renewed_at_two_thirds_of_its_life_while_callers_go_on) {
  get();
  answer("a", 1h);
  clock_.advance(33min); // two thirds less the longest jitter are 34
  get();
  EXPECT_EQ(fetches_, 1);
  clock_.advance(8min);
  EXPECT_EQ(*get(), "a") << "nobody waits for a renewal";
  EXPECT_EQ(fetches_, 2);
  EXPECT_EQ(*get(), "a");
  EXPECT_EQ(fetches_, 2) << "one at a time";
  answer("b");
  EXPECT_EQ(*get(), "b");
}

TEST_F(token_source_test, jitters_so_that_instances_drift_apart) {
  std::vector<std::int64_t> renewals;
  for (int i = 0; i < 20; ++i) {
    int fetches = 0;
    const auto source = token_source::make(
        "test",
        [&](const callback<fetched_token>& done) {
          ++fetches;
          done(fetched_token{"t", 1h});
        },
        clock_);
    const auto start = clock_.steady();
    while (fetches < 2) {
      source->get([](const auto& /*token*/) {});
      clock_.advance(5s);
    }
    const auto after = clock_.steady() - start;
    EXPECT_GE(after, 34min);
    EXPECT_LE(after, 41min);
    renewals.push_back(after.count());
  }
  std::sort(renewals.begin(), renewals.end());
  EXPECT_GT(std::unique(renewals.begin(), renewals.end()) - renewals.begin(), 5);
}

TEST_F(token_source_test, a_renewal_that_fails_keeps_the_token_and_is_tried_again_with_pauses) {
  get();
  answer("a", 1h);
  clock_.advance(41min);
  EXPECT_EQ(*get(), "a");
  answer(make_error(errc::unavailable, "down"));
  EXPECT_EQ(*get(), "a");
  EXPECT_EQ(fetches_, 2) << "a pause comes first";
  clock_.advance(1s);
  EXPECT_EQ(*get(), "a");
  EXPECT_EQ(fetches_, 3);
  answer(make_error(errc::unavailable, "down"));
  clock_.advance(2s);
  get();
  EXPECT_EQ(fetches_, 4);
  answer("b");
  EXPECT_EQ(*get(), "b");
}

TEST_F(token_source_test, an_expired_token_is_never_given_out) {
  get();
  answer("a", 1h);
  clock_.advance(60min - 9s); // ten seconds early: the request takes its time, too
  const auto waiting = get();
  EXPECT_EQ(*waiting, "");
  answer(make_error(errc::unavailable, "down"));
  EXPECT_EQ(*waiting, "error: test: down");
  EXPECT_EQ(*get(), "error: test: down") << "in the pause nobody is asked";
  EXPECT_EQ(fetches_, 2);
  clock_.advance(1s);
  const auto again = get();
  answer("b");
  EXPECT_EQ(*again, "b");
}

TEST_F(token_source_test, a_wait_that_the_other_side_asks_for_is_honoured) {
  get();
  answer(error{errc::throttled, "slow down", 30s});
  clock_.advance(29s);
  get();
  EXPECT_EQ(fetches_, 1);
  clock_.advance(1s);
  get();
  EXPECT_EQ(fetches_, 2);
}

TEST_F(token_source_test, a_refused_token_is_replaced_once) {
  get();
  answer("a");
  clock_.advance(31s);
  EXPECT_EQ(*get(), "a");
  const auto refused = last_;
  EXPECT_TRUE(source_->refused(refused));
  EXPECT_TRUE(source_->refused(refused)) << "a second call that was sent with it may go again, too";
  const auto next = get();
  EXPECT_EQ(fetches_, 2);
  answer("b");
  EXPECT_EQ(*next, "b");
  EXPECT_TRUE(source_->refused(refused)) << "another one is there by now";
  EXPECT_FALSE(source_->refused(last_)) << "it is fresh: its successor would fare no better";
  EXPECT_EQ(*get(), "b");
  EXPECT_EQ(fetches_, 2);
}

TEST_F(token_source_test, who_asks_seldom_waits_for_a_renewal_that_is_due) {
  get();
  answer("a", 1h);
  EXPECT_EQ(*renewed(), "a");
  clock_.advance(41min);
  const auto one = renewed();
  EXPECT_EQ(*one, "");
  answer("b", 1h);
  EXPECT_EQ(*one, "b");
  clock_.advance(41min);
  const auto other = renewed();
  answer(make_error(errc::timeout, "slow"));
  EXPECT_EQ(*other, "b") << "better the old one than none";
}

TEST_F(token_source_test, a_token_says_when_it_ends_in_both_clocks) {
  get();
  answer("a", 100s);
  get();
  EXPECT_EQ(last_->expires, clock_.steady() + 90s);
  EXPECT_EQ(last_->expires_at, clock_.wall() + 90s);
}

TEST_F(token_source_test, an_answer_to_a_source_that_is_gone_goes_nowhere) {
  const auto waiting = get();
  source_.reset();
  answer("a");
  EXPECT_EQ(*waiting, "");
}

} // namespace feedcast::tokens
