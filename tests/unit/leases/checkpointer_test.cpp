#include "leases/checkpointer.hpp"

#include <gtest/gtest.h>

namespace feedcast {

using namespace std::chrono_literals;

namespace {

const steady_time start{1000s};

checkpointer fresh() {
  checkpoint_options o;
  o.interval = 1s;
  o.renew_after = 17s;
  o.retry = {milliseconds{100}, milliseconds{1'000}, 2.0, 0.0};
  return {o, "p0", start};
}

error failure(errc code, milliseconds wait = {}) {
  return {code, "", wait};
}

} // namespace

TEST(checkpointer, writes_nothing_before_there_is_a_reason) {
  auto c = fresh();
  EXPECT_TRUE(c.settled());
  EXPECT_EQ(c.take(start + 16s), std::nullopt);
  EXPECT_EQ(c.next_due(), start + 17s);
}

TEST(checkpointer, renews_with_the_stored_position_when_idle) {
  auto c = fresh();
  EXPECT_EQ(c.take(start + 17s), "p0");
  c.on_written(start + 18s);
  EXPECT_EQ(c.next_due(), start + 34s) << "counted from when the write was taken";
}

TEST(checkpointer, a_checkpoint_is_a_renewal) {
  auto c = fresh();
  c.offer("p1");
  EXPECT_EQ(c.take(start + 10s), "p1");
  c.on_written(start + 10s);
  EXPECT_EQ(c.stored(), "p1");
  EXPECT_EQ(c.next_due(), start + 27s);
}

TEST(checkpointer, the_latest_position_of_an_interval_wins) {
  auto c = fresh();
  c.offer("p1");
  EXPECT_EQ(c.take(start + 999ms), std::nullopt);
  c.offer("p2");
  EXPECT_EQ(c.next_due(), start + 1s);
  EXPECT_EQ(c.take(start + 1s), "p2");
}

TEST(checkpointer, one_write_is_in_flight_at_a_time) {
  auto c = fresh();
  c.offer("p1");
  ASSERT_EQ(c.take(start + 1s), "p1");
  c.offer("p2");
  EXPECT_TRUE(c.in_flight());
  EXPECT_EQ(c.take(start + 60s), std::nullopt);
  EXPECT_EQ(c.next_due(), std::nullopt);
  c.on_written(start + 1500ms);
  EXPECT_EQ(c.next_due(), start + 2s);
  EXPECT_EQ(c.take(start + 2s), "p2");
}

TEST(checkpointer, a_position_that_is_stored_or_on_its_way_is_not_written_again) {
  auto c = fresh();
  c.offer("p0");
  EXPECT_TRUE(c.settled());
  c.offer("p1");
  ASSERT_EQ(c.take(start + 1s), "p1");
  c.offer("p1");
  c.on_written(start + 1s);
  EXPECT_TRUE(c.settled());
}

TEST(checkpointer, going_back_to_an_older_position_replaces_a_newer_pending_one) {
  auto c = fresh();
  c.offer("p1");
  c.offer("p0");
  EXPECT_EQ(c.take(start + 1s), "p0");
}

TEST(checkpointer, a_failed_position_is_tried_again_after_a_growing_wait) {
  auto c = fresh();
  c.offer("p1");
  ASSERT_EQ(c.take(start + 1s), "p1");
  c.on_failed(failure(errc::timeout), start + 2s);
  EXPECT_FALSE(c.settled());
  EXPECT_EQ(c.next_due(), start + 2s + 100ms);
  ASSERT_EQ(c.take(start + 2s + 100ms), "p1");
  c.on_failed(failure(errc::timeout), start + 3s);
  EXPECT_EQ(c.failures(), 2U);
  EXPECT_EQ(c.next_due(), start + 3s + 200ms);
  ASSERT_EQ(c.take(start + 4s), "p1");
  c.on_written(start + 4s);
  EXPECT_EQ(c.failures(), 0U);
  EXPECT_EQ(c.stored(), "p1");
}

TEST(checkpointer, a_newer_position_replaces_a_failed_one) {
  auto c = fresh();
  c.offer("p1");
  ASSERT_TRUE(c.take(start + 1s).has_value());
  c.offer("p2");
  c.on_failed(failure(errc::conflict), start + 1s);
  EXPECT_EQ(c.take(start + 2s), "p2");
}

TEST(checkpointer, a_failed_renewal_is_repeated_as_a_renewal) {
  auto c = fresh();
  ASSERT_EQ(c.take(start + 17s), "p0");
  c.on_failed(failure(errc::unavailable), start + 17s);
  EXPECT_TRUE(c.settled());
  EXPECT_EQ(c.next_due(), start + 17s + 100ms);
  EXPECT_EQ(c.held_since(), start) << "a failed renewal holds nothing";
}

TEST(checkpointer, honours_the_wait_that_the_store_asked_for) {
  auto c = fresh();
  c.offer("p1");
  ASSERT_TRUE(c.take(start + 1s).has_value());
  c.on_failed(failure(errc::throttled, 8s), start + 1s);
  EXPECT_GE(*c.next_due(), start + 9s);
}

TEST(checkpointer, drain_writes_at_once_and_then_stops) {
  auto c = fresh();
  c.offer("p1");
  ASSERT_EQ(c.take(start + 1s), "p1");
  c.on_written(start + 1s);
  c.offer("p2");
  c.flush();
  EXPECT_EQ(c.take(start + 1s + 1ms), "p2");
  c.on_written(start + 1s + 2ms);
  EXPECT_TRUE(c.settled());
  EXPECT_EQ(c.next_due(), std::nullopt);
  EXPECT_EQ(c.take(start + 100s), std::nullopt) << "a drained lease is not renewed";
}

TEST(checkpointer, drain_waits_for_the_write_in_flight) {
  auto c = fresh();
  c.offer("p1");
  ASSERT_TRUE(c.take(start + 1s).has_value());
  c.flush();
  c.offer("p2");
  EXPECT_FALSE(c.settled());
  EXPECT_EQ(c.take(start + 1s), std::nullopt);
  c.on_written(start + 1s);
  EXPECT_EQ(c.take(start + 1s), "p2");
}

TEST(checkpointer, answers_without_a_write_in_flight_are_ignored) {
  auto c = fresh();
  c.offer("p1");
  c.on_written(start + 5s);
  c.on_failed(failure(errc::timeout), start + 5s);
  EXPECT_EQ(c.stored(), "p0");
  EXPECT_EQ(c.take(start + 5s), "p1");
}

} // namespace feedcast
