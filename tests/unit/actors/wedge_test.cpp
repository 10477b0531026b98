// What is waited for never comes: no page, no error, no sign of life. It is noticed and mended.
#include "tests/support/actor_fixture.hpp"

namespace feedcast::testing {
namespace {

using metrics::actor_kind;
using metrics::restart_reason;

constexpr const char* partition_path = "target eu / collection whisks / partition 0";

struct silent_world : actor_world {
  silent_world() {
    truth.one_range("0");
    truth.append_many("a-", 20);
  }

  metrics::actor_health seen(const std::string& path) const {
    const auto all = health.snapshot().actors;
    const auto at = all.find(path);
    return at == all.end() ? metrics::actor_health{} : at->second;
  }

  void expect_all_delivered() {
    EXPECT_TRUE(settle());
    pass(3s);
    EXPECT_EQ(stored("0"), truth.size());
    EXPECT_FALSE(ended);
  }
};

TEST(wedge, fetch_that_is_never_answered_is_given_up_and_asked_of_another_source) {
  silent_world w;
  w.feed.hold = true;
  w.start();
  w.pass(59s);
  EXPECT_EQ(w.restarted(actor_kind::partition, restart_reason::stalled), 0);
  w.pass(4s);
  EXPECT_EQ(w.restarted(actor_kind::partition, restart_reason::stalled), 1);
  EXPECT_EQ(w.feed.opened, 2U);
  EXPECT_EQ(w.seen(partition_path).wedges, 1U);
  EXPECT_NE(w.seen(partition_path).last_error.find("neither page nor error"), std::string::npos);
  w.feed.hold = false;
  while (w.feed.held() > 0)
    w.feed.answer();
  w.expect_all_delivered();
}

TEST(wedge, slow_answers_are_no_wedge) {
  silent_world w;
  w.feed.page_limit = 4;
  w.feed.hold = true;
  w.start();
  for (int i = 0; i < 6; ++i) {
    w.pass(50s);
    w.feed.answer_all();
  }
  w.expect_all_delivered();
  EXPECT_EQ(w.restarted(actor_kind::partition, restart_reason::stalled), 0);
}

TEST(wedge, wedges_in_a_row_are_counted_until_a_long_life) {
  silent_world w;
  w.feed.hold = true;
  w.start();
  EXPECT_TRUE(w.pass_until([&] { return w.seen(partition_path).wedges == 3; }, 300s));
  w.feed.hold = false;
  w.feed.answer_all();
  w.expect_all_delivered();
  w.pass(16min, 50ms);
  w.feed.hold = true;
  EXPECT_TRUE(w.pass_until([&] { return w.seen(partition_path).wedges == 1; }, 120s));
}

TEST(wedge, lease_store_that_never_answers_is_opened_anew) {
  silent_world w;
  w.leases.hold = true;
  w.start();
  w.pass(122s);
  EXPECT_EQ(w.restarted(actor_kind::collection, restart_reason::stalled), 1);
  w.leases.hold = false;
  w.leases.answer_all();
  EXPECT_TRUE(w.pass_until([&] { return w.truth.missing().empty(); }, 300s));
  w.expect_all_delivered();
}

TEST(wedge, position_write_that_is_never_answered_is_noticed) {
  silent_world w;
  w.start();
  w.expect_all_delivered();
  w.leases.hold = true;
  w.truth.append_many("b-", 5);
  EXPECT_TRUE(w.pass_until(
      [&] { return w.restarted(actor_kind::collection, restart_reason::stalled) == 1; }, 130s));
  w.leases.hold = false;
  w.leases.answer_all();
  w.expect_all_delivered();
}

TEST(wedge, suspended_process_has_not_waited) {
  silent_world w;
  w.feed.hold = true;
  w.start();
  w.pass(600s, 600s); // one long sleep, then one beat of each timer
  EXPECT_EQ(w.restarted(actor_kind::partition, restart_reason::stalled), 0);
  w.feed.hold = false;
  w.feed.answer_all();
  w.expect_all_delivered();
}

} // namespace
} // namespace feedcast::testing
