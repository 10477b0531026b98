#include "leases/boot_nonce.hpp"

#include <gtest/gtest.h>

#include <set>

namespace feedcast {

using namespace std::chrono_literals;

TEST(boot_nonce, begins_with_its_time) {
  const auto nonce = make_boot_nonce(wall_time{1'767'261'600'123ms});
  EXPECT_EQ(nonce.substr(0, 14), "1767261600123-");
  EXPECT_EQ(nonce.size(), 22U);
  EXPECT_EQ(nonce.find_first_not_of("0123456789abcdef", 14), std::string::npos);
}

TEST(boot_nonce, a_later_life_has_the_greater_text) {
  EXPECT_LT(make_boot_nonce(wall_time{999ms}), make_boot_nonce(wall_time{1'000ms}));
  EXPECT_LT(make_boot_nonce(wall_time{1'767'261'600'123ms}),
            make_boot_nonce(wall_time{1'767'261'600'124ms}));
  EXPECT_LT(make_boot_nonce(wall_time{-5ms}), make_boot_nonce(wall_time{1ms}))
      << "a clock that was never set";
}

TEST(boot_nonce, two_lives_of_one_moment_differ) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i)
    seen.insert(make_boot_nonce(wall_time{1s}));
  EXPECT_GT(seen.size(), 95U);
}

} // namespace feedcast
