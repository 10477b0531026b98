// What leases cost: 512 of them in a container of 400 request units a second.
#include "leases/keeper.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <iostream>

namespace feedcast {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t lease_count = 512;
constexpr double offer = 400;     // request units a second
constexpr double write_cost = 10; // of a document of half a KiB with hardly an index
constexpr double list_cost = 60;

struct virtual_clock final : clock_source {
  steady_time steady() const override { return steady_time{1h} + passed; }

  wall_time wall() const override { return wall_time{1'767'225'600s} + passed; }

  milliseconds passed{0};
};

/// A container that answers 429 once its units of a second are used up, and a feed where every
/// range moves on all the time.
class metered_store final : public keeper_port {
 public:
  explicit metered_store(const virtual_clock& clock) : clock_(clock) {}

  void open(ticket t) override {
    later([this, t] { keeper->on_opened(t, lease_store_state{true, wall_time{}}); });
  }

  void list(ticket t) override {
    later([this, t]() {
      if (!charge(list_cost))
        return keeper->on_listed(t, throttled());
      lease_listing all;
      for (const auto& [id, l] : leases)
        all.leases.push_back(l);
      all.now = clock_.wall();
      keeper->on_listed(t, std::move(all));
    });
  }

  void read_ranges(ticket t) override {
    later([this, t] {
      std::vector<known_range> ranges;
      for (const auto& [id, l] : leases)
        ranges.push_back({id, {}, *l.keys});
      keeper->on_ranges(t, std::move(ranges));
    });
  }

  void replace(ticket t, lease l) override {
    later([this, t, l = std::move(l)]() mutable {
      if (!charge(write_cost))
        return keeper->on_lease(t, throttled());
      auto& stored = leases.at(l.range_id);
      longest_without_write =
          std::max(longest_without_write,
                   std::chrono::duration_cast<milliseconds>(clock_.wall() - stored.stored_at));
      ++writes;
      l.version = "v" + std::to_string(writes);
      l.stored_at = clock_.wall();
      stored = std::move(l);
      keeper->on_lease(t, stored);
    });
  }

  void start(const lease& l, const range_start& /*from*/) override { reading.insert(l.range_id); }

  void stop(const std::string& range_id) override { reading.erase(range_id); }

  void lock(ticket /*t*/) override { ADD_FAILURE(); }

  void unlock(ticket /*t*/) override { ADD_FAILURE(); }

  void mark(ticket /*t*/, wall_time /*anchor*/) override { ADD_FAILURE(); }

  void create(ticket /*t*/, lease /*l*/) override { ADD_FAILURE(); }

  void read(ticket /*t*/, std::string /*range_id*/) override { ADD_FAILURE(); }

  void remove(ticket /*t*/, lease /*l*/) override { ADD_FAILURE(); }

  void resolve_now(ticket /*t*/, const planned_lease& /*range*/) override { ADD_FAILURE(); }

  void tell(lease_event /*what*/, const std::string& /*range*/,
            const std::string& /*why*/) override {}

  void trouble(const std::string& /*step*/, const error& /*e*/, milliseconds /*wait*/) override {}

  void twin(const std::string& /*range*/, const std::string& /*boot*/) override { ADD_FAILURE(); }

  void answer_all() {
    for (auto n = waiting_.size(); n > 0; --n) {
      const auto answer = std::move(waiting_.front());
      waiting_.pop_front();
      answer();
    }
  }

  lease_keeper* keeper = nullptr;
  std::map<std::string, lease> leases;
  std::set<std::string> reading;
  std::uint64_t writes = 0;
  std::uint64_t refused = 0;
  double used = 0;
  milliseconds longest_without_write{0};

 private:
  static error throttled() { return {errc::throttled, "429", 500ms}; }

  void later(std::function<void()> answer) { waiting_.push_back(std::move(answer)); }

  bool charge(double units) {
    const auto second = clock_.passed / 1s;
    if (second != second_)
      used_in_second_ = 0;
    second_ = second;
    if (used_in_second_ >= offer) {
      ++refused;
      return false;
    }
    used_in_second_ += units;
    used += units;
    return true;
  }

  const virtual_clock& clock_;
  std::deque<std::function<void()>> waiting_;
  std::int64_t second_ = -1;
  double used_in_second_ = 0;
};

struct spending {
  std::size_t owned = 0; ///< leases in the end
  double units_per_second = 0;
  double refused_share = 0;
  milliseconds longest_without_write{0};
};

/// One instance that owns all leases of a feed.
struct lone_instance {
  lone_instance(std::size_t count, double budget) {
    for (std::size_t i = 0; i < count; ++i) {
      lease l;
      char low[16];
      char high[16];
      std::snprintf(low, sizeof low, "%04zX", i * 0x20);
      std::snprintf(high, sizeof high, "%04zX", (i + 1) * 0x20);
      l.range_id = std::to_string(i);
      l.keys = key_span{i == 0 ? "" : low, i + 1 == count ? "FF" : high};
      l.continuation = "\"1\"";
      l.version = "v0";
      l.stored_at = clock.wall();
      store.leases.emplace(l.range_id, std::move(l));
    }
    keeper_options options;
    options.processor = "eu/whisks";
    options.instance = "me";
    options.boot = "1";
    options.budget = budget;
    keeper.emplace(options, store, shares, clock);
    store.keeper = &*keeper;
    keeper->begin();
  }

  void pass(milliseconds time) {
    for (const auto end = clock.passed + time; clock.passed < end; clock.passed += 100ms) {
      store.answer_all();
      keeper->on_tick();
      if (clock.passed.count() % 1000 == 0)
        for (const auto& id : store.reading)
          keeper->settled(id, '"' + std::to_string(clock.passed.count()) + '"');
    }
  }

  virtual_clock clock;
  metered_store store{clock};
  balancer shares{"me", 1};
  std::optional<lease_keeper> keeper;
};

spending of_ten_minutes(double budget) {
  lone_instance me{lease_count, budget};
  me.pass(60s); // taking them all costs what it costs
  me.store.writes = me.store.refused = 0;
  me.store.used = 0;
  me.store.longest_without_write = 0ms;
  const auto owned = me.store.reading.size();
  me.pass(600s);
  EXPECT_GE(me.store.reading.size(), owned) << "none was lost";
  const auto& store = me.store;
  return {store.reading.size(), store.used / 600,
          static_cast<double>(store.refused) / static_cast<double>(store.refused + store.writes),
          store.longest_without_write};
}

TEST(keeper_budget, leases_of_512_ranges_live_in_400_request_units) {
  const auto s = of_ten_minutes(200);
  std::cout << "512 leases, budget 200: " << s.units_per_second << " units/s, refused "
            << 100 * s.refused_share << " %, longest without a write "
            << s.longest_without_write.count() << " ms\n";
  EXPECT_EQ(s.owned, lease_count);
  EXPECT_LE(s.units_per_second, 215) << "the budget, and a list every 13 s";
  EXPECT_LE(s.refused_share, 0.01);
  EXPECT_LT(s.longest_without_write, 40s) << "they expire after 60 s";
}

TEST(keeper_budget, renewals_beyond_the_budget_leave_no_debt) {
  lone_instance me{20, 200};
  me.keeper->cost_of_write(1000); // only what must not wait goes out
  me.pass(300s);
  me.store.writes = 0;
  me.keeper->cost_of_write(10);
  me.pass(60s);
  EXPECT_GE(me.store.writes, 600U) << "20 positions a second are within the budget again";
}

TEST(keeper_budget, without_a_budget_they_starve_each_other) {
  const auto s = of_ten_minutes(0);
  std::cout << "512 leases, no budget: " << s.owned << " owned, refused " << 100 * s.refused_share
            << " %\n";
  EXPECT_GT(s.units_per_second, 380);
  EXPECT_TRUE(s.owned < lease_count || s.refused_share > 0.2);
}

} // namespace
} // namespace feedcast
