#include "sinks/kafka/background.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <vector>

namespace feedcast::kafka {
namespace {

TEST(background, runs_jobs_in_order_and_all_of_them_before_it_ends) {
  std::vector<int> order;
  {
    background b;
    for (int i = 0; i < 10; ++i)
      b.post([&order, i] { order.push_back(i); });
  }
  EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(background, does_not_wait_for_ever) {
  // Shared with the job, which outlives the background here.
  auto release = std::make_shared<std::promise<void>>();
  auto ended = std::make_shared<std::promise<void>>();
  const auto start = std::chrono::steady_clock::now();
  {
    background b;
    b.post([release, ended] {
      release->get_future().wait();
      ended->set_value();
    });
  }
  const auto waited = std::chrono::steady_clock::now() - start;
  EXPECT_GE(waited, background::patience);
  EXPECT_LT(waited, 3 * background::patience);
  release->set_value();
  ended->get_future().wait();
}

} // namespace
} // namespace feedcast::kafka
