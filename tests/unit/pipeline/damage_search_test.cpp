#include "pipeline/damage_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace feedcast {
namespace {

/// Searches a page of `size` documents for the one at `culprit`, whose reader guesses `guess`.
/// Returns the number of pages asked for, the last of which is the culprit alone.
std::uint32_t search(std::uint32_t size, std::uint32_t culprit, std::uint32_t guess) {
  damage_search s;
  s.bad_page(size, guess);
  std::uint32_t at = 0; // documents read so far
  for (std::uint32_t requests = 1; requests < 1000; ++requests) {
    EXPECT_TRUE(s.active());
    const auto n = s.ask();
    EXPECT_GE(n, 1U);
    EXPECT_LE(n, size - at);
    if (at + n <= culprit) {
      at += n;
      s.good_page(n);
    } else if (n == 1) {
      return requests;
    } else {
      s.bad_page(n, std::min(guess, n));
    }
  }
  ADD_FAILURE() << "never found";
  return 0;
}

} // namespace

TEST(damage_search, a_right_guess_finds_the_culprit_in_three_requests) {
  for (std::uint32_t size = 1; size <= 500; ++size)
    for (std::uint32_t culprit = 0; culprit < size; ++culprit) {
      EXPECT_LE(search(size, culprit, culprit), 3U);
      EXPECT_LE(search(size, culprit, culprit + 1), 3U) << "noticed behind its end";
    }
}

TEST(damage_search, a_wrong_guess_costs_a_logarithm) {
  for (const std::uint32_t size : {2U, 3U, 10U, 100U, 500U, 1000U})
    for (std::uint32_t culprit = 0; culprit < size; ++culprit)
      for (const auto guess : {0U, 1U, size / 2, size - 1, size, size + 100})
        EXPECT_LE(search(size, culprit, guess), 14U) << size << ' ' << culprit << ' ' << guess;
}

TEST(damage_search, ends_when_the_damage_is_gone) {
  damage_search s;
  EXPECT_FALSE(s.active());
  s.bad_page(10, 4);
  EXPECT_EQ(s.ask(), 3U);
  s.good_page(3);
  EXPECT_EQ(s.ask(), 1U);
  s.good_page(1);
  EXPECT_EQ(s.ask(), 1U);
  s.good_page(1);
  EXPECT_EQ(s.ask(), 2U) << "the guess was wrong: halves of what is left";
  s.good_page(2);
  s.good_page(3);
  EXPECT_FALSE(s.active());
}

} // namespace feedcast
