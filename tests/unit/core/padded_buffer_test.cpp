#include "core/padded_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace feedcast {

namespace {

bool is_padded(const padded_buffer& buffer) {
  const auto* end = buffer.data() + buffer.size();
  return std::all_of(end, end + padded_buffer::padding, [](char c) { return c == '\0'; });
}

} // namespace

TEST(padded_buffer, is_empty_at_first) {
  const padded_buffer buffer;

  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.view(), "");
  EXPECT_EQ(buffer.capacity(), 0u);
}

TEST(padded_buffer, holds_bytes_with_zeros_behind_them) {
  const padded_buffer buffer{"abc"};

  EXPECT_EQ(buffer.view(), "abc");
  EXPECT_TRUE(is_padded(buffer));
}

TEST(padded_buffer, stays_padded_however_it_grows) {
  padded_buffer buffer;
  std::string expected;
  for (int i = 0; i < 2000; ++i) {
    const auto piece =
        std::string(static_cast<std::size_t>(i % 70), static_cast<char>('a' + i % 26));
    buffer.append(piece);
    expected += piece;
    if (i % 100 == 99) {
      ASSERT_EQ(buffer.view(), expected);
      ASSERT_TRUE(is_padded(buffer));
    }
  }
}

TEST(padded_buffer, takes_fewer_bytes_than_were_prepared) {
  padded_buffer buffer{"ab"};
  const auto room = buffer.prepare(200);
  ASSERT_EQ(room.size(), 200u);
  std::fill(room.begin(), room.end(), 'x');

  buffer.commit(3);

  EXPECT_EQ(buffer.view(), "abxxx");
  EXPECT_TRUE(is_padded(buffer));
}

TEST(padded_buffer, grows_geometrically) {
  padded_buffer buffer;
  std::size_t moves = 0;
  std::size_t capacity = 0;
  for (int i = 0; i < 100'000; ++i) {
    buffer.append("x");
    moves += buffer.capacity() != capacity ? 1 : 0;
    capacity = buffer.capacity();
  }

  EXPECT_LT(moves, 40u);
}

TEST(padded_buffer, reserves_without_losing_bytes) {
  padded_buffer buffer{"abc"};

  buffer.reserve(1 << 16);
  const auto* before = std::as_const(buffer).data();
  buffer.append(std::string(60'000, 'x'));

  EXPECT_EQ(std::as_const(buffer).data(), before);
  EXPECT_EQ(buffer.view().substr(0, 4), "abcx");
  buffer.reserve(1);
  EXPECT_EQ(buffer.capacity(), std::size_t{1} << 16U);
}

TEST(padded_buffer, keeps_its_room_when_it_is_cleared) {
  padded_buffer buffer{std::string(100, 'x')};
  const auto capacity = buffer.capacity();

  buffer.clear();

  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.capacity(), capacity);
  EXPECT_TRUE(is_padded(buffer));
}

TEST(padded_buffer, drops_bytes_at_its_front) {
  padded_buffer b{"0123456789"};
  const auto room = b.capacity();
  b.drop_front(0);
  EXPECT_EQ(b.view(), "0123456789");
  b.drop_front(4);
  EXPECT_EQ(b.view(), "456789");
  for (std::size_t i = 0; i < padded_buffer::padding; ++i)
    EXPECT_EQ(b.data()[b.size() + i], '\0');
  b.drop_front(6);
  EXPECT_TRUE(b.empty());
  EXPECT_EQ(b.capacity(), room);
}

TEST(padded_buffer, leaves_nothing_behind_when_it_is_moved) {
  padded_buffer from{"abc"};
  padded_buffer to{std::move(from)};

  EXPECT_EQ(to.view(), "abc");
  EXPECT_EQ(from.view(),
            ""); // NOLINT(bugprone-use-after-move): what is left behind is what is tested
  from.append("again");
  to = std::move(from);
  EXPECT_EQ(to.view(), "again");
  EXPECT_EQ(from.capacity(), 0u); // NOLINT(bugprone-use-after-move)
}

TEST(padded_buffer, does_nothing_for_no_bytes) {
  padded_buffer buffer;
  buffer.append({});
  buffer.commit(0);
  buffer.clear();
  buffer.reserve(0);

  EXPECT_EQ(buffer.view(), "");
  EXPECT_EQ(buffer.prepare(0).size(), 0u);
}

} // namespace feedcast
