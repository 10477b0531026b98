// From an empty or foreign lease store to the first page.
#include "tests/support/actor_fixture.hpp"

namespace feedcast::testing {
namespace {

/// Half a second of changes, ten at a time.
void stream(actor_world& w, const std::string& prefix, int rounds = 5) {
  for (int i = 0; i < rounds; ++i) {
    w.truth.append_many(prefix + std::to_string(i) + "-", 10);
    w.pass(100ms);
  }
}

TEST(bootstrap, now_is_resolved_and_stored_before_the_first_page_is_asked_for) {
  actor_world w{start_at::now};
  w.truth.one_range("0");
  w.truth.append_many("old", 5);
  std::size_t asked = 0;
  w.feed.refuse = [&](const auto& r) -> std::optional<error> {
    if (asked++ == 0) {
      EXPECT_EQ(std::get<start_point>(r.from).from, start_point::kind::now);
    } else {
      EXPECT_TRUE(std::holds_alternative<continuation>(r.from));
      EXPECT_EQ(w.stored("0"), 5U) << "read before its position was stored";
    }
    return std::nullopt;
  };
  w.start();
  EXPECT_GE(asked, 2U);
  EXPECT_TRUE(w.leases.state.initialised);
  w.truth.append_many("new", 5);
  EXPECT_TRUE(w.settle());
  EXPECT_EQ(w.kafka.count("old0"), 0U);
}

TEST(bootstrap, now_means_the_moment_of_the_first_start_also_after_a_restart) {
  actor_world w{start_at::now};
  w.truth.one_range("0");
  w.start();
  w.kill();
  w.truth.append_many("missed", 5);
  w.start();
  EXPECT_TRUE(w.settle());
  EXPECT_EQ(w.kafka.count("missed0"), 1U);
}

TEST(bootstrap, stored_position_is_where_reading_goes_on) {
  actor_world w{start_at::now};
  w.truth.one_range("0");
  w.truth.append_many("a", 10);
  w.leases.state = {true, w.clock.wall()};
  w.leases.put("0", "", 7, w.clock.wall());
  w.start();
  EXPECT_EQ(w.feed.fetches.front().from, read_position{ledger::token(7)});
  EXPECT_TRUE(w.settle());
  EXPECT_EQ(w.kafka.produced.size(), 3U);
}

TEST(bootstrap, lease_without_a_position_gets_one_before_it_is_read) {
  // As another library leaves it when it is stopped during its first start.
  actor_world w{start_at::now};
  w.truth.one_range("0");
  w.truth.append_many("old", 3);
  w.leases.put("0", "", std::nullopt, w.clock.wall());
  w.start();
  w.pass(1s);
  EXPECT_EQ(w.stored("0"), 3U);
  w.truth.append_many("new", 3);
  EXPECT_TRUE(w.settle(10s));
  EXPECT_EQ(w.kafka.count("new0"), 1U);
  EXPECT_EQ(w.kafka.count("old0"), 0U);
}

TEST(bootstrap, lease_of_another_owner_is_left_alone_until_it_expires) {
  actor_world w{start_at::now};
  w.truth.one_range("0");
  w.truth.append_many("a", 10);
  w.leases.state = {true, w.clock.wall()};
  w.leases.put("0", "other", 4, w.clock.wall());
  w.start();
  w.pass(59s, 50ms);
  EXPECT_TRUE(w.feed.fetches.empty());
  EXPECT_EQ(w.leases.leases.at("0").owner, "other");
  w.pass(10s);
  EXPECT_EQ(w.leases.leases.at("0").owner, "me");
  EXPECT_EQ(w.feed.fetches.front().from, read_position{ledger::token(4)});
  EXPECT_TRUE(w.settle());
}

TEST(bootstrap, store_that_does_not_answer_for_minutes_only_delays) {
  actor_world w{start_at::now};
  w.truth.one_range("0");
  w.leases.fault = [](const auto&) { return store_fault::fail; };
  w.start();
  w.pass(180s, 50ms);
  const auto reason = w.health.snapshot().processors.at({"eu", "whisks"}).summary.reason;
  EXPECT_NE(reason.find("lease store fail"), std::string::npos) << reason;
  EXPECT_LT(w.leases.calls.size(), 40U) << "it has to back off";
  w.leases.fault = nullptr;
  EXPECT_TRUE(w.pass_until([&] { return w.leases.leases.contains("0"); }));
  stream(w, "a");
  EXPECT_TRUE(w.settle());
}

TEST(bootstrap, ranges_that_can_not_be_read_only_delay) {
  actor_world w;
  w.truth.one_range("0");
  w.truth.append_many("a", 3);
  w.feed.refuse_ranges = [] { return make_error(errc::unauthorized, "key was refused"); };
  w.start();
  w.pass(60s, 50ms);
  EXPECT_TRUE(w.kafka.produced.empty());
  w.feed.refuse_ranges = nullptr;
  EXPECT_TRUE(w.settle());
}

TEST(bootstrap, marker_holds_a_time_before_any_start_was_resolved) {
  actor_world w{start_at::now};
  w.truth.one_range("0");
  w.leases.fault = [](const lease_table::call& c) {
    return c.what == "mark" ? store_fault::fail : store_fault::none;
  };
  const auto begin = w.clock.wall();
  w.start();
  w.pass(30s);
  w.leases.fault = nullptr;
  ASSERT_TRUE(w.pass_until([&] { return w.leases.state.initialised; }));
  EXPECT_EQ(w.leases.state.started_at, begin);
}

TEST(bootstrap, marker_of_a_second_try_promises_nothing_about_the_first) {
  actor_world w{start_at::now};
  w.truth.add_range("0", {0, 1, 2, 3});
  w.truth.add_range("1", {4, 5, 6, 7});
  w.leases.fault = [&](const lease_table::call& c) {
    return c.what == "create" && w.leases.count("create") == 2 ? store_fault::raise
                                                               : store_fault::none;
  };
  w.start();
  w.pass(40s, 50ms); // until the lock of the first try has ended
  ASSERT_TRUE(w.leases.state.initialised);
  EXPECT_EQ(w.leases.state.started_at, wall_time{}) << "range 0 was begun at a time nobody knows";
}

struct step_fault {
  const char* name;
  store_fault kind;
  std::size_t in_a_row;
};

class bootstrap_steps : public ::testing::TestWithParam<step_fault> {};

TEST_P(bootstrap_steps, fault_at_any_call_of_the_store_loses_nothing) {
  std::size_t calls = 1;
  for (std::size_t n = 0; n < calls; ++n) {
    SCOPED_TRACE("fault at call " + std::to_string(n));
    actor_world w{start_at::now};
    w.truth.add_range("0", {0, 1, 2, 3});
    w.truth.add_range("1", {4, 5, 6, 7});
    w.truth.append_many("old", 5);
    w.leases.fault = [&](const lease_table::call& c) {
      const bool hit = c.number >= n && c.number < n + GetParam().in_a_row;
      return hit ? GetParam().kind : store_fault::none;
    };
    w.start();
    stream(w, "a");
    stream(w, "b", 20);
    EXPECT_TRUE(w.settle());
    EXPECT_TRUE(w.pass_until([&] { return w.stored("0") + w.stored("1") >= w.truth.size(); }));
    EXPECT_EQ(w.leases.leases.at("0").owner, "me");
    EXPECT_EQ(w.leases.leases.at("1").owner, "me");
    EXPECT_EQ(w.change_outcomes(), w.probe.feed_items.value());
    // The first world tells how many calls there are to hit.
    if (n == 0)
      calls = std::min<std::size_t>(w.leases.calls.size(), 12);
  }
}

INSTANTIATE_TEST_SUITE_P(store, bootstrap_steps,
                         ::testing::Values(step_fault{"fails", store_fault::fail, 1},
                                           step_fault{"fails_thrice", store_fault::fail, 3},
                                           step_fault{"loses_reply", store_fault::lose_reply, 1},
                                           step_fault{"loses_two", store_fault::lose_reply, 2},
                                           step_fault{"throws", store_fault::raise, 1},
                                           step_fault{"throws_thrice", store_fault::raise, 3}),
                         [](const auto& given) { return std::string{given.param.name}; });

} // namespace
} // namespace feedcast::testing
