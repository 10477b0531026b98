#include "sinks/kafka/ticket_table.hpp"

#include <gtest/gtest.h>

#include <set>

namespace feedcast::kafka {
namespace {

outgoing_message message(std::uint64_t ticket) {
  return {.value = "12345", .key = "ab", .ticket = ticket};
}

TEST(ticket_table, counts_messages_and_bytes) {
  ticket_table t;
  const auto a = t.add(message(10), 0);
  const auto b = t.add(message(11), 0);
  EXPECT_NE(a, b);
  EXPECT_EQ(t.size(), 2U);
  EXPECT_EQ(t.bytes(), 14U);
  EXPECT_EQ(t.at(b).ticket, 11U);
  EXPECT_EQ(t.remove(a), 10U);
  EXPECT_EQ(t.size(), 1U);
  EXPECT_EQ(t.bytes(), 7U);
}

TEST(ticket_table, uses_slots_again) {
  ticket_table t;
  const auto a = t.add(message(1), 0);
  t.remove(a);
  EXPECT_EQ(t.add(message(2), 0), a);
}

TEST(ticket_table, removes_the_messages_of_one_producer_only) {
  ticket_table t;
  t.add(message(1), 0);
  const auto gone = t.add(message(2), 0);
  t.add(message(3), 1);
  t.add(message(4), 0);
  t.remove(gone);
  std::set<std::uint64_t> tickets;
  t.remove_generation(0, [&](std::uint64_t ticket) { tickets.insert(ticket); });
  EXPECT_EQ(tickets, (std::set<std::uint64_t>{1, 4}));
  EXPECT_EQ(t.size(), 1U);
}

} // namespace
} // namespace feedcast::kafka
