// A catch-up beside the client that the container is there for: how much of its share it takes, and
// what that costs the other one.
#include "tests/governor/other_client.hpp"
#include "tests/governor/shared_account.hpp"

#include <cstdio>

namespace feedcast::testing {
namespace {

constexpr double range_units = 1000;
constexpr double share = 0.2;
constexpr milliseconds warm_up{5'000};
constexpr milliseconds measured{40'000};

struct outcome {
  double of_share = 0; ///< percent
  double refused = 0;  ///< percent of the other client's requests
};

outcome run(shared_account::options o, other_client::load load, bool feedcast) {
  shared_account account{o};
  account.emulated.send("POST", "/dbs/openwhisk/colls/whisks/docs",
                        {{"x-ms-documentdb-partitionkey", R"(["other|one"])"}},
                        R"({"id":"other|one","entityType":"action"})");
  const auto seconds = std::chrono::duration<double>(warm_up + measured).count();
  if (feedcast) { // more than can be read in the time: some 0.2 RU a document
    account.fill(static_cast<std::size_t>(o.units * o.share * seconds / 0.15), 1'000);
    account.start_feedcast();
  }
  other_client other{account.emulated, load, 7};
  account.pass(warm_up, [&] { other.tick(); });
  const auto before = account.units_spent();
  const auto requests = other.requests();
  const auto refused = other.refused();
  account.pass(measured, [&] { other.tick(); });
  outcome out;
  const auto permitted = o.share * o.units * std::chrono::duration<double>(measured).count();
  out.of_share = 100 * (account.units_spent() - before) / permitted;
  if (other.requests() > requests)
    out.refused = 100 * static_cast<double>(other.refused() - refused)
                  / static_cast<double>(other.requests() - requests);
  return out;
}

// The other client's load leaves the share over; nobody can promise as much of one that does not.
TEST(governor, catch_up_reaches_its_share_and_costs_the_other_client_one_point_at_most) {
  const shared_account::options o{.units = range_units, .share = share};
  std::printf("share 20 %% of 1000 RU/s, round trip 20 ms, %lld s\n"
              "other client        catch-up   its 429s without, with feedcast\n",
              static_cast<long long>(measured.count() / 1000));
  for (const other_client::load load :
       {other_client::load{}, other_client::load{.reads = 300, .writes = 20},
        other_client::load{.reads = 400, .writes = 30},
        other_client::load{.reads = 300, .writes = 30, .peak = 1.3, .peak_seconds = 3},
        other_client::load{.reads = 450, .writes = 33}}) {
    const auto alone = run(o, load, false);
    const auto beside = run(o, load, true);
    std::printf("%4.0f RU/s, peaks %4.0f  %6.1f %%  %8.2f %%  %8.2f %%\n", load.units(),
                load.units() * load.peak, beside.of_share, alone.refused, beside.refused);
    EXPECT_GE(beside.of_share, 95);
    EXPECT_LE(beside.of_share, 105);
    EXPECT_LE(beside.refused - alone.refused, 1);
  }
}

TEST(governor, round_trips_do_not_keep_catch_up_from_its_share) {
  for (const auto round_trip : {milliseconds{2}, milliseconds{20}, milliseconds{100}}) {
    const auto r = run({.units = range_units, .share = share, .round_trip = round_trip}, {}, true);
    std::printf("round trip %3lld ms: %.1f %%\n", static_cast<long long>(round_trip.count()),
                r.of_share);
    EXPECT_GE(r.of_share, 95);
    EXPECT_LE(r.of_share, 105);
  }
}

TEST(governor, without_it_catch_up_takes_from_the_other_client) {
  const other_client::load load{.reads = 400, .writes = 30};
  shared_account::options o{.units = range_units, .share = 0};
  shared_account account{o};
  account.emulated.send("POST", "/dbs/openwhisk/colls/whisks/docs",
                        {{"x-ms-documentdb-partitionkey", R"(["other|one"])"}},
                        R"({"id":"other|one","entityType":"action"})");
  account.fill(60'000, 1'000);
  account.start_feedcast();
  other_client other{account.emulated, load, 7};

  account.pass(milliseconds{10'000}, [&] { other.tick(); });

  std::printf("no governor: 429s of the other client %.1f %%\n", other.percent_refused());
  EXPECT_GT(other.percent_refused(), 5);
}

} // namespace
} // namespace feedcast::testing
