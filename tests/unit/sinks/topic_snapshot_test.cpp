#include "sink_driver.hpp"
#include "sinks/kafka/topic_snapshot.hpp"

#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>

#include <map>

namespace feedcast::kafka {
namespace {

using namespace testing;
using ::testing::HasSubstr;

struct topic_snapshot : mock_cluster_test {
  std::vector<read_message> read() {
    std::vector<read_message> all;
    const auto done =
        read_snapshot(options, 20s, [&](read_message m) { all.push_back(std::move(m)); });
    EXPECT_TRUE(done) << to_string(done.error());
    return all;
  }
};

TEST_F(topic_snapshot, is_what_all_partitions_hold_and_then_ends) {
  cluster.create_topic(options.topic, 3);
  EXPECT_TRUE(read().empty());
  const message_set set{200};
  sink_driver d{options};
  // Before all leaders are known, partitions without one are passed over.
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  ASSERT_TRUE(d.deliver_all(set));
  std::map<std::int32_t, std::int64_t> next_offset;
  for (const auto& m : read())
    EXPECT_EQ(m.offset, next_offset[m.partition]++);
  EXPECT_EQ(next_offset.size(), 3U);
  EXPECT_EQ(read().size(), 200U) << "the next one begins at the beginning again";
}

TEST_F(topic_snapshot, of_a_topic_that_is_missing_says_how_to_make_it) {
  cluster.set_topic_error(options.topic, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  const auto done = read_snapshot(options, 10s, [](auto) {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::not_found);
  EXPECT_THAT(done.error().detail, HasSubstr("--create --topic"));
}

TEST_F(topic_snapshot, of_a_cluster_that_is_down_gives_up) {
  cluster.set_down();
  const auto done = read_snapshot(options, 2s, [](auto) {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::unavailable);
}

} // namespace
} // namespace feedcast::kafka
