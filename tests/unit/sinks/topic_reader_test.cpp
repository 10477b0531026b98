#include "sink_driver.hpp"
#include "sinks/kafka/topic_reader.hpp"

#include <gmock/gmock.h>

namespace feedcast::kafka {
namespace {

using namespace testing;

TEST(topic_reader, reads_from_the_earliest_offset_of_all_partitions) {
  mock_cluster cluster{2};
  cluster.create_topic("t", 3);
  auto options = options_for(cluster.bootstrap());
  options.topic = "t";
  const message_set set{300};
  sink_driver d{options};
  // Before all leaders are known, partitions without one are passed over.
  ASSERT_TRUE(d.poll_until([&] { return d.sink->state().up; }));
  ASSERT_TRUE(d.deliver_all(set));
  const auto read = read_topic(cluster.bootstrap(), "t", 300);
  EXPECT_EQ(read.size(), 300U);
  std::map<std::int32_t, std::int64_t> next_offset;
  for (const auto& m : read)
    EXPECT_EQ(m.offset, next_offset[m.partition]++);
  EXPECT_EQ(next_offset.size(), 3U);
}

TEST(topic_reader, goes_on_after_an_outage) {
  mock_cluster cluster;
  cluster.create_topic("t", 1);
  auto options = options_for(cluster.bootstrap());
  options.topic = "t";
  sink_driver d{options};
  auto reader = std::move(*topic_reader::open(cluster.bootstrap(), "t"));
  EXPECT_TRUE(reader->poll(200ms).empty());
  cluster.set_down();
  EXPECT_TRUE(reader->poll(200ms).empty());
  cluster.set_up();
  const message_set set{1};
  ASSERT_TRUE(d.produce_all(set));
  ASSERT_TRUE(d.poll_until_reported(1));
  std::vector<read_message> read;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (read.empty() && std::chrono::steady_clock::now() < deadline)
    read = reader->poll(500ms);
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].value, set[0].value);
}

TEST(topic_reader, refuses_wrong_properties) {
  const auto reader = topic_reader::open("127.0.0.1:1", "t", {{"no.such.property", "1"}});
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, errc::rejected);
}

} // namespace
} // namespace feedcast::kafka
