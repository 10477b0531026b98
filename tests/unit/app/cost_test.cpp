#include "app/cost/cost.hpp"
#include "app/cost/offer_check.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

namespace feedcast::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// One account, one feed, the targets of these names.
settings::service_config configured(std::initializer_list<const char*> targets = {"eu"}) {
  settings::service_config c;
  c.accounts["main"].database = "openwhisk";
  c.feeds["whisks"].account = "main";
  c.feeds["whisks"].collection = "whisks";
  for (const auto* name : targets)
    c.targets[name].feeds = {"whisks"};
  return c;
}

double sum_of(const std::vector<cost_item>& items, cost_kind kind) {
  double sum = 0;
  for (const auto& i : items)
    sum += i.kind == kind ? i.units : 0;
  return sum;
}

feed_throughput offer(double units, std::uint32_t ranges) {
  return {units, ranges, "the container's offer"};
}

TEST(forecast, at_rest_is_a_poll_per_range_and_longest_wait) {
  auto c = configured();
  c.tuning.poll.max = milliseconds{500};

  const auto items = forecast(c, {.ranges = 4});

  EXPECT_DOUBLE_EQ(sum_of(items, cost_kind::polls), 8);
  EXPECT_DOUBLE_EQ(sum_of(items, cost_kind::changes), 0);
}

TEST(forecast, counts_every_target_because_each_reads_for_itself) {
  const auto items = forecast(configured({"eu", "us"}), {.ranges = 4});

  EXPECT_DOUBLE_EQ(units_of(items, "main", "openwhisk/whisks"), 8);
}

TEST(forecast, of_leases_is_their_renewal_at_rest_and_their_positions_under_load) {
  auto c = configured();
  EXPECT_NEAR(sum_of(forecast(c, {.ranges = 4}), cost_kind::lease_writes), 4 * 10 / 17.0, 0.01);
  EXPECT_NEAR(
      sum_of(forecast(c, {.changes_per_second = 100, .ranges = 4}), cost_kind::lease_writes), 40,
      0.01);
  EXPECT_GT(sum_of(forecast(c, {}), cost_kind::lease_looks), 0);

  c.tuning.leases.request_units = 10;
  EXPECT_DOUBLE_EQ(
      sum_of(forecast(c, {.changes_per_second = 100, .ranges = 4}), cost_kind::lease_writes), 10)
      << "the budget holds";

  c.leases.store = settings::lease_store_kind::file;
  EXPECT_DOUBLE_EQ(sum_of(forecast(c, {}), cost_kind::lease_writes), 0);
}

TEST(forecast, puts_leases_where_they_are_kept) {
  auto c = configured();
  c.accounts["other"].database = "own";
  c.leases.account = "other";
  c.leases.collection = "leases";

  const auto items = forecast(c, {});

  EXPECT_GT(units_of(items, "other", "own/leases"), 0);
  EXPECT_DOUBLE_EQ(units_of(items, "main", "openwhisk/whisks"), 1);
}

TEST(forecast, leaves_out_what_has_no_request_units_and_says_so) {
  auto c = configured();
  c.accounts["couch"].type = "couchdb";
  c.feeds["more"].account = "couch";
  c.targets.at("eu").feeds.emplace_back("more");
  const auto items = forecast(c, {});

  EXPECT_DOUBLE_EQ(sum_of(items, cost_kind::polls), 1);
  for (const auto& i : items)
    EXPECT_EQ(i.account, "main");
  EXPECT_NE(cost_as_text(c, {}).find("account couch has no request units (CouchDB), so that its "
                                     "feeds are left out\n"),
            std::string::npos);

  c.targets.at("eu").feeds = {"more"};
  EXPECT_EQ(cost_as_text(c, {}).find("RU/s or more"), std::string::npos);
}

TEST(forecast, of_changes_grows_with_their_number_and_size) {
  const auto c = configured();
  const auto of = [&](double rate, double bytes) {
    return sum_of(forecast(c, {.changes_per_second = rate, .document_bytes = bytes}),
                  cost_kind::changes);
  };
  EXPECT_DOUBLE_EQ(of(1, 1024), 2) << "a page with one document: a look and a read";
  EXPECT_DOUBLE_EQ(of(10, 1024), 20);
  EXPECT_GT(of(1, 65'536), of(1, 1024));
  EXPECT_LT(of(10'000, 1024), 2'000) << "pages are full by then";
}

TEST(forecast, polls_never_vanish_but_where_changes_come_faster_than_answers) {
  const auto c = configured();
  const auto polls = [&](double rate) {
    return sum_of(forecast(c, {.changes_per_second = rate}), cost_kind::polls);
  };
  EXPECT_DOUBLE_EQ(polls(0), 1);
  EXPECT_NEAR(polls(0.001), 1, 0.05);
  EXPECT_GT(polls(1), 1) << "after a change the waits begin anew";
  EXPECT_DOUBLE_EQ(polls(1000), 0);
}

TEST(cost_report, has_the_same_sums_in_both_forms) {
  const auto c = configured({"eu", "us"});
  const auto text = cost_as_text(c, {.ranges = 4});
  const auto answer = boost::json::parse(cost_as_json(c, {.ranges = 4}));

  const auto container = answer.at("containers").as_array().back();
  EXPECT_EQ(container.at("container").as_string(), "openwhisk/whisks");
  EXPECT_DOUBLE_EQ(container.at("units_per_second").to_number<double>(), 8);
  EXPECT_DOUBLE_EQ(container.at("units_per_month").to_number<double>(), 8 * 730 * 3600.0);
  EXPECT_THAT(text, HasSubstr("8.00  21,024,000\n"));
  EXPECT_EQ(answer.at("least_throughput").to_number<double>(), 20);
  EXPECT_THAT(text, HasSubstr("polls keep their pace where a collection has 20.0 RU/s or more"));
}

TEST(cost_report, says_what_it_assumed) {
  auto c = configured();
  EXPECT_THAT(cost_as_text(c, {.changes_per_second = 5, .document_bytes = 2000, .ranges = 3}),
              HasSubstr("each collection: 3 ranges, 5.00 changes/s of 2000 bytes"));
  EXPECT_THAT(cost_as_text(c, {}), HasSubstr("at most 20% of a collection's throughput"));

  c.tuning.request_units.share = {};
  EXPECT_THAT(cost_as_text(c, {}), HasSubstr("share is off"));
}

TEST(offer_check, tells_what_there_is_and_what_reading_may_take) {
  const auto r = compare_with_offer(configured(), "eu", "whisks", offer(4000, 4));

  EXPECT_EQ(r.text, "4000 RU/s (the container's offer), 1000 a range; reading may take 800");
  EXPECT_THAT(r.warnings, IsEmpty());
}

TEST(offer_check, warns_of_a_share_that_is_too_small_for_the_polls) {
  const auto r = compare_with_offer(configured(), "eu", "whisks", offer(400, 100));

  EXPECT_THAT(r.warnings, ElementsAre(HasSubstr(
                              "tuning.request_units.share (20%) leaves target eu 0.800 RU/s")));
}

TEST(offer_check, warns_of_a_forecast_above_the_offer) {
  auto c = configured({"eu", "us", "asia"});
  c.tuning.poll.max = milliseconds{10};
  c.tuning.poll.min = milliseconds{10};
  c.tuning.request_units.share = {};

  const auto r = compare_with_offer(c, "eu", "whisks", offer(400, 2));

  EXPECT_THAT(r.warnings,
              ElementsAre(HasSubstr("together take 600 RU/s of whisks, more than the 400")));
}

TEST(offer_check, says_what_to_declare_where_nothing_can_be_read) {
  auto c = configured();
  const result<feed_throughput> no = make_error(errc::forbidden, "no right");
  const auto unknown = compare_with_offer(c, "eu", "whisks", no);
  EXPECT_EQ(unknown.text, "can't be read: no right");
  EXPECT_THAT(unknown.warnings, ElementsAre(HasSubstr("declare it as feeds.whisks.throughput")));

  c.feeds["whisks"].throughput = 1000;
  const auto declared = compare_with_offer(c, "eu", "whisks", no);
  EXPECT_EQ(declared.text, "can't be read: no right; 1000 RU/s are declared");
  EXPECT_THAT(declared.warnings, IsEmpty());
}

} // namespace
} // namespace feedcast::app
