#include "metrics/health_board.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace feedcast::metrics {
namespace {

const processor_key eu_whisks{"eu", "whisks"};

TEST(health_board, starts_empty) {
  const auto s = health_board{}.snapshot();
  EXPECT_TRUE(s.actors.empty());
  EXPECT_TRUE(s.targets.empty());
  EXPECT_TRUE(s.processors.empty());
}

TEST(health_board, shows_what_was_put_last) {
  health_board board;
  board.put_actor("target eu", {.state = "running"});
  board.put_actor("target eu", {.state = "backoff", .restarts = 2, .last_error = "timeout: ..."});
  board.put_target("eu", {.up = false, .reason = "topic missing", .error_class = "unknown_topic"});
  const auto s = board.snapshot();
  ASSERT_EQ(s.actors.size(), 1U);
  EXPECT_EQ(s.actors.at("target eu").state, "backoff");
  EXPECT_EQ(s.actors.at("target eu").restarts, 2U);
  EXPECT_FALSE(s.targets.at("eu").up);
  EXPECT_EQ(s.targets.at("eu").reason, "topic missing");
}

TEST(health_board, keeps_ranges_by_processor) {
  health_board board;
  board.put_range(eu_whisks, "0", {.state = "live", .polled_once = true});
  board.put_range({"us", "whisks"}, "0", {.state = "backoff"});
  board.put_processor(eu_whisks, {.leases_total = 3, .leases_foreign = 2});
  const auto s = board.snapshot();
  EXPECT_EQ(s.processors.size(), 2U);
  EXPECT_TRUE(s.processors.at(eu_whisks).ranges.at("0").polled_once);
  EXPECT_EQ(s.processors.at(eu_whisks).summary.leases_foreign, 2U);
}

TEST(health_board, forgets_what_was_dropped) {
  health_board board;
  board.put_actor("target eu", {});
  board.put_range(eu_whisks, "0", {});
  board.put_range(eu_whisks, "1", {});
  board.drop_actor("target eu");
  board.drop_range(eu_whisks, "0");
  board.drop_range({"nobody", "nothing"}, "0");
  const auto s = board.snapshot();
  EXPECT_TRUE(s.actors.empty());
  EXPECT_EQ(s.processors.size(), 1U);
  EXPECT_FALSE(s.processors.at(eu_whisks).ranges.contains("0"));
  EXPECT_TRUE(s.processors.at(eu_whisks).ranges.contains("1"));
}

TEST(health_board, is_written_and_read_by_several_threads) {
  health_board board;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t)
      threads.emplace_back([&board, t] {
        for (std::uint64_t i = 1; i <= 500; ++i)
          board.put_actor("actor " + std::to_string(t), {.state = "running", .restarts = i});
      });
    threads.emplace_back([&board] {
      for (int i = 0; i < 100; ++i)
        EXPECT_LE(board.snapshot().actors.size(), 3U);
    });
  }
  for (const auto& [path, health] : board.snapshot().actors)
    EXPECT_EQ(health.restarts, 500U) << path;
}

} // namespace
} // namespace feedcast::metrics
