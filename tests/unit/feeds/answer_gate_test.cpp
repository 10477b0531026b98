#include "feeds/answer_gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace feedcast {

TEST(answer_gate, lets_answers_through_until_it_is_closed) {
  answer_gate gate;
  int answers = 0;
  gate.pass([&] { ++answers; });
  gate.close();
  gate.pass([&] { ++answers; });
  EXPECT_EQ(answers, 1);
}

TEST(answer_gate, closing_waits_for_an_answer_on_another_thread) {
  answer_gate gate;
  std::promise<void> inside;
  std::promise<void> leave;
  std::atomic<bool> finished{false};
  std::thread other{[&] {
    gate.pass([&] {
      inside.set_value();
      leave.get_future().wait();
      finished = true;
    });
  }};
  inside.get_future().wait();
  auto closed = std::async(std::launch::async, [&] {
    gate.close();
    return finished.load();
  });
  leave.set_value();
  EXPECT_TRUE(closed.get()) << "closed before the answer was given";
  other.join();
}

TEST(answer_gate, an_answer_may_close_its_own_gate) {
  answer_gate gate;
  int answers = 0;
  gate.pass([&] {
    gate.close();
    gate.pass([&] { ++answers; });
  });
  EXPECT_EQ(answers, 0);
}

TEST(answer_gate, answers_may_nest) {
  answer_gate gate;
  int answers = 0;
  gate.pass([&] { gate.pass([&] { ++answers; }); });
  gate.close();
  EXPECT_EQ(answers, 1);
}

} // namespace feedcast
