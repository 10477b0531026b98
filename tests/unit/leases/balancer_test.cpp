#include "leases/balancer.hpp"
#include "tests/support/official_balance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>

namespace feedcast {
namespace {

using testing::official_choice;
using testing::official_library;

std::string range_name(std::size_t n) {
  return "r" + std::to_string(n);
}

std::vector<lease_share> shares(std::size_t count, const std::string& owner = {}) {
  std::vector<lease_share> all(count);
  for (std::size_t i = 0; i < count; ++i)
    all[i] = {range_name(i), owner, false, false};
  return all;
}

std::size_t owned(const std::vector<lease_share>& leases, const std::string& owner) {
  return static_cast<std::size_t>(
      std::count_if(leases.begin(), leases.end(), [&](const auto& l) { return l.owner == owner; }));
}

/// Instances that take turns, each at the newest state of the leases.
struct fleet {
  struct member {
    std::string name;
    std::unique_ptr<balancer> own; ///< null: an official library
    official_library library = official_library::dotnet;
    std::set<std::string> processors; ///< empty: all
    std::map<std::string, bool> near; ///< missing: true
  };

  explicit fleet(std::uint64_t seed) : random{seed} {}

  std::mt19937_64 random;
  std::map<std::string, std::vector<lease_share>> leases;
  std::vector<member> members;

  std::size_t pick(std::size_t n) { return random() % n; }

  void add(const std::string& name) {
    members.push_back({name, std::make_unique<balancer>(name, random()), {}, {}, {}});
  }

  void add_official(official_library library, const std::string& name,
                    const std::string& processor) {
    members.push_back({name, nullptr, library, {processor}, {}});
  }

  std::size_t total(const std::string& owner) const {
    std::size_t n = 0;
    for (const auto& [processor, all] : leases)
      n += owned(all, owner);
    return n;
  }

  /// Everybody looks once, in random order. Answers how many leases changed their owner.
  std::size_t round() {
    std::shuffle(members.begin(), members.end(), random);
    std::size_t moves = 0;
    for (auto& m : members)
      for (auto& [processor, all] : leases) {
        if (!m.processors.empty() && !m.processors.contains(processor))
          continue;
        const auto near = !m.near.contains(processor) || m.near[processor];
        const auto taken =
            m.own ? m.own->decide({processor, near, all}).take
                  : official_choice(m.library, m.name, all, [&](auto n) { return pick(n); });
        for (const auto& id : taken)
          for (auto& l : all)
            if (l.range_id == id) {
              EXPECT_NE(l.owner, m.name);
              l = {id, m.name, false, !near};
              ++moves;
            }
      }
    return moves;
  }

  /// Rounds until nothing has moved for three of them.
  std::size_t rounds_to_rest(std::size_t limit) {
    std::size_t quiet = 0;
    for (std::size_t n = 1; n <= limit; ++n) {
      quiet = round() == 0 ? quiet + 1 : 0;
      if (quiet == 3)
        return n - 3;
    }
    return limit;
  }

  void expect_fair(const std::string& processor) {
    const auto& all = leases[processor];
    std::size_t runs = 0;
    for (const auto& m : members)
      runs += m.processors.empty() || m.processors.contains(processor) ? 1 : 0;
    for (const auto& m : members) {
      if (!m.processors.empty() && !m.processors.contains(processor))
        continue;
      EXPECT_GE(owned(all, m.name), all.size() / runs) << processor << " of " << m.name;
      EXPECT_LE(owned(all, m.name), (all.size() + runs - 1) / runs)
          << processor << " of " << m.name;
    }
    EXPECT_EQ(owned(all, ""), 0U);
  }
};

TEST(balancer, newcomer_takes_its_whole_share_at_once) {
  balancer b{"b", 1};
  EXPECT_EQ(b.decide({"p", true, shares(64, "a")}).take.size(), 32U);
}

TEST(balancer, nobody_takes_what_would_leave_another_below_floor) {
  balancer b{"b", 1};
  auto all = shares(5, "a");
  all[0].owner = all[1].owner = "b";
  EXPECT_TRUE(b.decide({"p", true, all}).take.empty());
}

TEST(balancer, expired_leases_count_as_free_and_their_owner_not_at_all) {
  balancer b{"b", 1};
  auto all = shares(6, "dead");
  for (auto& l : all)
    l.expired = true;
  EXPECT_EQ(b.decide({"p", true, all}).take.size(), 6U);
  EXPECT_EQ(b.instances("p"), 1U);
}

TEST(balancer, leaves_the_remainder_to_others_for_a_look_and_looks_again_soon) {
  balancer b{"b", 1};
  auto all = shares(3, "a");
  all[1].owner = "b";
  all[2].owner.clear();
  const auto first = b.decide({"p", true, all});
  EXPECT_TRUE(first.take.empty());
  EXPECT_TRUE(first.look_soon);
  b.decide({"p", true, all});
  const auto last = b.decide({"p", true, all});
  EXPECT_EQ(last.take, std::vector<std::string>{"r2"});
  EXPECT_FALSE(last.look_soon);
}

TEST(balancer, takes_at_most_what_is_needed_of_many_processors_with_one_lease_each) {
  balancer b{"b", 1};
  std::size_t taken = 0;
  for (std::size_t look = 0; look < 2; ++look) {
    taken = 0;
    for (std::size_t p = 0; p < 8; ++p) {
      auto all = shares(1, "a");
      if (look == 1 && b.instances("p" + std::to_string(p)) == 1)
        all[0].owner = "b";
      const auto d = b.decide({"p" + std::to_string(p), true, all});
      taken += d.take.size() + owned(all, "b");
    }
  }
  EXPECT_EQ(taken, 4U);
}

TEST(balancer, lease_that_could_not_be_got_is_not_counted) {
  balancer b{"b", 1};
  for (const auto& id : b.decide({"p", true, shares(4, "a")}).take)
    b.owns_not("p", id);
  // Still without any lease, so the remainder of another processor is ours.
  auto other = shares(1, "a");
  EXPECT_EQ(b.decide({"q", true, other}).take.size(), 1U);
}

TEST(balancer, forgets_a_processor_that_is_no_longer_run) {
  balancer b{"b", 1};
  b.decide({"p", true, shares(4, "a")});
  EXPECT_EQ(b.instances("p"), 2U);
  b.forget("p");
  EXPECT_EQ(b.instances("p"), 1U);
}

TEST(balancer, two_newcomers_choose_differently) {
  balancer b{"b", 1};
  balancer c{"c", 2};
  const auto one = b.decide({"p", true, shares(64, "a")}).take;
  const auto two = c.decide({"p", true, shares(64, "a")}).take;
  EXPECT_NE(std::set(one.begin(), one.end()), std::set(two.begin(), two.end()));
}

TEST(balancer, far_instance_waits_a_look_and_marks_nothing_of_near_ones_as_its_own) {
  balancer b{"b", 1};
  auto all = shares(4);
  all[0].owner = "near";
  EXPECT_TRUE(b.decide({"p", false, all}).take.empty());
  const auto d = b.decide({"p", false, all});
  EXPECT_EQ(d.take.size(), 3U);
  EXPECT_EQ(std::count(d.take.begin(), d.take.end(), "r0"), 0);
}

TEST(balancer, near_instance_takes_all_that_is_held_from_afar) {
  balancer b{"b", 1};
  auto all = shares(5, "far");
  for (auto& l : all)
    l.away = true;
  EXPECT_EQ(b.decide({"p", true, all}).take.size(), 5U);
}

TEST(balancer, far_instances_share_among_themselves) {
  fleet f{3};
  f.add("n");
  f.add("far-1");
  f.add("far-2");
  f.members[1].near["p"] = f.members[2].near["p"] = false;
  f.leases["p"] = shares(8, "far-1");
  for (auto& l : f.leases["p"])
    l.away = true;
  f.members.erase(f.members.begin());
  EXPECT_LE(f.rounds_to_rest(20), 2U);
  EXPECT_EQ(owned(f.leases["p"], "far-2"), 4U);
  f.add("n");
  EXPECT_LE(f.rounds_to_rest(20), 2U);
  EXPECT_EQ(owned(f.leases["p"], "n"), 8U);
}

TEST(balancer, converges_from_any_start_and_then_rests) {
  std::size_t worst = 0;
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    fleet f{seed};
    const auto instances = 1 + f.pick(6);
    for (std::size_t i = 0; i < instances; ++i)
      f.add("i" + std::to_string(i));
    const auto processors = 1 + f.pick(5);
    for (std::size_t p = 0; p < processors; ++p) {
      auto all = shares(1 + f.pick(20));
      const auto skew = 1 + f.pick(instances + 2);
      for (auto& l : all)
        if (const auto n = f.pick(skew); n < instances)
          l.owner = "i" + std::to_string(n);
      f.leases["p" + std::to_string(p)] = all;
    }
    const auto rounds = f.rounds_to_rest(60);
    worst = std::max(worst, rounds);
    for (const auto& [processor, all] : f.leases)
      f.expect_fair(processor);
    std::size_t least = 1'000'000;
    std::size_t most = 0;
    for (const auto& m : f.members) {
      least = std::min(least, f.total(m.name));
      most = std::max(most, f.total(m.name));
    }
    EXPECT_LE(most - least, 1U);
    ASSERT_LT(rounds, 60U) << "seed " << seed;
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  RecordProperty("worst_rounds", static_cast<int>(worst));
  EXPECT_LE(worst, 12U);
}

TEST(balancer, instances_that_run_different_processors_come_to_rest) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    fleet f{seed};
    const auto instances = 2 + f.pick(4);
    const auto processors = 2 + f.pick(4);
    for (std::size_t i = 0; i < instances; ++i)
      f.add("i" + std::to_string(i));
    for (std::size_t p = 0; p < processors; ++p) {
      const auto name = "p" + std::to_string(p);
      f.leases[name] = shares(1 + f.pick(12));
      f.members[p % instances].processors.insert(name);
      for (auto& m : f.members)
        if (f.pick(2) == 0)
          m.processors.insert(name);
    }
    std::erase_if(f.members, [](const auto& m) { return m.processors.empty(); });
    ASSERT_LT(f.rounds_to_rest(80), 80U) << "seed " << seed;
    for (const auto& [processor, all] : f.leases)
      f.expect_fair(processor);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

TEST(balancer, joining_moves_floor_of_the_new_share) {
  for (std::size_t leases = 1; leases <= 40; ++leases)
    for (std::size_t instances = 1; instances <= 6; ++instances) {
      fleet f{leases * 100 + instances};
      f.leases["p"] = shares(leases);
      for (std::size_t i = 0; i < instances; ++i)
        f.add("i" + std::to_string(i));
      ASSERT_LT(f.rounds_to_rest(40), 40U);
      f.add("new");
      std::size_t moves = 0;
      for (std::size_t n = 0; n < 10; ++n)
        moves += f.round();
      EXPECT_EQ(moves, leases / (instances + 1)) << leases << " leases, " << instances;
      f.expect_fair("p");
    }
}

TEST(balancer, leaving_moves_only_what_was_given_back) {
  for (std::size_t leases = 1; leases <= 40; ++leases)
    for (std::size_t instances = 2; instances <= 6; ++instances) {
      fleet f{leases * 100 + instances};
      f.leases["p"] = shares(leases);
      for (std::size_t i = 0; i < instances; ++i)
        f.add("i" + std::to_string(i));
      ASSERT_LT(f.rounds_to_rest(40), 40U);
      const auto gone = f.members.back().name;
      f.members.pop_back();
      std::size_t lost = 0;
      for (auto& l : f.leases["p"])
        if (l.owner == gone) {
          l.owner.clear();
          ++lost;
        }
      std::size_t moves = 0;
      for (std::size_t n = 0; n < 10; ++n)
        moves += f.round();
      // An instance without leases is not seen by the others, which may take one too many.
      EXPECT_LE(moves, lost + (leases < instances ? 1 : 0)) << leases << " leases, " << instances;
      f.expect_fair("p");
    }
}

TEST(balancer, mixed_with_official_hosts_it_comes_to_rest) {
  for (const auto library : {official_library::dotnet, official_library::java})
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
      fleet f{seed};
      const auto ours = 1 + f.pick(3);
      const auto theirs = 1 + f.pick(3);
      for (std::size_t i = 0; i < ours; ++i)
        f.add("i" + std::to_string(i));
      for (std::size_t i = 0; i < theirs; ++i)
        f.add_official(library, "official-" + std::to_string(i), "p0");
      const auto processors = 1 + f.pick(2);
      for (std::size_t p = 0; p < processors; ++p)
        f.leases["p" + std::to_string(p)] = shares(1 + f.pick(24), f.pick(2) == 0 ? "i0" : "");
      ASSERT_LT(f.rounds_to_rest(120), 120U) << "seed " << seed;
      f.expect_fair("p0");
      std::size_t moves = 0;
      for (std::size_t look = 0; look < 3'600 / 13; ++look)
        moves += f.round();
      EXPECT_EQ(moves, 0U) << "seed " << seed;
      ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
}

} // namespace
} // namespace feedcast
