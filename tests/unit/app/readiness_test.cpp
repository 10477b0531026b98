#include "app/admin.hpp"
#include "app/readiness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace feedcast;
using namespace feedcast::app;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

metrics::health_snapshot healthy() {
  metrics::health_snapshot s;
  for (const auto* target : {"eu", "us"}) {
    s.targets[target].up = true;
    auto& p = s.processors[{target, "whisks"}];
    p.summary.leases_known = true;
    p.summary.leases_total = 1;
    p.ranges["0"].state = "live";
    p.ranges["0"].polled_once = true;
  }
  return s;
}

} // namespace

TEST(readiness, all_well_is_ready) {
  const auto r = judge(healthy());
  EXPECT_TRUE(r.ready);
  EXPECT_FALSE(r.degraded);
  EXPECT_THAT(r.problems, IsEmpty());
}

TEST(readiness, one_dark_target_is_degraded_and_strictly_not_ready) {
  auto s = healthy();
  s.targets["us"] = {false, "no broker answers", "transport", {}};
  const auto r = judge(s);
  EXPECT_TRUE(r.ready);
  EXPECT_TRUE(r.degraded);
  ASSERT_THAT(r.problems, SizeIs(1));
  EXPECT_THAT(r.problems[0], HasSubstr("no broker answers"));
  EXPECT_FALSE(judge(s, "us").ready);
  EXPECT_TRUE(judge(s, "eu").ready);
  EXPECT_FALSE(judge(s, "eu").degraded);
}

TEST(readiness, no_target_that_can_be_delivered_to_is_not_ready) {
  auto s = healthy();
  s.targets["us"].up = s.targets["eu"].up = false;
  EXPECT_FALSE(judge(s).ready);
}

TEST(readiness, a_range_that_was_never_polled_is_not_ready) {
  auto s = healthy();
  s.processors[{"us", "whisks"}].ranges["1"].polled_once = false;
  EXPECT_FALSE(judge(s).ready);
  EXPECT_FALSE(judge(s, "us").ready);
  EXPECT_TRUE(judge(s, "eu").ready);
}

TEST(readiness, unknown_leases_are_not_ready_and_say_why) {
  auto s = healthy();
  auto& p = s.processors[{"eu", "whisks"}];
  p.summary.leases_known = false;
  p.summary.reason = "unauthorized: key refused";
  p.ranges.clear();
  const auto r = judge(s);
  EXPECT_FALSE(r.ready);
  ASSERT_THAT(r.problems, SizeIs(1));
  EXPECT_THAT(r.problems[0], HasSubstr("key refused"));
}

TEST(readiness, before_anything_was_reported_it_is_not_ready) {
  EXPECT_FALSE(judge({}).ready);
  EXPECT_FALSE(judge(healthy(), "nowhere").ready);
}

TEST(liveness, fails_after_wedges_in_a_row_and_says_whose) {
  auto s = healthy();
  auto& a = s.actors["target eu / collection whisks / partition 0"];
  a = {"running", 9, 2, "no answer", {}};
  EXPECT_THAT(judge_liveness(s, {}), IsEmpty()) << "restarts for other reasons don't count";
  a.wedges = 3;
  EXPECT_THAT(judge_liveness(s, {}), HasSubstr("partition 0 wedged 3 times in a row: no answer"));
}

TEST(liveness, fails_when_a_running_actor_says_nothing_any_more) {
  const steady_time now{std::chrono::hours{1}};
  auto s = healthy();
  s.actors["target eu / delivery"].state = "running";
  s.actors["target eu / collection whisks"].state = "running";
  s.beats["eu"] = now - std::chrono::seconds{59};
  s.processors[{"eu", "whisks"}].beat = now;
  EXPECT_THAT(judge_liveness(s, now), IsEmpty());
  s.beats["eu"] = now - std::chrono::seconds{61};
  EXPECT_THAT(judge_liveness(s, now), HasSubstr("target eu / delivery shows no sign of life"));
  s.actors["target eu / delivery"].state = "backoff";
  EXPECT_THAT(judge_liveness(s, now), IsEmpty()) << "it is being restarted";
  s.processors[{"eu", "whisks"}].beat = now - std::chrono::seconds{61};
  EXPECT_THAT(judge_liveness(s, now), HasSubstr("collection whisks shows no sign of life"));
}

TEST(liveness, does_not_care_for_what_can_not_be_reached) {
  auto s = healthy();
  s.targets["eu"].up = false;
  s.processors.clear();
  EXPECT_THAT(judge_liveness(s, {}), IsEmpty());
}

TEST(status, shows_targets_ranges_and_actors) {
  auto s = healthy();
  const steady_time now{std::chrono::seconds{100}};
  s.processors[{"eu", "whisks"}].ranges["0"].position = "\"42\"";
  s.actors["target eu / delivery"] = {"backoff", 3, 0, "it broke", now + std::chrono::seconds{2}};
  const auto text = render_status(s, now);
  EXPECT_THAT(text, HasSubstr(R"("position":"\"42\"")"));
  EXPECT_THAT(text, HasSubstr(R"("restarts":3)"));
  EXPECT_THAT(text, HasSubstr(R"("last_error":"it broke")"));
  EXPECT_THAT(text, HasSubstr(R"("next_try_in_seconds":2)"));
}
