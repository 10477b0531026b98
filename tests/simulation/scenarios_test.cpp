// What the service promises about leases, at the timers of the official libraries.
#include "tests/simulation/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

namespace feedcast::simulation {
namespace {

constexpr moment tick = 100;
constexpr moment hour = 3'600'000;

setup of(std::uint64_t seed, std::size_t ranges) {
  setup s;
  s.seed = seed;
  s.ranges = ranges;
  s.start.from = settings::start_kind::beginning;
  return s;
}

class fleet : public world {
 public:
  fleet(std::uint64_t seed, std::size_t ranges, std::int64_t hosts)
      : world{of(seed, ranges), tick} {
    for (std::int64_t i = 0; i < hosts; ++i)
      happen({0, happening::start, i, 0, 0});
  }

  moment now() { return env().time.now(); }

  void happen_now(happening what, std::int64_t a, std::int64_t b = 0) {
    happen({now(), what, a, b, 0});
  }

  /// Until `done` or for so long; answers how long it took, -1 if in vain.
  template <class Done>
  moment wait(moment most, Done done) {
    const auto from = now();
    while (!done()) {
      if (now() - from >= most || !pass(now() + tick))
        return -1;
    }
    return now() - from;
  }

  bool rest() {
    return wait(300'000, [this] { return all_owned(0) && balanced(0); }) >= 0
           && pass(now() + 60'000);
  }

  void expect_no_violation() {
    for (const auto& v : env().court.violations())
      ADD_FAILURE() << v;
  }
};

moment median(std::vector<moment> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

void print(const char* what, const std::vector<moment>& v) {
  std::cout << what << ": median " << median(v) << " ms, max "
            << *std::max_element(v.begin(), v.end()) << " ms, " << v.size() << " seeds\n";
}

TEST(lease_scenario, one_host_becomes_two_within_15_s_in_exactly_32_moves) {
  std::vector<moment> times;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    fleet f{seed, 64, 1};
    ASSERT_TRUE(f.rest());
    const auto before = f.moves();
    f.happen_now(happening::start, 1);
    const auto took = f.wait(60'000, [&] { return f.balanced(0); });
    ASSERT_GE(took, 0);
    EXPECT_LE(took, 15'000);
    ASSERT_TRUE(f.pass(f.now() + hour / 4));
    EXPECT_EQ(f.moves() - before, 32U);
    f.expect_no_violation();
    times.push_back(took);
  }
  print("1 -> 2 hosts, 64 ranges, balanced", times);
}

void kill_one_of_four(std::size_t ranges, std::uint64_t seeds) {
  std::vector<moment> times;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    fleet f{seed, ranges, 4};
    ASSERT_TRUE(f.rest());
    f.pass(f.now() + static_cast<moment>(seed * 997 % 17'000));
    const auto before = f.moves();
    const auto lost = f.owned_by(0, "h2");
    f.happen_now(happening::kill, 2);
    const auto took = f.wait(120'000, [&] { return f.all_owned(0); });
    ASSERT_GE(took, 0) << f.unowned(0);
    EXPECT_LE(took, 86'000) << "seed " << seed;
    ASSERT_TRUE(f.pass(f.now() + 120'000));
    EXPECT_TRUE(f.balanced(0));
    EXPECT_LE(f.moves() - before, lost + 1);
    f.expect_no_violation();
    times.push_back(took);
  }
  print(("1 of 4 killed, " + std::to_string(ranges) + " ranges, all owned").c_str(), times);
}

TEST(lease_scenario, one_of_four_is_killed_and_16_ranges_are_owned_within_86_s) {
  kill_one_of_four(16, 100);
}

TEST(lease_scenario, one_of_four_is_killed_and_64_ranges_are_owned_within_86_s) {
  kill_one_of_four(64, 50);
}

TEST(lease_scenario, an_instance_that_starts_again_reads_its_own_ranges_within_5_s) {
  std::vector<moment> times;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    fleet f{seed, 16, 2};
    ASSERT_TRUE(f.rest());
    const auto before = f.moves();
    f.happen_now(happening::kill, 0);
    f.pass(f.now() + 3'000);
    f.happen_now(happening::start, 0);
    const auto took = f.wait(30'000, [&] { return f.newest(0)->reads(0).size() == 8; });
    ASSERT_GE(took, 0);
    EXPECT_LE(took, 5'000) << "seed " << seed;
    ASSERT_TRUE(f.pass(f.now() + 60'000));
    EXPECT_EQ(f.moves(), before);
    f.expect_no_violation();
    times.push_back(took);
  }
  print("same instance again, own ranges read", times);
}

TEST(lease_scenario, clocks_600_s_apart_steal_no_healthy_lease_in_an_hour) {
  std::size_t farthest = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    fleet f{seed, 16, 4};
    ASSERT_TRUE(f.rest());
    // Forward and back, so that whatever the hosts began with they are that far from the store.
    for (std::int64_t i = 0; i < 4; ++i)
      f.newest(i)->step_wall((i % 2 == 0 ? 600'000 : -600'000)
                             - f.newest(i)->options().clock_offset);
    const auto before = f.moves();
    ASSERT_TRUE(f.pass(f.now() + hour));
    EXPECT_EQ(f.moves(), before) << "seed " << seed;
    f.expect_no_violation();
    ++farthest;
  }
  std::cout << "healthy leases stolen at 600 s of skew: 0 in " << farthest << " hours\n";
}

TEST(lease_scenario, renewals_that_fail_for_120_s_never_make_two_hosts_store_positions) {
  std::size_t went_on = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    fleet f{seed, 16, 2};
    f.write_until(hour);
    ASSERT_TRUE(f.rest());
    const auto lost = f.newest(0)->reads(0);
    ASSERT_EQ(lost.size(), 8U);
    // Only its lease store is out of reach; the feed and the target are not.
    f.newest(0)->around().store_outage = f.now() + 120'000;
    const auto outage_ends = f.now() + 120'000;
    ASSERT_TRUE(f.pass(outage_ends - 1'000));
    const auto& leases = f.env().stores[0]->leases();
    EXPECT_TRUE(std::all_of(leases.begin(), leases.end(),
                            [](const auto& l) { return l.second.owner == "h1"; }));
    EXPECT_EQ(f.newest(0)->reads(0), lost) << "it can't know yet that it lost them";
    for (const auto& range : lost)
      if (f.newest(0)->last_ack(0, range) > f.now() - 20'000)
        ++went_on;
    ASSERT_TRUE(f.pass(outage_ends + 120'000)); // a position in another's lease would break a rule
    EXPECT_TRUE(f.balanced(0));
    f.expect_no_violation();
  }
  EXPECT_GE(went_on, 100U) << "its ranges are to be read on";
  std::cout << "ranges delivering to the end of 120 s without renewal: " << went_on
            << " of 160, two hosts storing positions: 0\n";
}

} // namespace
} // namespace feedcast::simulation
