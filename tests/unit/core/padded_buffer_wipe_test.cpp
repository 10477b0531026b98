// That memory is overwritten before it is freed can only be seen by whoever frees it: this
// program's arrays are.
#include "core/padded_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

namespace {

/// The array that is watched, and what it held when it was freed.
struct watched {
  const void* at = nullptr;
  std::size_t size = 0;
  bool freed = false;
  bool zero = false;
};

thread_local watched watch;

void look(const void* at) noexcept {
  if (at == nullptr || at != watch.at)
    return;
  const auto* bytes = static_cast<const char*>(at);
  watch.freed = true;
  watch.zero = std::all_of(bytes, bytes + watch.size, [](char c) { return c == '\0'; });
  watch.at = nullptr;
}

} // namespace

void* operator new[](std::size_t size) {
  if (auto* p = std::malloc(size))
    return p;
  throw std::bad_alloc{};
}

void operator delete[](void* p) noexcept {
  look(p);
  std::free(p);
}

void operator delete[](void* p, std::size_t) noexcept {
  look(p);
  std::free(p);
}

namespace feedcast {

namespace {

void watch_bytes_of(const padded_buffer& b) {
  watch = {b.data(), b.capacity() + padded_buffer::padding, false, false};
}

padded_buffer secret() {
  padded_buffer b;
  b.wipe_when_freed();
  b.append(std::string(5'000, 's'));
  return b;
}

} // namespace

TEST(padded_buffer_wipe, overwrites_secrets_when_it_dies) {
  {
    const auto b = secret();
    watch_bytes_of(b);
  }
  EXPECT_TRUE(watch.freed);
  EXPECT_TRUE(watch.zero);
}

TEST(padded_buffer_wipe, overwrites_the_smaller_array_when_it_grows) {
  auto b = secret();
  watch_bytes_of(b);
  b.append(std::string(50'000, 't'));
  EXPECT_TRUE(watch.freed);
  EXPECT_TRUE(watch.zero);
  EXPECT_EQ(b.view(), std::string(5'000, 's') + std::string(50'000, 't'));
}

TEST(padded_buffer_wipe, overwrites_what_another_buffer_replaces) {
  auto b = secret();
  watch_bytes_of(b);
  b = padded_buffer{"x"};
  EXPECT_TRUE(watch.freed);
  EXPECT_TRUE(watch.zero);
}

TEST(padded_buffer_wipe, goes_with_the_bytes_wherever_they_are_moved) {
  {
    auto b = secret();
    watch_bytes_of(b);
    padded_buffer other{"y"};
    other = std::move(b);
    const auto last = std::move(other);
    EXPECT_FALSE(watch.freed);
    EXPECT_EQ(last.size(), 5'000U);
  }
  EXPECT_TRUE(watch.freed);
  EXPECT_TRUE(watch.zero);
}

TEST(padded_buffer_wipe, leaves_other_bytes_alone) {
  {
    const padded_buffer b{std::string(5'000, 'p')};
    watch_bytes_of(b);
  }
  EXPECT_TRUE(watch.freed);
  EXPECT_FALSE(watch.zero);
}

} // namespace feedcast
