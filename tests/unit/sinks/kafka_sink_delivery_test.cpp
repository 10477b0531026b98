#include "sink_driver.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace feedcast::kafka {
namespace {

using namespace testing;

struct kafka_sink_delivery : mock_cluster_test {
  std::vector<read_message> read(std::size_t count) {
    return read_topic(options.brokers, options.topic, count);
  }
};

TEST_F(kafka_sink_delivery, stores_fifty_thousand_messages_byte_for_byte) {
  // Spread out: the mock keeps only 5 MiB per partition.
  cluster.create_topic(options.topic, 8);
  const message_set set{50'000};
  sink_driver d{options};
  ASSERT_TRUE(d.produce_all(set));
  ASSERT_TRUE(d.poll_until_reported(50'000));
  EXPECT_EQ(d.count(delivery_outcome::acknowledged), 50'000U);

  std::set<std::pair<std::string, std::string>> expected;
  for (const auto& m : set.all())
    expected.emplace(m.key, m.value);
  std::set<std::pair<std::string, std::string>> stored;
  for (auto& m : read(50'000))
    stored.emplace(std::move(m.key), std::move(m.value));
  EXPECT_EQ(stored.size(), expected.size());
  EXPECT_TRUE(stored == expected);
}

TEST_F(kafka_sink_delivery, reports_each_message_once) {
  cluster.create_topic(options.topic, 4);
  const message_set set{2'000};
  sink_driver d{options};
  ASSERT_TRUE(d.produce_all(set));
  ASSERT_TRUE(d.poll_until_reported(2'000));
  d.poll();
  for (const auto& [ticket, outcomes] : d.outcomes)
    EXPECT_EQ(outcomes.size(), 1U) << ticket;
}

TEST_F(kafka_sink_delivery, stamps_records_with_the_time_of_producing) {
  cluster.create_topic(options.topic, 1);
  const message_set set{1};
  sink_driver d{options};
  const auto before = std::chrono::system_clock::now();
  ASSERT_TRUE(d.produce_all(set));
  const auto after = std::chrono::system_clock::now();
  ASSERT_TRUE(d.poll_until_reported(1));
  const auto stored = read(1);
  ASSERT_EQ(stored.size(), 1U);
  const auto ms = [](auto t) {
    return std::chrono::duration_cast<milliseconds>(t.time_since_epoch()).count();
  };
  EXPECT_GE(stored[0].timestamp_ms, ms(before));
  EXPECT_LE(stored[0].timestamp_ms, ms(after));
}

TEST_F(kafka_sink_delivery, sends_the_id_or_null_or_the_constant_as_key) {
  cluster.create_topic(options.topic, 1);
  const outgoing_message with_key{.value = "a", .key = "guest/hello", .ticket = 1};
  const outgoing_message without_key{.value = "b", .key = {}, .ticket = 2};
  {
    sink_driver d{options};
    EXPECT_EQ(d.sink->produce({&with_key, 1}), 1U);
    EXPECT_EQ(d.sink->produce({&without_key, 1}), 1U);
    ASSERT_TRUE(d.poll_until_reported(2));
  }
  options.key = key_mode::constant;
  {
    sink_driver d{options};
    EXPECT_EQ(d.sink->produce({&with_key, 1}), 1U);
    ASSERT_TRUE(d.poll_until_reported(1));
  }
  std::vector<std::string> keys;
  for (const auto& m : read(3))
    keys.push_back(m.key + "=" + m.value);
  EXPECT_THAT(keys, ::testing::UnorderedElementsAre("guest/hello=a", "=b", "messages=a"));
}

TEST_F(kafka_sink_delivery, puts_the_lsn_into_a_header_if_asked_to) {
  cluster.create_topic(options.topic, 1);
  const auto before = std::chrono::system_clock::now();
  const outgoing_message m{
      .value = "a", .key = "k", .ticket = 7, .lsn = 18'446'744'073'709'551'615U};
  for (const bool asked : {false, true}) {
    options.lsn_header = asked;
    sink_driver d{options};
    EXPECT_EQ(d.sink->produce({&m, 1}), 1U);
    ASSERT_TRUE(d.poll_until_reported(1));
  }
  const auto stored = read(2);
  EXPECT_EQ(stored[0].lsn, std::nullopt);
  EXPECT_EQ(stored[1].lsn, m.lsn);
  EXPECT_EQ(stored[1].key + stored[1].value, "ka");
  EXPECT_GE(stored[1].timestamp_ms,
            std::chrono::duration_cast<milliseconds>(before.time_since_epoch()).count())
      << "the time of producing";
}

TEST_F(kafka_sink_delivery, accepts_a_prefix_when_the_queue_is_full_and_the_rest_later) {
  cluster.create_topic(options.topic, 1);
  options.max_queued_messages = 700; // not a multiple of the chunk
  const message_set set{2'000};
  sink_driver d{options};
  EXPECT_EQ(d.sink->produce(set.all()), 700U);
  EXPECT_EQ(d.sink->produce(set.all().subspan(700)), 0U);
  ASSERT_TRUE(d.poll_until_reported(700));
  for (std::uint64_t ticket = 0; ticket < 700; ++ticket)
    EXPECT_TRUE(d.outcomes.contains(ticket)) << ticket;
  EXPECT_EQ(d.produce_some(set.all().subspan(700)), 700U) << d.sink->state().reason;
}

TEST_F(kafka_sink_delivery, limits_the_queue_by_bytes_but_always_takes_one_message) {
  cluster.create_topic(options.topic, 1);
  options.max_queued_bytes = 1000;
  const message_set big{2, 0, 5'000};
  sink_driver d{options};
  EXPECT_EQ(d.sink->produce(big.all()), 1U);
  ASSERT_TRUE(d.poll_until_reported(1)) << d.sink->state().reason;
  const message_set small{20, 10};
  const auto taken = d.produce_some(small.all());
  EXPECT_GT(taken, 1U) << d.sink->state().reason;
  EXPECT_LT(taken, 20U);
}

TEST_F(kafka_sink_delivery, rings_when_a_report_is_ready) {
  cluster.create_topic(options.topic, 1);
  auto sink = std::move(*kafka_sink::open(options));
  std::mutex mutex;
  std::condition_variable bell;
  int rings = 0;
  sink->on_ready([&] {
    const std::lock_guard lock{mutex};
    ++rings;
    bell.notify_one();
  });
  const message_set set{1};
  std::vector<delivery_report> reports;
  ASSERT_EQ(sink->produce(set.all()), 1U);
  // No periodic poll here: only the bell leads to the report.
  for (int rung = 0; reports.empty();) {
    std::unique_lock lock{mutex};
    ASSERT_TRUE(bell.wait_for(lock, patience, [&] { return rings > rung; }));
    rung = rings;
    lock.unlock();
    sink->poll(reports);
  }
  EXPECT_EQ(reports[0].outcome, delivery_outcome::acknowledged);
}

TEST_F(kafka_sink_delivery, names_a_message_that_is_too_large_and_delivers_the_others) {
  cluster.create_topic(options.topic, 1);
  const message_set small{10};
  const message_set large{1, 100, 2'000'000};
  sink_driver d{options};
  ASSERT_TRUE(d.produce_all(small));
  ASSERT_TRUE(d.produce_all(large));
  ASSERT_TRUE(d.poll_until_reported(11));
  EXPECT_EQ(d.outcomes[100], std::vector{delivery_outcome::undeliverable});
  EXPECT_EQ(d.count(delivery_outcome::acknowledged), 10U);
  EXPECT_EQ(d.sink->state().errors, 1U);
}

TEST_F(kafka_sink_delivery, may_be_closed_with_messages_in_flight_whose_bytes_are_freed_at_once) {
  cluster.create_topic(options.topic, 4);
  for (const auto answer_time : {0ms, 200ms}) {
    cluster.set_round_trip(answer_time);
    for (int round = 0; round < 3; ++round) {
      auto set = std::make_unique<message_set>(5'000);
      {
        sink_driver d{options};
        ASSERT_TRUE(d.produce_all(*set));
      }
      set.reset(); // the address sanitizer sees anybody who still reads
    }
  }
}

TEST_F(kafka_sink_delivery, closes_quickly_while_the_brokers_are_away) {
  cluster.create_topic(options.topic, 1);
  const message_set set{1'000};
  auto d = std::make_unique<sink_driver>(options);
  ASSERT_TRUE(d->poll_until([&] { return d->sink->state().up; }));
  cluster.set_down();
  ASSERT_TRUE(d->poll_until([&] { return !d->sink->state().up; }));
  ASSERT_TRUE(d->produce_all(set));
  const auto start = std::chrono::steady_clock::now();
  d.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

} // namespace
} // namespace feedcast::kafka
